//! Counts what became of every case, past every wall, once the platform has come to rest.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Uuid as SqlUuid};
use uuid::Uuid;

use super::custody::{self, Token};

/// Village, town and county each have a file of a relay.
const FILES_OF_A_RELAY: i64 = 3;
/// Pause between two looks at the queues.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(200);
const COMPLAINTS_MAX: usize = 20;

const QUEUES: &str = "\
SELECT (SELECT count(*) FROM job WHERE state = 'waiting') + (SELECT count(*) FROM outbox WHERE state = 'waiting') AS waiting,
       (SELECT count(*) FROM job WHERE state = 'failed') + (SELECT count(*) FROM outbox WHERE state = 'set_aside')
         + (SELECT count(*) FROM inbox WHERE state = 'early') AS set_aside";

#[derive(QueryableByName)]
struct Queues {
    #[diesel(sql_type = BigInt)]
    waiting: i64,
    #[diesel(sql_type = BigInt)]
    set_aside: i64,
}

const FILES: &str = "\
SELECT case_id, count(*) AS files, bool_and(custody = 'closed') AS all_closed,
       bool_or(tenant_id = origin_tenant_id AND state = 'completed') AS completed
FROM case_file GROUP BY case_id";

#[derive(QueryableByName)]
struct Files {
    #[diesel(sql_type = SqlUuid)]
    case_id: Uuid,
    #[diesel(sql_type = BigInt)]
    files: i64,
    #[diesel(sql_type = Bool)]
    all_closed: bool,
    #[diesel(sql_type = Bool)]
    completed: bool,
}

/// What may happen to a case at most once, in whichever tenant, and each hand-over is taken once.
const REPEATED: &str = "\
SELECT case_id FROM case_event GROUP BY case_id
HAVING count(*) FILTER (WHERE kind = 'agent_receipt') > 1 OR count(*) FILTER (WHERE kind = 'organ_receipt') > 1
    OR count(*) FILTER (WHERE kind = 'acceptance') > 1 OR count(*) FILTER (WHERE kind = 'decision') > 1
    OR count(*) FILTER (WHERE kind = 'completed') > 1
    OR count(*) FILTER (WHERE kind = 'taken') > count(*) FILTER (WHERE kind = 'handed_over')";

/// What each tenant that has a file may do at most once.
const REPEATED_BY_A_TENANT: &str = "\
SELECT case_id FROM case_event GROUP BY tenant_id, case_id
HAVING count(*) FILTER (WHERE kind = 'delivered') > 1 OR count(*) FILTER (WHERE kind = 'archived') > 1";

/// One applicant files once here, so two origin files of one applicant are one filing done twice.
const FILED_TWICE: &str = "\
SELECT (array_agg(case_id))[1] AS case_id FROM case_file WHERE tenant_id = origin_tenant_id
GROUP BY applicant_index HAVING count(*) > 1";

#[derive(QueryableByName)]
struct OfCase {
    #[diesel(sql_type = SqlUuid)]
    case_id: Uuid,
}

#[derive(Debug, Default)]
pub struct Counted {
    /// Closed in every tenant that has a file, completed at the origin.
    pub completed: usize,
    /// Filed, and now neither held by anybody, nor on its way, nor ended.
    pub lost: usize,
    /// Filed twice, decided twice, held twice, taken more often than handed over.
    pub doubled: usize,
    /// Jobs and messages that nobody will do any more.
    pub set_aside: usize,
    pub complaints: Vec<String>,
}

/// Waits until no job and no message is left to be done.
pub async fn wait_for_rest(superuser_url: &str, deadline: Instant) -> anyhow::Result<()> {
    loop {
        let url = superuser_url.to_owned();
        let queues = tokio::task::spawn_blocking(move || queues(&url)).await??;
        if queues.waiting == 0 {
            return Ok(());
        }
        anyhow::ensure!(Instant::now() < deadline, "the platform does not come to rest: {} jobs and messages still wait", queues.waiting);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Counts the cases whose filing was answered; a case in the database that nobody was told of is a doubled one.
pub async fn count(superuser_url: &str, filed: &[Uuid]) -> anyhow::Result<Counted> {
    let (url, filed) = (superuser_url.to_owned(), filed.to_vec());
    tokio::task::spawn_blocking(move || {
        let mut conn = PgConnection::establish(&url)?;
        let files: Vec<Files> = diesel::sql_query(FILES).load(&mut conn)?;
        let repeated: Vec<OfCase> =
            diesel::sql_query(format!("{REPEATED} UNION {REPEATED_BY_A_TENANT} UNION {FILED_TWICE}")).load(&mut conn)?;
        let tokens = custody::tokens(&mut conn)?;
        let set_aside = usize::try_from(queues(&url)?.set_aside)?;
        let mut counted = judge(&filed, &files, &tokens, repeated.into_iter().map(|row| row.case_id).collect());
        counted.set_aside = set_aside;
        Ok(counted)
    })
    .await?
}

fn queues(superuser_url: &str) -> anyhow::Result<Queues> {
    let mut conn = PgConnection::establish(superuser_url)?;
    Ok(diesel::sql_query(QUEUES).get_result(&mut conn)?)
}

fn judge(filed: &[Uuid], files: &[Files], tokens: &[Token], mut doubled: HashSet<Uuid>) -> Counted {
    let mut counted = Counted::default();
    let by_case: HashMap<Uuid, &Token> = tokens.iter().map(|token| (token.case_id, token)).collect();
    for case_id in filed {
        match by_case.get(case_id) {
            None => counted.complain(format!("lost: case {case_id} was filed and is nowhere")),
            Some(token) if token.count() == 0 => counted.complain(format!("lost: {token}")),
            Some(_) => continue,
        }
        counted.lost += 1;
    }
    let filed: HashSet<Uuid> = filed.iter().copied().collect();
    doubled.extend(tokens.iter().filter(|token| token.count() > 1 || !filed.contains(&token.case_id)).map(|token| token.case_id));
    counted.doubled = doubled.len();
    for case_id in &doubled {
        let described = by_case.get(case_id).map(ToString::to_string).unwrap_or_default();
        counted.complain(format!("doubled: {described}"));
    }
    for case in files {
        if case.completed && case.all_closed && case.files == FILES_OF_A_RELAY {
            counted.completed += 1;
        } else {
            let described = by_case.get(&case.case_id).map(ToString::to_string).unwrap_or_default();
            counted.complain(format!("not completed: {described}"));
        }
    }
    counted
}

impl Counted {
    fn complain(&mut self, complaint: String) {
        if self.complaints.len() < COMPLAINTS_MAX {
            self.complaints.push(complaint);
        }
    }
}
