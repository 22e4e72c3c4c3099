//! The register of tenants: who exists, below whom, and in what state. Small enough to be held in memory whole (forty thousand rows, some
//! ten megabytes) and read by every request; read again when it is older than [`REGISTER_MAX_AGE`].

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use diesel::prelude::*;

use crate::db::schema::tenant;
use crate::db::{Db, DbError, PlatformTx};

/// A change of the register is seen by every replica after at most this long.
pub const REGISTER_MAX_AGE: Duration = Duration::from_secs(60);

/// Levels of the tree, as stored: 2 province, 3 city, 4 county, 5 town, 6 village.
pub const LEVEL_COUNTY: i16 = 4;
pub const LEVEL_TOWN: i16 = 5;
pub const LEVEL_VILLAGE: i16 = 6;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tenant)]
pub struct Tenant {
    pub id: i64,
    pub level: i16,
    pub parent_id: Option<i64>,
    pub name: String,
    pub short_name: String,
    pub state: String,
    pub version: i64,
}

impl Tenant {
    /// Only pilot and live tenants take new work.
    pub fn takes_work(&self) -> bool {
        matches!(self.state.as_str(), "pilot" | "live")
    }
}

#[derive(Default)]
pub struct Snapshot {
    by_id: HashMap<i64, Arc<Tenant>>,
    children: HashMap<i64, Vec<Arc<Tenant>>>,
    roots: Vec<Arc<Tenant>>,
}

impl Snapshot {
    fn of(rows: Vec<Tenant>) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for row in rows {
            let row = Arc::new(row);
            match row.parent_id {
                Some(parent_id) => snapshot.children.entry(parent_id).or_default().push(row.clone()),
                None => snapshot.roots.push(row.clone()),
            }
            snapshot.by_id.insert(row.id, row);
        }
        snapshot
    }

    pub fn find(&self, id: i64) -> Option<&Arc<Tenant>> {
        self.by_id.get(&id)
    }

    /// Direct children in the order of their codes; the roots for `None`.
    pub fn children(&self, parent_id: Option<i64>) -> &[Arc<Tenant>] {
        match parent_id {
            Some(id) => self.children.get(&id).map_or(&[], Vec::as_slice),
            None => &self.roots,
        }
    }

    /// The tenant and everything above it, from itself upwards; empty when there is no such tenant.
    pub fn chain(&self, id: i64) -> Vec<Arc<Tenant>> {
        let mut chain = Vec::new();
        let mut next = self.by_id.get(&id);
        while let Some(tenant) = next {
            chain.push(tenant.clone());
            next = tenant.parent_id.and_then(|parent| self.by_id.get(&parent));
        }
        chain
    }

    /// The tenant itself or the one above it that stands at this level.
    pub fn at_level(&self, id: i64, level: i16) -> Option<Arc<Tenant>> {
        self.chain(id).into_iter().find(|tenant| tenant.level == level)
    }

    /// Every tenant, in no order.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Tenant>> {
        self.by_id.values()
    }

    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}

/// When it was read, and what was read.
type Held = (Instant, Arc<Snapshot>);

/// The register as one process sees it.
#[derive(Clone)]
pub struct Register {
    db: Db,
    held: Arc<RwLock<Option<Held>>>,
}

impl Register {
    pub fn new(db: Db) -> Register {
        Register { db, held: Arc::new(RwLock::new(None)) }
    }

    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, DbError> {
        if let Some((read_at, snapshot)) = self.held.read().unwrap_or_else(std::sync::PoisonError::into_inner).as_ref()
            && read_at.elapsed() < REGISTER_MAX_AGE
        {
            return Ok(snapshot.clone());
        }
        self.reread().await
    }

    /// Reads the register now, whatever its age; for the one who has just changed it.
    pub async fn reread(&self) -> Result<Arc<Snapshot>, DbError> {
        let rows = self.db.platform(list_tenants).await?;
        let snapshot = Arc::new(Snapshot::of(rows));
        *self.held.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some((Instant::now(), snapshot.clone()));
        Ok(snapshot)
    }
}

fn list_tenants(tx: &mut PlatformTx<'_>) -> Result<Vec<Tenant>, DbError> {
    Ok(tenant::table.order(tenant::id).select(Tenant::as_select()).load(tx.conn)?)
}
