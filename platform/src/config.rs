//! The environment, read once into typed structs and passed down from `main`.
//!
//! Promises: nothing else in the program looks at environment variables; every variable stands in [`variables::VARIABLES`]; reading reports
//! *all* mistakes at once, each with the variable, what was found and the cure; no secret appears in `Debug` output or in an error.
//! There are no configuration files and no reloading: a process that should behave differently is started again.

pub mod reading;
mod values;
pub mod variables;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use url::Url;

use self::reading::{Problem, Reader};
use self::values::{
    parse_address, parse_data_key, parse_database_url, parse_mail_address, parse_mail_transport, parse_number, parse_redis_url,
    parse_sms_transport, parse_text, parse_web_url,
};
use self::variables::VARIABLES;

/// Most connections that one process may be told to keep; PostgreSQL itself becomes slow far below this.
pub const POOL_SIZE_MAX: u32 = 1_000;
/// Most HTTP threads; more than this is a slip of the finger.
pub const HTTP_WORKERS_MAX: usize = 1_024;

/// Everything the program takes from outside.
#[derive(Clone)]
pub struct Config {
    pub listen: SocketAddr,
    /// http or https, no query; always ends in a path (at least `/`).
    pub public_url: Url,
    pub database: Database,
    pub redis_url: String,
    pub s3: S3,
    pub mail: Mail,
    pub sms: Sms,
    pub secrets: Secrets,
    pub console_dir: PathBuf,
    /// At least 1.
    pub http_workers: usize,
    pub metrics_listen: Option<SocketAddr>,
}

#[derive(Clone)]
pub struct Database {
    /// Logs in as the role without table grants; scopes take their role from there.
    pub url: String,
    /// Owner of the tables, for migrations; empty where a process must not migrate.
    pub owner_url: String,
    pub pool_size: u32,
}

#[derive(Clone)]
pub struct S3 {
    pub endpoint: String,
    pub region: String,
    pub bucket: String,
    pub access_key: String,
    pub secret_key: String,
}

#[derive(Clone)]
pub struct Mail {
    pub transport: MailTransport,
    pub from: String,
}

#[derive(Clone, PartialEq, Eq)]
pub enum MailTransport {
    Smtp {
        url: String,
    },
    /// Letters become files in this folder.
    Directory(PathBuf),
}

#[derive(Clone)]
pub struct Sms {
    pub transport: SmsTransport,
}

#[derive(Clone, PartialEq, Eq)]
pub enum SmsTransport {
    Http {
        url: String,
    },
    /// Messages become files in this folder.
    Directory(PathBuf),
}

#[derive(Clone)]
pub struct Secrets {
    /// Seals personal data and keys its look-up index.
    pub data_key: [u8; 32],
}

/// All that is wrong with the environment.
#[derive(Debug, thiserror::Error)]
#[error("the settings are not usable:\n{}", .problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError {
    pub problems: Vec<Problem>,
}

impl Config {
    /// Reads every variable through `lookup` (in `main`: `|name| std::env::var(name).ok()`).
    pub fn from_env(lookup: &impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        let mut reader = Reader::new(lookup);
        let listen = reader.read("ZT_LISTEN", parse_address);
        let public_url = reader.read("ZT_PUBLIC_URL", parse_web_url);
        let database_url = reader.read("ZT_DATABASE_URL", parse_database_url);
        let owner_url =
            reader.read("ZT_DATABASE_OWNER_URL", |text| if text.is_empty() { Ok(String::new()) } else { parse_database_url(text) });
        let pool_size = reader.read("ZT_DATABASE_POOL_SIZE", |text| parse_number(text, 1, POOL_SIZE_MAX as usize));
        let redis_url = reader.read("ZT_REDIS_URL", parse_redis_url);
        let endpoint = reader.read("ZT_S3_ENDPOINT", |text| parse_web_url(text).map(|url| url.as_str().trim_end_matches('/').to_owned()));
        let region = reader.read("ZT_S3_REGION", parse_text);
        let bucket = reader.read("ZT_S3_BUCKET", parse_text);
        let access_key = reader.read("ZT_S3_ACCESS_KEY", parse_text);
        let secret_key = reader.read("ZT_S3_SECRET_KEY", parse_text);
        let mail_transport = reader.read("ZT_MAIL_URL", parse_mail_transport);
        let mail_from = reader.read("ZT_MAIL_FROM", parse_mail_address);
        let sms_transport = reader.read("ZT_SMS_URL", parse_sms_transport);
        let data_key = reader.read("ZT_DATA_KEY", parse_data_key);
        let console_dir = reader.read("ZT_CONSOLE_DIR", |text| parse_text(text).map(PathBuf::from));
        let http_workers = reader.read("ZT_HTTP_WORKERS", |text| match parse_number(text, 0, HTTP_WORKERS_MAX)? {
            0 => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
            number => Ok(number),
        });
        let metrics_listen =
            reader.read("ZT_METRICS_LISTEN", |text| if text.is_empty() { Ok(None) } else { parse_address(text).map(Some) });
        let problems = reader.problems;
        let assemble = || {
            Some(Config {
                listen: listen?,
                public_url: public_url?,
                database: Database {
                    url: database_url?,
                    owner_url: owner_url?,
                    pool_size: u32::try_from(pool_size?).expect("parse_number kept it within POOL_SIZE_MAX"),
                },
                redis_url: redis_url?,
                s3: S3 { endpoint: endpoint?, region: region?, bucket: bucket?, access_key: access_key?, secret_key: secret_key? },
                mail: Mail { transport: mail_transport?, from: mail_from? },
                sms: Sms { transport: sms_transport? },
                secrets: Secrets { data_key: data_key? },
                console_dir: console_dir?,
                http_workers: http_workers?,
                metrics_listen: metrics_listen?,
            })
        };
        assemble().ok_or(ConfigError { problems })
    }

    /// The same settings as variables, for starting another process with them; contains the secrets in the clear.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let metrics_listen = self.metrics_listen.map(|address| address.to_string()).unwrap_or_default();
        let values = vec![
            ("ZT_LISTEN", self.listen.to_string()),
            ("ZT_PUBLIC_URL", self.public_url.to_string()),
            ("ZT_DATABASE_URL", self.database.url.clone()),
            ("ZT_DATABASE_OWNER_URL", self.database.owner_url.clone()),
            ("ZT_DATABASE_POOL_SIZE", self.database.pool_size.to_string()),
            ("ZT_REDIS_URL", self.redis_url.clone()),
            ("ZT_S3_ENDPOINT", self.s3.endpoint.clone()),
            ("ZT_S3_REGION", self.s3.region.clone()),
            ("ZT_S3_BUCKET", self.s3.bucket.clone()),
            ("ZT_S3_ACCESS_KEY", self.s3.access_key.clone()),
            ("ZT_S3_SECRET_KEY", self.s3.secret_key.clone()),
            ("ZT_MAIL_URL", self.mail.transport.to_string()),
            ("ZT_MAIL_FROM", self.mail.from.clone()),
            ("ZT_SMS_URL", self.sms.transport.to_string()),
            ("ZT_DATA_KEY", hex::encode(self.secrets.data_key)),
            ("ZT_CONSOLE_DIR", self.console_dir.display().to_string()),
            ("ZT_HTTP_WORKERS", self.http_workers.to_string()),
            ("ZT_METRICS_LISTEN", metrics_listen),
        ];
        debug_assert_eq!(values.len(), VARIABLES.len(), "every variable has a value to pass on");
        values
    }
}

impl fmt::Display for MailTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MailTransport::Smtp { url } => formatter.write_str(url),
            MailTransport::Directory(folder) => formatter.write_str(&folder_url(folder)),
        }
    }
}

impl fmt::Display for SmsTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SmsTransport::Http { url } => formatter.write_str(url),
            SmsTransport::Directory(folder) => formatter.write_str(&folder_url(folder)),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Config");
        for ((name, value), variable) in self.environment().iter().zip(VARIABLES) {
            let is_hidden = variable.secret && !value.is_empty();
            shown.field(name, if is_hidden { &"(secret)" } else { value });
        }
        shown.finish()
    }
}

/// The parts can be held by other structs that derive `Debug`, so each of them keeps its secrets to itself as well.
macro_rules! debug_without_values {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(concat!(stringify!($name), " { .. }"))
            }
        }
    )*};
}
debug_without_values!(Database, S3, Mail, MailTransport, Sms, SmsTransport, Secrets);

fn folder_url(folder: &std::path::Path) -> String {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    Url::from_file_path(&absolute).map_or_else(|()| format!("file://{}", absolute.display()), String::from)
}

#[cfg(test)]
mod tests;
