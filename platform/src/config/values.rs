//! How the text of a variable becomes a value. Each function answers with the value, or with the words that say what to write instead.

use std::net::SocketAddr;
use std::path::PathBuf;

use url::Url;

use super::{MailTransport, SmsTransport};

pub fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an address and a port, such as 127.0.0.1:8080 or 0.0.0.0:8080".to_owned())
}

pub fn parse_text(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("write a value".to_owned()) } else { Ok(text.to_owned()) }
}

pub fn parse_number(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("write a whole number from {least} to {most}"))
}

pub fn parse_web_url(text: &str) -> Result<Url, String> {
    let cure = || "write an address such as https://zwfw.example.gov.cn".to_owned();
    let url = Url::parse(text).map_err(|_| cure())?;
    let is_plain = matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && url.fragment().is_none();
    if is_plain { Ok(url) } else { Err(cure()) }
}

pub fn parse_database_url(text: &str) -> Result<String, String> {
    let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
    if is_postgres { Ok(text.to_owned()) } else { Err("write postgres://role:password@host:5432/database".to_owned()) }
}

pub fn parse_redis_url(text: &str) -> Result<String, String> {
    let is_redis = ["redis://", "rediss://", "redis+unix://", "unix://"].iter().any(|scheme| text.starts_with(scheme));
    if is_redis { Ok(text.to_owned()) } else { Err("write redis://:password@host:6379/0".to_owned()) }
}

pub fn parse_mail_address(text: &str) -> Result<String, String> {
    if text.contains('@') { Ok(text.to_owned()) } else { Err("write a mail address, such as no-reply@example.gov.cn".to_owned()) }
}

pub fn parse_mail_transport(text: &str) -> Result<MailTransport, String> {
    let is_smtp = text.starts_with("smtp://") || text.starts_with("smtps://");
    match (is_smtp, parse_folder(text)) {
        (true, _) => Ok(MailTransport::Smtp { url: text.to_owned() }),
        (false, Some(folder)) => Ok(MailTransport::Directory(folder)),
        (false, None) => Err("write smtps://user:password@host:465, or file:///folder to keep letters as files".to_owned()),
    }
}

pub fn parse_sms_transport(text: &str) -> Result<SmsTransport, String> {
    if let Some(folder) = parse_folder(text) {
        return Ok(SmsTransport::Directory(folder));
    }
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(SmsTransport::Http { url: text.to_owned() }),
        _ => Err("write https://gateway/path, or file:///folder to keep messages as files".to_owned()),
    }
}

pub fn parse_folder(text: &str) -> Option<PathBuf> {
    Url::parse(text).ok().filter(|url| url.scheme() == "file")?.to_file_path().ok()
}

pub fn parse_data_key(text: &str) -> Result<[u8; 32], String> {
    let cure = || "write 64 hex digits; `openssl rand -hex 32` makes a new key".to_owned();
    hex::decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()).ok_or_else(cure)
}
