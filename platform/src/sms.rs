//! Short messages: one text to one telephone, through a gateway or, where there is none (demo, tests), into a folder.
//!
//! The platform knows no provider. It posts `{"telephone": …, "text": …}` to one URL inside the government network; what stands there speaks to
//! the province's message platform in whatever dialect that has. Messages are sent by jobs, never inside a request or a transaction.
//!
//! Promises: sending ends within [`SEND_TIMEOUT`]; an error says whether trying again makes sense; neither errors nor logs contain the
//! telephone or the text.

mod folder;
mod http_gateway;
pub mod one_time_code;

use std::time::Duration;

use crate::config;
use folder::Folder;
use http_gateway::HttpGateway;

/// How long one message may take.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(15);

/// Longest text in characters: what gateways here send as one long message (eight parts of 67).
pub const TEXT_MAX_CHARS: usize = 536;

/// Digits of a telephone number (E.164 allows 15; the shortest service numbers have 5).
const TELEPHONE_DIGITS: std::ops::RangeInclusive<usize> = 5..=15;

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SmsError {
    /// The message or the configuration is wrong; trying again changes nothing.
    #[error("cannot be sent as it is: {0}")]
    Invalid(&'static str),
    /// The gateway does not want this message.
    #[error("the gateway refused ({status})")]
    Refused { status: u16 },
    /// The gateway is away or busy; trying again later makes sense.
    #[error("the gateway is not available{}", status.map(|status| format!(" ({status})")).unwrap_or_default())]
    Unavailable { status: Option<u16> },
    /// The folder for messages cannot be written.
    #[error("the folder for messages: {0}")]
    Folder(#[from] std::io::Error),
}

impl SmsError {
    /// Whether the job should try again later.
    pub fn is_worth_retrying(&self) -> bool {
        matches!(self, SmsError::Unavailable { .. } | SmsError::Folder(_))
    }
}

/// Sends short messages the way the configuration says.
#[derive(Clone)]
pub struct SmsGateway {
    transport: Transport,
}

#[derive(Clone)]
enum Transport {
    Http(HttpGateway),
    Folder(Folder),
}

impl SmsGateway {
    /// Reads the configuration; connects only when the first message is sent.
    pub fn new(config: &config::Sms) -> Result<SmsGateway, SmsError> {
        let transport = match &config.transport {
            config::SmsTransport::Http { url } => Transport::Http(HttpGateway::new(url)?),
            config::SmsTransport::Directory(path) => Transport::Folder(Folder::new(path)),
        };
        Ok(SmsGateway { transport })
    }

    /// Sends `text` to `telephone` (digits, with or without a leading +).
    pub async fn send(&self, telephone: &str, text: &str) -> Result<(), SmsError> {
        let digits = telephone.strip_prefix('+').unwrap_or(telephone);
        if !TELEPHONE_DIGITS.contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(SmsError::Invalid("the telephone number"));
        }
        if text.is_empty() || text.chars().count() > TEXT_MAX_CHARS {
            return Err(SmsError::Invalid("the text is empty or too long"));
        }
        match &self.transport {
            Transport::Http(gateway) => tokio::time::timeout(SEND_TIMEOUT, gateway.send(telephone, text))
                .await
                .unwrap_or(Err(SmsError::Unavailable { status: None })),
            Transport::Folder(folder) => Ok(folder.write(telephone, digits, text).await?),
        }
    }

    /// Whether messages could be sent now: something listens at the gateway's address, or the folder can be written. No message is sent.
    pub async fn check(&self) -> Result<(), SmsError> {
        match &self.transport {
            Transport::Http(gateway) => {
                tokio::time::timeout(SEND_TIMEOUT, gateway.check()).await.unwrap_or(Err(SmsError::Unavailable { status: None }))
            }
            Transport::Folder(folder) => Ok(folder.check().await?),
        }
    }
}

#[cfg(test)]
mod tests;
