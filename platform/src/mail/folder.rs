//! Letters as files, for the demo and for tests: `20260922-181503-<message>.eml`, readable in any editor and openable in any mail program.
//!
//! Subject and text stand there in plain UTF-8 (RFC 6532, 8bit), which the encoder for real servers would hide in base64. The time in
//! the name is the machine's, not the domain's: it tells when the letter was written out.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};
use lettre::message::Mailbox;

use super::Letter;
use crate::crypto::random_secret;
use crate::time::{Clock, SystemClock, china};

/// Letters of the Message-ID that stand in the file name.
const NAME_ID_CHARS: usize = 12;

/// Between the parts of a letter with HTML; no line of a letter begins like this.
const BOUNDARY: &str = "=_zhengtong-letter-part_=";

#[derive(Clone)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(path: &Path) -> Folder {
        Folder { path: path.to_owned() }
    }

    /// Writes the letter under a name that sorts by time. A reader sees the whole file or none.
    pub(super) async fn write(&self, from: &Mailbox, to: &Mailbox, message_id: &str, letter: &Letter) -> io::Result<()> {
        tokio::fs::create_dir_all(&self.path).await?;
        let now = china(SystemClock.now());
        let id = &message_id.trim_start_matches('<')[..NAME_ID_CHARS];
        // The random letters keep a copy sent within the same second apart from the first.
        let name = format!("{}-{id}-{}", now.format("%Y%m%d-%H%M%S"), random_secret(4));
        let unfinished = self.path.join(format!(".{name}.part"));
        tokio::fs::write(&unfinished, compose(from, to, message_id, letter, now)).await?;
        tokio::fs::rename(&unfinished, self.path.join(format!("{name}.eml"))).await
    }

    pub(super) async fn check(&self) -> io::Result<()> {
        tokio::fs::create_dir_all(&self.path).await?;
        let probe = self.path.join(format!(".probe-{}", random_secret(8)));
        tokio::fs::write(&probe, b"").await?;
        tokio::fs::remove_file(&probe).await
    }
}

fn compose(from: &Mailbox, to: &Mailbox, message_id: &str, letter: &Letter, now: DateTime<FixedOffset>) -> String {
    let mut eml = format!(
        "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: {message_id}\r\nMIME-Version: 1.0\r\n",
        readable(from),
        readable(to),
        letter.subject,
        now.to_rfc2822(),
    );
    let plain = part("plain", &letter.text);
    match &letter.html {
        None => eml.push_str(&plain),
        Some(html) => {
            let html = part("html", html);
            eml.push_str(&format!(
                "Content-Type: multipart/alternative; boundary=\"{BOUNDARY}\"\r\n\r\n\
                 --{BOUNDARY}\r\n{plain}\r\n--{BOUNDARY}\r\n{html}\r\n--{BOUNDARY}--\r\n"
            ));
        }
    }
    eml
}

fn part(subtype: &str, body: &str) -> String {
    let body = body.replace("\r\n", "\n").replace('\n', "\r\n");
    format!("Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n")
}

/// Name and address without the encoding of real headers. Control characters were refused when the address was parsed; a line break in
/// the name would still forge a header, so it becomes a space.
fn readable(mailbox: &Mailbox) -> String {
    match &mailbox.name {
        Some(name) => format!("{} <{}>", name.replace(char::is_control, " "), mailbox.email),
        None => mailbox.email.to_string(),
    }
}
