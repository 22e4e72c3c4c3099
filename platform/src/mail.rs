//! Mail: letters to people, through a mail server or, where there is none (demo, tests), into a folder.
//!
//! Letters are sent by jobs, never inside a request or a transaction. A job that ran twice sends the same letter twice; both carry the same Message-ID,
//! made from [`Letter::message_key`], so servers and readers recognise the second as a copy.
//!
//! Promises: sending ends within [`SEND_TIMEOUT`]; an error says whether trying again makes sense; neither errors nor logs name an address,
//! a subject or what the server said about them.

mod folder;

use std::time::Duration;

use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::PoolConfig;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::config;
use crate::crypto::sm3;
use folder::Folder;

/// How long connecting to the mail server may take. Its answers have no limit of their own but [`SEND_TIMEOUT`].
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// How long one letter may take from connecting to the last answer.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(60);

/// Connections to the mail server at the same time.
const CONNECTIONS_MAX: u32 = 4;

/// Longest subject in characters; a longer one is a mistake of the caller.
pub const SUBJECT_MAX_CHARS: usize = 200;

/// Bytes of the fingerprint that make up a Message-ID.
const MESSAGE_ID_BYTES: usize = 16;

/// One letter to one person.
#[derive(Clone)]
pub struct Letter {
    /// The address alone (`chen@example.cn`) or with a name (`陈 <chen@example.cn>`).
    pub to: String,
    /// One line of text.
    pub subject: String,
    /// The letter as plain text; complete, because some readers see nothing else.
    pub text: String,
    /// The same letter as HTML.
    pub html: Option<String>,
    /// What this letter is about (`case-id/event-number`); the same key always gives the same Message-ID.
    pub message_key: String,
}

/// Why a letter was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The letter or the configuration is wrong; trying again changes nothing.
    #[error("cannot be sent as it is: {0}")]
    Invalid(&'static str),
    /// The mail server does not want this letter, now or ever.
    #[error("the mail server refused{}", status_text(status))]
    Refused { status: Option<u16> },
    /// The mail server is away or busy; trying again later makes sense.
    #[error("the mail server is not available{}", status_text(status))]
    Unavailable { status: Option<u16> },
    /// The folder for letters cannot be written.
    #[error("the folder for letters: {0}")]
    Folder(#[from] std::io::Error),
}

impl MailError {
    /// Whether the job should try again later.
    pub fn is_worth_retrying(&self) -> bool {
        matches!(self, MailError::Unavailable { .. } | MailError::Folder(_))
    }
}

/// Sends letters the way the configuration says.
#[derive(Clone)]
pub struct Mailer {
    transport: Transport,
    from: Mailbox,
}

#[derive(Clone)]
enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(Folder),
}

impl Mailer {
    /// Reads the configuration; connects only when the first letter is sent.
    ///
    /// `smtps://user:password@host` is TLS from the start, `smtp://…?tls=required` STARTTLS, plain `smtp://` unencrypted.
    pub fn new(config: &config::Mail) -> Result<Mailer, MailError> {
        let from = config.from.parse().map_err(|_| MailError::Invalid("the sender's address"))?;
        let transport = match &config.transport {
            config::MailTransport::Smtp { url } => Transport::Smtp(
                AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
                    .map_err(|_| MailError::Invalid("the address of the mail server"))?
                    .timeout(Some(CONNECT_TIMEOUT))
                    .pool_config(PoolConfig::new().max_size(CONNECTIONS_MAX))
                    .build(),
            ),
            config::MailTransport::Directory(path) => Transport::Folder(Folder::new(path)),
        };
        Ok(Mailer { transport, from })
    }

    /// Sends the letter, or says why not.
    pub async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let to: Mailbox = letter.to.parse().map_err(|_| MailError::Invalid("the recipient's address"))?;
        if letter.subject.chars().count() > SUBJECT_MAX_CHARS || letter.subject.chars().any(char::is_control) {
            return Err(MailError::Invalid("the subject is not one line"));
        }
        let message_id = self.message_id(&letter.message_key);
        match &self.transport {
            Transport::Smtp(smtp) => {
                let message = self.compose(letter, to, message_id)?;
                match tokio::time::timeout(SEND_TIMEOUT, smtp.send(message)).await {
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(error)) => Err(from_smtp(&error)),
                    Err(_) => Err(MailError::Unavailable { status: None }),
                }
            }
            Transport::Folder(folder) => Ok(folder.write(&self.from, &to, &message_id, letter).await?),
        }
    }

    /// Whether letters could be sent now: the server answers and accepts the credentials, or the folder can be written.
    pub async fn check(&self) -> Result<(), MailError> {
        match &self.transport {
            Transport::Smtp(smtp) => match tokio::time::timeout(SEND_TIMEOUT, smtp.test_connection()).await {
                Ok(Ok(true)) => Ok(()),
                Ok(Err(error)) => Err(from_smtp(&error)),
                Ok(Ok(false)) | Err(_) => Err(MailError::Unavailable { status: None }),
            },
            Transport::Folder(folder) => Ok(folder.check().await?),
        }
    }

    fn compose(&self, letter: &Letter, to: Mailbox, message_id: String) -> Result<Message, MailError> {
        let builder = Message::builder().from(self.from.clone()).to(to).subject(letter.subject.clone()).message_id(Some(message_id));
        match &letter.html {
            Some(html) => builder.multipart(MultiPart::alternative_plain_html(letter.text.clone(), html.clone())),
            None => builder.singlepart(SinglePart::plain(letter.text.clone())),
        }
        .map_err(|_| MailError::Invalid("the letter"))
    }

    fn message_id(&self, message_key: &str) -> String {
        let fingerprint = sm3(&[b"message-id/", message_key.as_bytes()]);
        let domain = Address::domain(&self.from.email);
        format!("<{}@{domain}>", hex::encode(&fingerprint[..MESSAGE_ID_BYTES]))
    }
}

/// Only the number of the answer is kept: its text may quote the address.
fn from_smtp(error: &lettre::transport::smtp::Error) -> MailError {
    let status = error.status().map(u16::from);
    if error.is_permanent() { MailError::Refused { status } } else { MailError::Unavailable { status } }
}

fn status_text(status: &Option<u16>) -> String {
    status.map(|status| format!(" ({status})")).unwrap_or_default()
}

#[cfg(test)]
mod tests;
