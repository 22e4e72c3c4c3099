//! Logs: one line an event on standard error, JSON when `ZT_LOG_FORMAT=json`; `RUST_LOG` chooses what is said.

use tracing_subscriber::EnvFilter;

/// Called once by a program's main function; a second call changes nothing.
pub fn init() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,aws_config=warn,aws_smithy_runtime=warn,s3s=warn,actix_server=warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let json = std::env::var("ZT_LOG_FORMAT").is_ok_and(|format| format == "json");
    let done = if json { builder.json().try_init() } else { builder.try_init() };
    if done.is_err() {
        tracing::debug!("logging was set up before");
    }
}
