//! `zhengtong verify`: walks every chain of events and names the first altered record of each broken one.

use diesel::prelude::*;
use platform::db::{Db, DbError};
use platform::http::problem::Problem;
use platform::tenant::Register;
use uuid::Uuid;

use crate::cases::event::{self, Fault};
use crate::cases::schema::case_file;
use crate::cases::store;

/// Cases checked in one transaction.
const CASES_PER_TRANSACTION: i64 = 500;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub tenant_id: i64,
    pub case_id: Uuid,
    pub fault: Fault,
}

#[derive(Debug, Default)]
pub struct Report {
    pub cases: usize,
    pub events: usize,
    pub broken: Vec<Broken>,
}

/// Checks all tenants, or one.
pub async fn verify(db: &Db, register: &Register, only: Option<i64>) -> Result<Report, Problem> {
    let snapshot = register.snapshot().await?;
    let mut tenants: Vec<i64> = Vec::new();
    let mut open = vec![None];
    while let Some(parent) = open.pop() {
        for tenant in snapshot.children(parent) {
            tenants.push(tenant.id);
            open.push(Some(tenant.id));
        }
    }
    let mut report = Report::default();
    for tenant_id in tenants.into_iter().filter(|tenant_id| only.is_none_or(|wanted| wanted == *tenant_id)) {
        let mut after = Uuid::nil();
        loop {
            let page = db.tenant(tenant_id, move |tx| verify_page(tx, after)).await?;
            let Some(last) = page.last else { break };
            after = last;
            report.cases += page.cases;
            report.events += page.events;
            report.broken.extend(page.broken);
        }
    }
    Ok(report)
}

struct Page {
    last: Option<Uuid>,
    cases: usize,
    events: usize,
    broken: Vec<Broken>,
}

fn verify_page(tx: &mut platform::db::TenantTx<'_>, after: Uuid) -> Result<Page, Problem> {
    let heads: Vec<(Uuid, Vec<u8>, i32)> = case_file::table
        .filter(case_file::tenant_id.eq(tx.tenant_id))
        .filter(case_file::case_id.gt(after))
        .order(case_file::case_id)
        .limit(CASES_PER_TRANSACTION)
        .select((case_file::case_id, case_file::chain_head, case_file::event_count))
        .load(tx.conn)
        .map_err(DbError::from)?;
    let mut page = Page { last: heads.last().map(|head| head.0), cases: heads.len(), events: 0, broken: Vec::new() };
    for (case_id, chain_head, event_count) in heads {
        let events = store::list_events(tx, case_id)?;
        page.events += events.len();
        if let Err(fault) = event::verify(&events, &chain_head, event_count) {
            page.broken.push(Broken { tenant_id: tx.tenant_id, case_id, fault });
        }
    }
    Ok(page)
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "tenant={} case={} ", self.tenant_id, self.case_id)?;
        match &self.fault {
            Fault::Altered { seq } => write!(f, "event={seq} altered"),
            Fault::Head { expected_events, found_events } => {
                write!(f, "head altered or events missing: expected {expected_events} events, found {found_events}")
            }
        }
    }
}
