//! Messages as text files, for the demo and for tests: `20260922-181503-8899-<letters>.txt`, first line the telephone, then the text.
//!
//! The time in the name is the machine's, not the domain's: it tells when the message was written out.

use std::io;
use std::path::{Path, PathBuf};

use crate::crypto::random_secret;
use crate::time::{Clock, SystemClock, china};

/// Last digits of the telephone that stand in the file name.
const NAME_DIGITS: usize = 4;

#[derive(Clone)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(path: &Path) -> Folder {
        Folder { path: path.to_owned() }
    }

    /// Writes one message under a name that sorts by time. A reader sees the whole file or none.
    pub(super) async fn write(&self, telephone: &str, digits: &str, text: &str) -> io::Result<()> {
        tokio::fs::create_dir_all(&self.path).await?;
        let time = china(SystemClock.now()).format("%Y%m%d-%H%M%S");
        let suffix = &digits[digits.len() - NAME_DIGITS..];
        // The random letters keep two messages of one second apart.
        let name = format!("{time}-{suffix}-{}", random_secret(4));
        let unfinished = self.path.join(format!(".{name}.part"));
        tokio::fs::write(&unfinished, format!("{telephone}\n{text}\n")).await?;
        tokio::fs::rename(&unfinished, self.path.join(format!("{name}.txt"))).await
    }

    pub(super) async fn check(&self) -> io::Result<()> {
        tokio::fs::create_dir_all(&self.path).await?;
        let probe = self.path.join(format!(".probe-{}", random_secret(8)));
        tokio::fs::write(&probe, b"").await?;
        tokio::fs::remove_file(&probe).await
    }
}
