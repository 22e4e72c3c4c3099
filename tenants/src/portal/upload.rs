//! A file in a form: the small fields come first, so that a refused page costs no upload; the file is read up to the limit of a paper.

use actix_multipart::{Field, Multipart};
use actix_web::web::{Bytes, BytesMut};
use futures_util::StreamExt;
use platform::http::problem::Problem;
use platform::permit::{Action, Permit};

use super::input::version_of;
use crate::materials::inspect::{NotAPaper, PAPER_MAX_BYTES};

/// A file over the limit is read on and thrown away up to here, in bytes, so that the browser hears why instead of losing the connection.
pub const DISCARDED_MAX_BYTES: usize = 64 * 1024 * 1024;
/// Longest small field, in bytes.
pub const SMALL_FIELD_MAX_BYTES: usize = 1_000;
/// Most parts of one form; ours have four.
pub const PARTS_MAX: usize = 10;

/// What the form asked for.
pub struct Uploaded {
    /// Version of the case that the page was made from.
    pub version: i32,
    pub wish: Wish,
}

pub enum Wish {
    Add(SentFile),
    /// Take this version of the paper away.
    Remove(i32),
    /// No file was chosen, or it cannot be one: the words say what to do.
    Unusable(String),
}

pub struct SentFile {
    pub file_name: String,
    pub media_type: String,
    pub bytes: Bytes,
}

/// Reads the form. The token is checked before a byte of the file is taken in.
pub async fn read<A: Action>(mut form: Multipart, permit: &Permit<A>) -> Result<Uploaded, Problem> {
    let (mut token_is_ours, mut version, mut wish) = (false, None, None);
    for _ in 0..PARTS_MAX {
        let Some(field) = form.next().await else { break };
        let field = field.map_err(|error| broken(&error))?;
        match field.name().unwrap_or_default() {
            "csrf" => {
                permit.check_form_token(&small_text(field).await?)?;
                token_is_ours = true;
            }
            "version" => version = Some(version_of(&small_text(field).await?)?),
            "remove" => wish = Some(Wish::Remove(version_of(&small_text(field).await?)?)),
            "file" => {
                if !token_is_ours {
                    permit.check_form_token("")?;
                }
                wish = Some(file(field).await?);
            }
            _ => drop(small_text(field).await?),
        }
    }
    if !token_is_ours {
        permit.check_form_token("")?;
    }
    let version = version.ok_or_else(Problem::stale_version)?;
    Ok(Uploaded { version, wish: wish.unwrap_or_else(nothing_chosen) })
}

/// "1.2 MB", "340 KB".
pub fn size_words(bytes: i64) -> String {
    const KIB: i64 = 1024;
    const MIB: i64 = KIB * KIB;
    match bytes {
        ..KIB => "不到 1 KB".to_owned(),
        KIB..MIB => format!("{} KB", bytes / KIB),
        _ => format!("{}.{} MB", bytes / MIB, bytes % MIB * 10 / MIB),
    }
}

async fn small_text(mut field: Field) -> Result<String, Problem> {
    let bytes =
        field.bytes(SMALL_FIELD_MAX_BYTES).await.map_err(|_| broken(&"a small field is too long"))?.map_err(|error| broken(&error))?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

async fn file(mut field: Field) -> Result<Wish, Problem> {
    let file_name = field.content_disposition().and_then(|given| given.get_filename()).unwrap_or_default().to_owned();
    let media_type = field.content_type().map(ToString::to_string).unwrap_or_default();
    let (mut bytes, mut size_bytes) = (BytesMut::new(), 0_usize);
    while let Some(piece) = field.next().await {
        let piece = piece.map_err(|error| broken(&error))?;
        size_bytes += piece.len();
        if size_bytes > DISCARDED_MAX_BYTES {
            return Err(Problem::invalid_field("file", too_large(size_bytes)));
        }
        if size_bytes > PAPER_MAX_BYTES {
            bytes = BytesMut::new();
        } else {
            bytes.extend_from_slice(&piece);
        }
    }
    if size_bytes > PAPER_MAX_BYTES {
        return Ok(Wish::Unusable(too_large(size_bytes)));
    }
    if file_name.is_empty() && bytes.is_empty() {
        return Ok(nothing_chosen());
    }
    Ok(Wish::Add(SentFile { file_name, media_type, bytes: bytes.freeze() }))
}

fn nothing_chosen() -> Wish {
    Wish::Unusable("还没有选文件，请先选一张照片或一个 PDF".to_owned())
}

fn too_large(size_bytes: usize) -> String {
    NotAPaper::TooLarge { size_mib: size_bytes.div_ceil(1024 * 1024) }.to_string()
}

fn broken(error: &dyn std::fmt::Display) -> Problem {
    tracing::debug!(%error, "an upload could not be read");
    Problem::invalid_field("file", "文件没有传完整，请再传一次")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_shortly() {
        assert_eq!(size_words(70), "不到 1 KB");
        assert_eq!(size_words(348_160), "340 KB");
        assert_eq!(size_words(1_258_291), "1.1 MB");
        assert_eq!(size_words(20 * 1024 * 1024), "20.0 MB");
    }
}
