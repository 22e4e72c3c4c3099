//! The one table of environment variables: read by [`super::Config::from_env`], printed by `zhengtong doctor`, and checked against
//! docs/OPERATIONS.md by a test, so that the three cannot drift apart.

/// One environment variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    pub name: &'static str,
    /// What the value is measured in or how it is written: `URL`, `host:port`, `connections`.
    pub unit: &'static str,
    /// `None`: must be given. `Some("")`: may stay empty. Otherwise the value used when the variable is absent.
    pub default: Option<&'static str>,
    pub help: &'static str,
    /// The value is never printed, and may also come from the file named by `<name>_FILE`.
    pub secret: bool,
}

pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "ZT_LISTEN",
        unit: "address:port",
        default: Some("127.0.0.1:8080"),
        help: "where `serve` accepts HTTP",
        secret: false,
    },
    Variable {
        name: "ZT_PUBLIC_URL",
        unit: "URL",
        default: Some("http://127.0.0.1:8080"),
        help: "the address people type; used in links, QR codes and cookies (https makes them Secure)",
        secret: false,
    },
    Variable {
        name: "ZT_DATABASE_URL",
        unit: "URL",
        default: None,
        help: "PostgreSQL as the login role without table grants (zt_login)",
        secret: true,
    },
    Variable {
        name: "ZT_DATABASE_OWNER_URL",
        unit: "URL",
        default: Some(""),
        help: "PostgreSQL as the owner of the tables; needed by `migrate` only",
        secret: true,
    },
    Variable {
        name: "ZT_DATABASE_POOL_SIZE",
        unit: "connections",
        default: Some("16"),
        help: "most connections one process keeps (1 to 1000)",
        secret: false,
    },
    Variable { name: "ZT_REDIS_URL", unit: "URL", default: None, help: "Redis 7 for sessions, limits and announcements", secret: true },
    Variable { name: "ZT_S3_ENDPOINT", unit: "URL", default: None, help: "object storage, addressed in path style", secret: false },
    Variable { name: "ZT_S3_REGION", unit: "text", default: Some("us-east-1"), help: "region used in signatures", secret: false },
    Variable {
        name: "ZT_S3_BUCKET",
        unit: "text",
        default: Some("zhengtong"),
        help: "bucket for scans and documents; it must exist",
        secret: false,
    },
    Variable { name: "ZT_S3_ACCESS_KEY", unit: "text", default: None, help: "object storage access key", secret: false },
    Variable { name: "ZT_S3_SECRET_KEY", unit: "text", default: None, help: "object storage secret key", secret: true },
    Variable {
        name: "ZT_MAIL_URL",
        unit: "URL",
        default: None,
        help: "smtp://user:password@host:port, smtps://…, or file:///folder to write letters to files",
        secret: true,
    },
    Variable { name: "ZT_MAIL_FROM", unit: "mail address", default: Some("no-reply@localhost"), help: "sender of letters", secret: false },
    Variable {
        name: "ZT_SMS_URL",
        unit: "URL",
        default: None,
        help: "https://gateway/path that takes messages, or file:///folder to write them to files",
        secret: true,
    },
    Variable {
        name: "ZT_DATA_KEY",
        unit: "64 hex digits",
        default: None,
        help: "key that seals personal data; losing it loses that data",
        secret: true,
    },
    Variable { name: "ZT_CONSOLE_DIR", unit: "folder", default: Some("tenants/console/dist"), help: "the built console", secret: false },
    Variable {
        name: "ZT_HTTP_WORKERS",
        unit: "threads",
        default: Some("0"),
        help: "threads that answer HTTP; 0 means one for each processor",
        secret: false,
    },
    Variable {
        name: "ZT_METRICS_LISTEN",
        unit: "address:port",
        default: Some(""),
        help: "where metrics are served; empty means nowhere",
        secret: false,
    },
];

/// Names that begin with `ZT_` and mean nothing here: almost always a misspelling, which `doctor` points out.
pub fn unknown_names(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let is_known = |name: &str| {
        VARIABLES.iter().any(|variable| variable.name == name || (variable.secret && name.strip_suffix("_FILE") == Some(variable.name)))
    };
    names.into_iter().filter(|name| name.starts_with("ZT_") && !is_known(name)).collect()
}
