//! Reading a bundle from its folder. It promises to go through all files and to tell every problem with its place.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::bundle::{Bundle, BundledMatter};
use super::parts::DivisionRow;
use super::problem::{BundleProblem, file_words};

pub const HEAD_FILE: &str = "bundle.yaml";
pub const DIVISIONS_FILE: &str = "divisions.csv";
pub const DEPARTMENTS_FILE: &str = "departments.yaml";
pub const OFFERINGS_FILE: &str = "offerings.yaml";
pub const DELEGATIONS_FILE: &str = "delegations.yaml";
pub const STAFF_FILE: &str = "staff.yaml";
pub const MATTERS_FOLDER: &str = "matters";
/// A guard against a wrong path; the whole national list of divisions has 40 MB.
pub const FILE_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Reads all files. What they say together is checked by `validate`.
pub fn read(folder: &Path) -> Result<Bundle, Vec<BundleProblem>> {
    let mut problems = Vec::new();
    if !folder.is_dir() {
        let cure = "检查路径，或者用环境变量 ZT_BUNDLES 指明样例所在的目录";
        return Err(vec![BundleProblem::error(&folder.display().to_string(), "", "没有这个目录", cure)]);
    }
    let head = read_yaml(folder, &folder.join(HEAD_FILE), &mut problems);
    let divisions = read_divisions(folder, &mut problems);
    let departments = read_yaml(folder, &folder.join(DEPARTMENTS_FILE), &mut problems);
    let matters = read_matters(folder, &mut problems);
    let offerings = read_yaml(folder, &folder.join(OFFERINGS_FILE), &mut problems);
    let delegations = read_yaml(folder, &folder.join(DELEGATIONS_FILE), &mut problems);
    let staff = read_yaml(folder, &folder.join(STAFF_FILE), &mut problems);
    match (head, departments, offerings, delegations, staff) {
        (Some(head), Some(departments), Some(offerings), Some(delegations), Some(staff)) if problems.is_empty() => {
            Ok(Bundle { head, divisions, departments, matters, offerings, delegations, staff })
        }
        _ => Err(problems),
    }
}

fn read_matters(folder: &Path, problems: &mut Vec<BundleProblem>) -> Vec<BundledMatter> {
    let matters_folder = folder.join(MATTERS_FOLDER);
    let entries = match fs::read_dir(&matters_folder) {
        Ok(entries) => entries,
        Err(error) => {
            problems.push(BundleProblem::error(MATTERS_FOLDER, "", format!("读不了目录：{error}"), "每个事项放一个 .yaml 文件在这里"));
            return Vec::new();
        }
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")).collect();
    // The order of a folder differs from disk to disk.
    paths.sort();
    let read = |path: &PathBuf| {
        let matter = read_yaml(folder, path, problems)?;
        Some(BundledMatter { file: file_words(folder, path), matter })
    };
    paths.iter().filter_map(read).collect()
}

fn read_divisions(folder: &Path, problems: &mut Vec<BundleProblem>) -> Vec<DivisionRow> {
    let Some(text) = read_text(folder, &folder.join(DIVISIONS_FILE), problems) else { return Vec::new() };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut divisions = Vec::new();
    for (index, row) in reader.deserialize::<DivisionRow>().enumerate() {
        match row {
            Ok(division) => divisions.push(division),
            Err(error) => problems.push(BundleProblem::error(
                DIVISIONS_FILE,
                format!("第 {} 行", index + 2),
                error.to_string(),
                "列依次是 id,parent_id,level,name,short_name，代码是 12 位数字",
            )),
        }
    }
    divisions
}

fn read_yaml<T: DeserializeOwned>(folder: &Path, path: &Path, problems: &mut Vec<BundleProblem>) -> Option<T> {
    let text = read_text(folder, path, problems)?;
    match serde_norway::from_str(&text) {
        Ok(value) => Some(value),
        Err(error) => {
            let place = error.location().map_or(String::new(), |location| format!("第 {} 行", location.line()));
            let cure = "对照同目录的 README.md 和别的文件改正；没有列出的键不能用";
            problems.push(BundleProblem::error(&file_words(folder, path), place, error.to_string(), cure));
            None
        }
    }
}

fn read_text(folder: &Path, path: &Path, problems: &mut Vec<BundleProblem>) -> Option<String> {
    let file = file_words(folder, path);
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > FILE_MAX_BYTES => {
            problems.push(BundleProblem::error(&file, "", format!("超过 {FILE_MAX_BYTES} 字节"), "检查是不是放错了文件"));
            return None;
        }
        _ => {}
    }
    match fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) => {
            problems.push(BundleProblem::error(&file, "", format!("读不了：{error}"), "补上这个文件，用 UTF-8 编码"));
            None
        }
    }
}
