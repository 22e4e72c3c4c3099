//! What is wrong in a bundle, for the person who wrote it.

use std::fmt;
use std::path::Path;

use crate::catalogue::rules::Severity;

/// One problem, with its place and its cure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleProblem {
    /// File below the folder of the bundle.
    pub file: String,
    /// Line, row or part of the file: `第 12 行`, `steps[2].level`; empty for the whole file.
    pub place: String,
    pub severity: Severity,
    pub message: String,
    pub cure: String,
}

impl BundleProblem {
    pub fn error(file: &str, place: impl Into<String>, message: impl Into<String>, cure: impl Into<String>) -> BundleProblem {
        BundleProblem { file: file.to_string(), place: place.into(), severity: Severity::Error, message: message.into(), cure: cure.into() }
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for BundleProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.is_error() { "错误" } else { "提醒" };
        let place = if self.place.is_empty() { String::new() } else { format!("，{}", self.place) };
        write!(formatter, "{severity}：{}{place}：{}。{}", self.file, self.message, self.cure)
    }
}

/// A path as it is told: the name of the file with its folder, without the way there.
pub fn file_words(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}
