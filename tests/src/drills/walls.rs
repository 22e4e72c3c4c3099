//! The walls of the database, tried without the application in front of them.
//!
//! Two villages in two counties, A (前梁村) and B (史王村), have real cases; every table has rows of both. Then somebody speaks plain SQL as the role
//! that the platform logs in as, takes one scope after the other for A, and tries to see, change, remove and forge the rows of everybody else: first
//! inside the scope, then with the scope badly set, then without any scope. [`rows`] makes what is tried against, [`attempts`] are the tries.
//!
//! What is right is tried too: A sees all of its own rows, or the walls would only be ruins.

mod attempts;
mod rows;

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::Text;
use platform::db::classes::{CITIZEN_TABLES, PLATFORM_TABLES, PUBLISHED_TABLES, TENANT_TABLES};

use self::attempts::Findings;
use super::{Outcome, Size};
use crate::house::House;

/// Tables that belong to the tools and hold no data of anybody; no scope has a grant on them.
const TOOL_TABLES: &[&str] = &["__diesel_schema_migrations"];

/// The drill is the same in both sizes: it takes seconds.
pub async fn run(_: Size) -> anyhow::Result<Outcome> {
    try_walls(&House::new().await).await
}

/// Tries the walls of this house; a test has one with a hole in it.
pub async fn try_walls(house: &House) -> anyhow::Result<Outcome> {
    let parties = rows::prepare(house).await?;
    eprintln!("  every table has rows of both sides");

    let (login_url, superuser) = (house.config.database.url.clone(), house.superuser());
    let findings = tokio::task::spawn_blocking(move || attempts::run(&login_url, superuser, &parties)).await??;
    let uncovered = uncovered(&mut house.superuser(), &findings)?;
    for complaint in &findings.complaints {
        eprintln!("  {complaint}");
    }
    for table in &uncovered {
        eprintln!("  table {table} was not tried: give it a class in platform::db::classes, and rows in this drill");
    }

    let passed = findings.visible == 0
        && findings.writable == 0
        && findings.unscoped_denied
        && findings.complaints.is_empty()
        && uncovered.is_empty();
    let figures = vec![
        ("tables", findings.tables.len().to_string()),
        ("visible", findings.visible.to_string()),
        ("writable", findings.writable.to_string()),
        ("unscoped_denied", if findings.unscoped_denied { "yes" } else { "no" }.to_owned()),
        ("attempts", findings.attempts.to_string()),
        ("complaints", findings.complaints.len().to_string()),
        ("uncovered", uncovered.len().to_string()),
    ];
    Ok(Outcome { figures, passed })
}

/// Tables that a class or the database names and that were not tried.
fn uncovered(superuser: &mut PgConnection, findings: &Findings) -> anyhow::Result<BTreeSet<String>> {
    #[derive(QueryableByName)]
    struct Table {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let there: Vec<Table> =
        diesel::sql_query("SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'").load(superuser)?;
    let classed = [TENANT_TABLES, CITIZEN_TABLES, PUBLISHED_TABLES, PLATFORM_TABLES].concat();
    let known = there.into_iter().map(|table| table.name).chain(classed.into_iter().map(str::to_owned));
    Ok(known.filter(|table| !findings.tables.contains(table.as_str()) && !TOOL_TABLES.contains(&table.as_str())).collect())
}
