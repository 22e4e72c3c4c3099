//! Finds the programs of PostgreSQL and Redis on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::{Result, StackError};

/// Where Debian and its relatives keep one folder for each version of PostgreSQL.
const VERSIONED_FOLDER: &str = "/usr/lib/postgresql";
/// The oldest PostgreSQL the migrations are written for.
const POSTGRES_MAJOR_LEAST: u32 = 15;

/// The programs of one installed PostgreSQL.
#[derive(Debug, Clone)]
pub struct PostgresPrograms {
    pub initdb: PathBuf,
    pub postgres: PathBuf,
    pub major: u32,
}

/// The first suitable PostgreSQL of PATH, `pg_config --bindir` and /usr/lib/postgresql (newest first).
/// An existing cluster can only be served by the version that made it: `made_by` narrows the choice to that one.
pub fn find_postgres(made_by: Option<u32>, cluster: &Path) -> Result<PostgresPrograms> {
    let folders = postgres_folders();
    for folder in &folders {
        let (initdb, postgres) = (folder.join("initdb"), folder.join("postgres"));
        if !initdb.is_file() || !postgres.is_file() {
            continue;
        }
        match major_version(&postgres) {
            Some(major) if made_by.map_or(major >= POSTGRES_MAJOR_LEAST, |wanted| wanted == major) => {
                return Ok(PostgresPrograms { initdb, postgres, major });
            }
            _ => continue,
        }
    }
    match made_by {
        Some(major) => Err(StackError::OtherVersion { directory: cluster.to_owned(), major }),
        None => Err(StackError::ProgramMissing {
            program: "PostgreSQL 15 or newer",
            looked: folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", "),
        }),
    }
}

/// `program` in PATH or in the folders of system programs, which a plain user's PATH often lacks.
pub fn find_program(program: &'static str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/bin", "/usr/sbin", "/usr/local/bin"].map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

pub fn find_redis() -> Result<PathBuf> {
    find_program("redis-server")
        .or_else(|| find_program("valkey-server"))
        .ok_or(StackError::ProgramMissing { program: "redis-server", looked: "PATH, /usr/bin, /usr/sbin".into() })
}

fn postgres_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    // Resolved, because a link in /usr/local/bin may stand there without its sister programs.
    let in_path = find_program("postgres").and_then(|program| program.canonicalize().ok());
    folders.extend(in_path.and_then(|program| program.parent().map(Path::to_owned)));
    let told = find_program("pg_config").and_then(|program| Command::new(program).arg("--bindir").output().ok());
    folders.extend(told.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())));
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(VERSIONED_FOLDER)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    folders.extend(versions.into_iter().map(|(_, folder)| folder));
    let mut unique: Vec<PathBuf> = Vec::new();
    for folder in folders {
        if !unique.contains(&folder) {
            unique.push(folder);
        }
    }
    unique
}

/// `postgres (PostgreSQL) 15.20 (Debian …)` → 15.
fn major_version(postgres: &Path) -> Option<u32> {
    let output = Command::new(postgres).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    number.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}
