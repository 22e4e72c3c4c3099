//! What a form sent: names and values in their order, because the portal's forms repeat names and make new ones.

use actix_web::web;
use platform::http::problem::Problem;

/// Largest form without files, in bytes: twenty members of a household and a long address fit many times.
pub const FORM_MAX_BYTES: usize = 64 * 1024;

/// A posted form, as actix reads it.
pub type Posted = web::Form<Vec<(String, String)>>;

pub struct Input(Vec<(String, String)>);

impl Input {
    pub fn of(posted: Posted) -> Input {
        Input(posted.into_inner())
    }

    /// The first value of this name, without space around it; empty when it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.trim()).unwrap_or_default()
    }

    /// Every value of this name.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(given, value)| given == name && !value.trim().is_empty()).map(|(_, value)| value.trim().to_owned()).collect()
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(given, _)| given == name)
    }

    /// Names that begin with `prefix`, without it, and their values.
    pub fn with_prefix<'i>(&'i self, prefix: &'i str) -> impl Iterator<Item = (&'i str, &'i str)> {
        self.0.iter().filter_map(move |(name, value)| name.strip_prefix(prefix).map(|rest| (rest, value.trim())))
    }

    /// The version that the page was made from.
    pub fn version(&self) -> Result<i32, Problem> {
        version_of(self.text("version"))
    }
}

/// A page always sends the version it was made from; without one nobody can tell what was seen.
pub fn version_of(text: &str) -> Result<i32, Problem> {
    text.trim().parse().map_err(|_| Problem::stale_version())
}

pub fn config() -> web::FormConfig {
    web::FormConfig::default().limit(FORM_MAX_BYTES).error_handler(|error, _| {
        tracing::debug!(%error, "a form could not be read");
        Problem::invalid_field("form", "页面没有送全，请返回上一页再提交一次。填的字太多时请写短一些。").into()
    })
}
