//! Looks at a file before it counts as a paper: its content decides what it is, never its name or what the sender calls it.

/// Largest paper, in bytes; a page scanned at 300 dpi in colour is some 3 MB.
pub const PAPER_MAX_BYTES: usize = 20 * 1024 * 1024;
/// Most pages of one PDF.
pub const PAPER_MAX_PAGES: i32 = 200;
/// Longest side of a picture in pixels; larger ones are an attack on the viewer, not a scan.
pub const PICTURE_MAX_SIDE_PX: usize = 20_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inspected {
    pub media_type: &'static str,
    pub pages: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAPaper {
    #[error("这个文件是空的，请重新选择")]
    Empty,
    #[error("文件有 {size_mib} MB，超过了 {} MB。请用较低的清晰度重新拍照或扫描", PAPER_MAX_BYTES / 1024 / 1024)]
    TooLarge { size_mib: usize },
    #[error("只收 JPEG、PNG 图片和 PDF 文件。这个文件看内容不是其中任何一种，请重新拍照或扫描")]
    UnknownType,
    #[error("文件的内容是 {found}，和它自称的 {claimed} 不一样，请重新选择")]
    FalseType { found: &'static str, claimed: String },
    #[error("文件打不开，可能没有传完整，请重新拍照或扫描")]
    Broken,
    #[error("这个 PDF 有 {pages} 页，超过了 {PAPER_MAX_PAGES} 页，请分成几份")]
    TooManyPages { pages: usize },
}

/// `claimed` is the content type that the sender names; it must agree with the content.
pub fn inspect(bytes: &[u8], claimed: &str) -> Result<Inspected, NotAPaper> {
    if bytes.is_empty() {
        return Err(NotAPaper::Empty);
    }
    if bytes.len() > PAPER_MAX_BYTES {
        return Err(NotAPaper::TooLarge { size_mib: bytes.len().div_ceil(1024 * 1024) });
    }
    let found = media_type_of(bytes).ok_or(NotAPaper::UnknownType)?;
    let claimed = claimed.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if claimed != found {
        return Err(NotAPaper::FalseType { found, claimed });
    }
    let pages = if found == "application/pdf" { pages_of_pdf(bytes)? } else { picture(bytes)? };
    Ok(Inspected { media_type: found, pages })
}

fn media_type_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some("image/png"),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
        _ => None,
    }
}

fn picture(bytes: &[u8]) -> Result<i32, NotAPaper> {
    let size = imagesize::blob_size(bytes).map_err(|_| NotAPaper::Broken)?;
    let readable = (1..=PICTURE_MAX_SIDE_PX).contains(&size.width) && (1..=PICTURE_MAX_SIDE_PX).contains(&size.height);
    if readable { Ok(1) } else { Err(NotAPaper::Broken) }
}

fn pages_of_pdf(bytes: &[u8]) -> Result<i32, NotAPaper> {
    let document = lopdf::Document::load_mem(bytes).map_err(|_| NotAPaper::Broken)?;
    let pages = document.get_pages().len();
    match i32::try_from(pages) {
        Ok(0) => Err(NotAPaper::Broken),
        Ok(count) if count <= PAPER_MAX_PAGES => Ok(count),
        _ => Err(NotAPaper::TooManyPages { pages }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = &[
        0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 2, 0, 0, 0, 3, 8, 2, 0, 0, 0, 0, 0,
        0, 0,
    ];

    #[test]
    fn a_picture_is_known_by_its_content() {
        assert_eq!(inspect(PNG, "image/png"), Ok(Inspected { media_type: "image/png", pages: 1 }));
        assert_eq!(inspect(PNG, "image/jpeg"), Err(NotAPaper::FalseType { found: "image/png", claimed: "image/jpeg".to_owned() }));
    }

    #[test]
    fn what_is_not_a_paper_is_refused() {
        assert_eq!(inspect(b"", "image/png"), Err(NotAPaper::Empty));
        assert_eq!(inspect(b"MZ\x90\x00", "image/png"), Err(NotAPaper::UnknownType));
        assert_eq!(inspect(b"<svg onload=alert(1)>", "image/png"), Err(NotAPaper::UnknownType));
        assert_eq!(inspect(b"%PDF-1.7 and nothing more", "application/pdf"), Err(NotAPaper::Broken));
        assert_eq!(inspect(&vec![0xFF; PAPER_MAX_BYTES + 1], "image/jpeg"), Err(NotAPaper::TooLarge { size_mib: 21 }));
    }
}
