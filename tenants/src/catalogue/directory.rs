//! The published directory as a running platform reads it: matters by version, and who offers which.
//!
//! A published version never changes, so it is read once and kept. Offerings are read for the chain of a place: the nearest tenant that
//! offers a matter is the one whose offering counts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use diesel::prelude::*;
use moka::sync::Cache;
use platform::db::{Db, DbError, PlatformTx};
use platform::http::problem::Problem;
use platform::tenant::{LEVEL_TOWN, Snapshot, Tenant};

use super::matter::{Matter, MatterStatus};
use super::schema::{directory_matter, offering};

/// Versions of matters held at once; a province has some thousands.
pub const VERSIONS_HELD: u64 = 20_000;
/// Department lists held at once, one for each tenant.
pub const DEPARTMENT_LISTS_HELD: u64 = 50_000;

#[derive(Clone)]
pub struct Directory {
    db: Db,
    versions: Cache<(String, i32), Arc<Matter>>,
    departments: Cache<i64, Arc<Vec<Department>>>,
}

#[derive(Debug, Clone, Queryable)]
pub struct Department {
    pub tenant_id: i64,
    pub code: String,
    pub name: String,
    pub short_name: String,
}

/// A matter as one place offers it.
#[derive(Debug, Clone)]
pub struct Offered {
    pub matter: Arc<Matter>,
    pub version: i32,
    /// Tenant whose offering it is.
    pub offered_by: i64,
    /// False where the offering is suspended: its guide can be read, nothing can be filed.
    pub open: bool,
}

impl Directory {
    pub fn new(db: Db) -> Directory {
        Directory { db, versions: Cache::new(VERSIONS_HELD), departments: Cache::new(DEPARTMENT_LISTS_HELD) }
    }

    /// A published version; one that does not exist is an inconsistency, not a user's mistake.
    pub async fn get_version(&self, basic_code: &str, version: i32) -> Result<Arc<Matter>, Problem> {
        let key = (basic_code.to_owned(), version);
        if let Some(matter) = self.versions.get(&key) {
            return Ok(matter);
        }
        let code = basic_code.to_owned();
        let definition = self.db.platform(move |tx| read_version(tx.conn, &code, version)).await.map_err(Problem::from)?;
        self.keep(key, definition)
    }

    /// The same inside a transaction that is open already; every scope may read the directory.
    pub fn get_version_in(&self, conn: &mut PgConnection, basic_code: &str, version: i32) -> Result<Arc<Matter>, Problem> {
        let key = (basic_code.to_owned(), version);
        if let Some(matter) = self.versions.get(&key) {
            return Ok(matter);
        }
        let definition = read_version(conn, &key.0, version)?;
        self.keep(key, definition)
    }

    fn keep(&self, key: (String, i32), definition: serde_json::Value) -> Result<Arc<Matter>, Problem> {
        let matter: Arc<Matter> = Arc::new(serde_json::from_value(definition).map_err(|error| Problem::internal(&error))?);
        self.versions.insert(key, matter.clone());
        Ok(matter)
    }

    /// Everything that can be applied for at a place, nearest offering first; `chain` is the place's tenant and everything above it.
    pub async fn list_offered(&self, chain: &[Arc<Tenant>]) -> Result<Vec<Offered>, Problem> {
        // A village offers what its town does: a county's offering does not reach into a town that has none of its own.
        let own = chain.first();
        let organ = chain.iter().find(|tenant| tenant.level <= LEVEL_TOWN);
        let ids: Vec<i64> = own.into_iter().chain(organ).map(|tenant| tenant.id).collect();
        let rows: Vec<(i64, String, i32, String)> = self.db.platform(move |tx| list_offerings(tx, &ids)).await.map_err(Problem::from)?;
        let depth: HashMap<i64, usize> = chain.iter().enumerate().map(|(index, tenant)| (tenant.id, index)).collect();
        let mut nearest: HashMap<String, (usize, i64, i32, bool)> = HashMap::new();
        let organ_id = organ.map(|tenant| tenant.id);
        let offered_by_organ: HashSet<String> = rows.iter().filter(|row| Some(row.0) == organ_id).map(|row| row.1.clone()).collect();
        for (tenant_id, basic_code, version, state) in rows.into_iter().filter(|row| offered_by_organ.contains(&row.1)) {
            let distance = depth.get(&tenant_id).copied().unwrap_or(usize::MAX);
            let candidate = (distance, tenant_id, version, state == "offered");
            nearest
                .entry(basic_code)
                .and_modify(|held| {
                    if distance < held.0 {
                        *held = candidate
                    }
                })
                .or_insert(candidate);
        }
        let mut offered = Vec::with_capacity(nearest.len());
        for (basic_code, (_, offered_by, version, open)) in nearest {
            let matter = self.get_version(&basic_code, version).await?;
            let open = open && matter.status == MatterStatus::Active;
            offered.push(Offered { matter, version, offered_by, open });
        }
        offered.sort_by(|a, b| a.matter.basic_code.cmp(&b.matter.basic_code));
        Ok(offered)
    }

    pub async fn find_offered(&self, chain: &[Arc<Tenant>], basic_code: &str) -> Result<Option<Offered>, Problem> {
        Ok(self.list_offered(chain).await?.into_iter().find(|offered| offered.matter.basic_code == basic_code))
    }

    /// Names of the departments of every tenant of a chain.
    pub async fn department_names(&self, chain: &[Arc<Tenant>]) -> Result<HashMap<(i64, String), (String, String)>, Problem> {
        let mut names = HashMap::new();
        for tenant in chain {
            for department in self.list_departments(tenant.id).await?.iter() {
                names.insert((department.tenant_id, department.code.clone()), (department.name.clone(), department.short_name.clone()));
            }
        }
        Ok(names)
    }

    pub async fn list_departments(&self, tenant_id: i64) -> Result<Arc<Vec<Department>>, Problem> {
        use platform::db::schema::department;
        if let Some(list) = self.departments.get(&tenant_id) {
            return Ok(list);
        }
        let list: Vec<Department> = self
            .db
            .platform(move |tx| {
                Ok::<_, DbError>(department::table.filter(department::tenant_id.eq(tenant_id)).order(department::code).load(tx.conn)?)
            })
            .await
            .map_err(Problem::from)?;
        let list = Arc::new(list);
        self.departments.insert(tenant_id, list.clone());
        Ok(list)
    }

    /// Forgets what can change (departments); versions never do.
    pub fn forget(&self) {
        self.departments.invalidate_all();
    }
}

/// The chain of a place that somebody named: unknown or suspended places are refused in words.
pub fn chain_of_place(snapshot: &Snapshot, place_id: i64, field: &str) -> Result<Vec<Arc<Tenant>>, Problem> {
    let chain = snapshot.chain(place_id);
    match chain.first() {
        Some(tenant) if tenant.takes_work() => Ok(chain),
        Some(tenant) => Err(Problem::invalid_field(field, format!("{}暂停办理，请到上一级政务服务中心", tenant.name))),
        None => Err(Problem::invalid_field(field, format!("没有区划代码 {place_id} 这个地方，请从列表里选"))),
    }
}

fn read_version(conn: &mut PgConnection, basic_code: &str, version: i32) -> Result<serde_json::Value, DbError> {
    Ok(directory_matter::table.find((basic_code, version)).select(directory_matter::definition).first(conn)?)
}

fn list_offerings(tx: &mut PlatformTx<'_>, tenant_ids: &[i64]) -> Result<Vec<(i64, String, i32, String)>, DbError> {
    Ok(offering::table
        .filter(offering::tenant_id.eq_any(tenant_ids))
        .select((offering::tenant_id, offering::basic_code, offering::version, offering::state))
        .load(tx.conn)?)
}
