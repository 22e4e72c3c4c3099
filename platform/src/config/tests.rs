//! What an operator meets: the least that works, every mistake at once, and no secret in sight.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

use super::variables::{VARIABLES, unknown_names};
use super::{Config, ConfigError, SmsTransport};

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn least() -> HashMap<String, String> {
    [
        ("ZT_DATABASE_URL", "postgres://zt_login:hidden-word@db/zhengtong"),
        ("ZT_REDIS_URL", "redis://:hidden-word@cache:6379/0"),
        ("ZT_S3_ENDPOINT", "http://store:9000/"),
        ("ZT_S3_ACCESS_KEY", "reader"),
        ("ZT_S3_SECRET_KEY", "hidden-word"),
        ("ZT_MAIL_URL", "smtps://post:hidden-word@mail:465"),
        ("ZT_SMS_URL", "file:///var/spool/sms"),
        ("ZT_DATA_KEY", KEY),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn read(values: &HashMap<String, String>) -> Result<Config, ConfigError> {
    Config::from_env(&|name: &str| values.get(name).cloned())
}

#[test]
fn the_least_that_must_be_given_is_enough() {
    let config = read(&least()).expect("the least is enough");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.s3.endpoint, "http://store:9000");
    assert_eq!(config.database.owner_url, "");
    assert!(config.sms.transport == SmsTransport::Directory(PathBuf::from("/var/spool/sms")));
    assert!(config.http_workers >= 1);
    assert_eq!(config.metrics_listen, None);
}

#[test]
fn an_empty_environment_names_every_missing_variable_at_once() {
    let error = read(&HashMap::new()).expect_err("nothing is set");
    let named: Vec<_> = error.problems.iter().map(|problem| problem.variable).collect();
    let required: Vec<_> = VARIABLES.iter().filter(|variable| variable.default.is_none()).map(|variable| variable.name).collect();
    assert_eq!(named, required);
    assert!(error.to_string().contains("ZT_DATA_KEY (or ZT_DATA_KEY_FILE)"), "{error}");
}

#[test]
fn a_wrong_value_is_shown_with_its_cure_unless_it_is_a_secret() {
    let mut values = least();
    values.insert("ZT_LISTEN".into(), "everywhere".into());
    values.insert("ZT_DATA_KEY".into(), "abc".into());
    values.insert("ZT_DATABASE_POOL_SIZE".into(), "0".into());
    let text = read(&values).expect_err("three mistakes").to_string();
    assert!(text.contains("ZT_LISTEN: found \"everywhere\"; write an address"), "{text}");
    assert!(text.contains("ZT_DATA_KEY: found a secret of 3 characters; write 64 hex digits"), "{text}");
    assert!(text.contains("from 1 to 1000"), "{text}");
    assert!(!text.contains("abc"), "{text}");
}

#[test]
fn a_secret_may_come_from_a_file_but_not_from_both() {
    let mut file = tempfile::NamedTempFile::new().expect("temporary file");
    writeln!(file, "{KEY}").expect("write");
    let mut values = least();
    values.remove("ZT_DATA_KEY");
    values.insert("ZT_DATA_KEY_FILE".into(), file.path().display().to_string());
    assert_eq!(hex::encode(read(&values).expect("from a file").secrets.data_key), KEY);
    values.insert("ZT_DATA_KEY".into(), KEY.into());
    assert!(read(&values).expect_err("both").to_string().contains("keep only one of the two"));
}

#[test]
fn passing_the_settings_on_changes_nothing() {
    let config = read(&least()).expect("the least is enough");
    let passed_on: HashMap<_, _> = config.environment().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let again = read(&passed_on).expect("what we pass on is readable");
    assert_eq!(config.environment(), again.environment());
}

#[test]
fn values_are_passed_on_in_the_order_of_the_table() {
    let names: Vec<_> = read(&least()).expect("config").environment().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, VARIABLES.iter().map(|variable| variable.name).collect::<Vec<_>>());
}

#[test]
fn debug_output_keeps_secrets() {
    let config = read(&least()).expect("config");
    let shown = format!("{config:?} {:?} {:?} {:?} {:?}", config.database, config.s3, config.mail, config.secrets);
    assert!(!shown.contains("hidden-word") && !shown.contains(KEY), "{shown}");
    assert!(shown.contains("http://store:9000"), "{shown}");
}

#[test]
fn misspelt_variables_are_noticed() {
    let names = ["ZT_LISTN", "ZT_DATA_KEY_FILE", "ZT_LISTEN_FILE", "PATH", "ZT_LISTEN"].map(String::from);
    assert_eq!(unknown_names(names), ["ZT_LISTN", "ZT_LISTEN_FILE"]);
}

#[test]
fn the_operations_page_lists_every_variable() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/OPERATIONS.md")).expect("page");
    for variable in VARIABLES {
        let default = match variable.default {
            None => "required".to_owned(),
            Some("") => "empty".to_owned(),
            Some(value) => format!("`{value}`"),
        };
        let secret = if variable.secret { "yes" } else { "" };
        let row = format!("| `{}` | {} | {default} | {secret} | {} |", variable.name, variable.unit, variable.help);
        assert!(page.contains(&row), "docs/OPERATIONS.md lacks this row:\n{row}");
    }
}
