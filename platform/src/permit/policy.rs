//! One small immutable casbin enforcer for each tenant: the shared role rows, this tenant's posts, the delegations that touch it.
//!
//! Built on demand and kept in an LRU; swapped whole when the tenant's policy version changes. casbin's cost is a microsecond for each row it
//! has to scan, so a tenant's forty rows are cheap where a province's millions in one enforcer are not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use casbin::{CoreApi, DefaultModel, EnforceContext, Enforcer, MemoryAdapter, MgmtApi};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use moka::sync::Cache;

use crate::actor::Actor;
use crate::db::schema::{delegation, policy_version, post};
use crate::db::{Db, DbError};
use crate::http::problem::Problem;

/// Enforcers held at once; each weighs some 0.2 MB.
pub const ENFORCERS_HELD: u64 = 2_000;
/// A change that was made elsewhere is seen after at most this long. Decisions ask again inside their transaction.
pub const POLICY_MAX_AGE: Duration = Duration::from_secs(1);
/// Answers kept for each enforcer; they live and die with it.
pub const ANSWERS_HELD: u64 = 4_096;

/// Times are compared as text of fixed width: the expression engine has 32-bit integers.
const TIME_FORMAT: &str = "%Y-%m-%dT%H:%M:%SZ";
const ANY_MATTER: &str = "*";

const MODEL: &str = r#"
[request_definition]
r = sub, organ, owner, matter, act
r2 = organ, owner, matter, act, at

[policy_definition]
p = role, matter, act
p2 = grantee, owner, matter, act, from, until, id

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow))
e2 = some(where (p.eft == allow))

[matchers]
m = r.act == p.act && (p.matter == "*" || p.matter == r.matter) && r.owner == r.organ && g(r.sub, p.role)
m2 = r2.act == p2.act && r2.organ == p2.grantee && r2.owner == p2.owner && (p2.matter == "*" || p2.matter == r2.matter) && r2.at >= p2.from && r2.at < p2.until
"#;

/// The rows every tenant shares: which role may do which action on which matters.
#[derive(Clone)]
pub struct RoleRules(Arc<Vec<Vec<String>>>);

impl RoleRules {
    /// Reads `role, matter, action` lines; `#` starts a comment.
    pub fn parse(text: &str) -> RoleRules {
        let rows = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim())
            .filter(|line| !line.is_empty())
            .map(|line| line.split(',').map(|part| part.trim().to_owned()).collect())
            .collect();
        RoleRules(Arc::new(rows))
    }

    pub fn rows(&self) -> &[Vec<String>] {
        &self.0
    }
}

pub struct TenantPolicy {
    version: i64,
    enforcer: Enforcer,
    delegations: Vec<DelegationRow>,
    answers: Cache<(String, String, i64, String), bool>,
}

struct DelegationRow {
    id: i64,
    basic_code: String,
    delegate_id: i64,
    delegator_id: i64,
    powers: Vec<String>,
    from: String,
    until: String,
}

impl TenantPolicy {
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Whether the actor's role may do this to anything at all.
    pub fn may_ever(&self, actor: &Actor, action: &str) -> bool {
        let organ = organ_of(actor);
        let any_row = self.enforcer.get_filtered_policy(2, vec![action.to_owned()]);
        any_row.iter().any(|row| self.own_power(&actor.subject(), &row[1], organ, action))
    }

    /// The basis on which the actor may do `action`, or nothing.
    pub fn decide(&self, actor: &Actor, matter: &str, owner_id: i64, action: &str, at: DateTime<Utc>) -> Option<super::Basis> {
        let organ = organ_of(actor);
        let role = role_of(actor);
        if !self.own_power(&actor.subject(), matter, organ, action) {
            return None;
        }
        // Citizens and the public act on their own behalf: which rows are theirs is the scope's question.
        if owner_id == organ || !matches!(actor, Actor::Staff(_)) {
            return Some(super::Basis::Role { role });
        }
        let delegation_id = self.delegated(matter, organ, owner_id, action, at)?;
        Some(super::Basis::Delegation { role, delegation_id })
    }

    fn own_power(&self, subject: &str, matter: &str, organ: i64, action: &str) -> bool {
        let key = (subject.to_owned(), matter.to_owned(), organ, action.to_owned());
        if let Some(answer) = self.answers.get(&key) {
            return answer;
        }
        let organ_text = organ.to_string();
        let answer = self.enforcer.enforce((subject, organ_text.as_str(), organ_text.as_str(), matter, action)).unwrap_or_else(|error| {
            tracing::error!(%error, "casbin could not answer; refused");
            false
        });
        self.answers.insert(key, answer);
        answer
    }

    /// Not cached: the answer changes with time.
    fn delegated(&self, matter: &str, organ: i64, owner_id: i64, action: &str, at: DateTime<Utc>) -> Option<i64> {
        let at = at.format(TIME_FORMAT).to_string();
        let request = (organ.to_string(), owner_id.to_string(), matter.to_owned(), action.to_owned(), at.clone());
        let allowed = self.enforcer.enforce_with_context(EnforceContext::new("2"), request).unwrap_or_else(|error| {
            tracing::error!(%error, "casbin could not answer; refused");
            false
        });
        if !allowed {
            return None;
        }
        // casbin says yes or no; the record that says so is named for the audit.
        self.delegations
            .iter()
            .find(|row| {
                row.delegate_id == organ
                    && row.delegator_id == owner_id
                    && (row.basic_code == ANY_MATTER || row.basic_code == matter)
                    && row.powers.iter().any(|power| power == action)
                    && row.from <= at
                    && at < row.until
            })
            .map(|row| row.id)
    }
}

pub struct PolicyCache {
    db: Db,
    rules: RoleRules,
    held: Cache<i64, (Instant, Arc<TenantPolicy>)>,
}

impl PolicyCache {
    pub fn new(db: Db, rules: RoleRules) -> PolicyCache {
        PolicyCache { db, rules, held: Cache::new(ENFORCERS_HELD) }
    }

    /// The policy of a tenant, or of nobody in particular (citizens and the public) for `None`.
    pub async fn of_tenant(&self, tenant_id: Option<i64>) -> Result<Arc<TenantPolicy>, Problem> {
        let key = tenant_id.unwrap_or(0);
        let held = self.held.get(&key);
        if let Some((read_at, policy)) = &held
            && read_at.elapsed() < POLICY_MAX_AGE
        {
            return Ok(policy.clone());
        }
        let Some(tenant_id) = tenant_id else {
            let policy = match held {
                Some((_, policy)) => policy,
                None => Arc::new(self.build(0, Vec::new(), Vec::new()).await?),
            };
            self.held.insert(key, (Instant::now(), policy.clone()));
            return Ok(policy);
        };
        let version = self.db.tenant(tenant_id, move |tx| read_version(tx.conn, tenant_id)).await.map_err(Problem::from)?;
        let policy = match held {
            Some((_, policy)) if policy.version == version => policy,
            _ => {
                let (posts, delegations) = self
                    .db
                    .tenant(tenant_id, move |tx| Ok::<_, DbError>((read_posts(tx.conn, tenant_id)?, read_delegations(tx.conn, tenant_id)?)))
                    .await
                    .map_err(Problem::from)?;
                Arc::new(self.build(version, posts, delegations).await?)
            }
        };
        self.held.insert(key, (Instant::now(), policy.clone()));
        Ok(policy)
    }

    /// Forgets everything; after a lost connection nothing that was announced can be relied on.
    pub fn forget_all(&self) {
        self.held.invalidate_all();
    }

    async fn build(&self, version: i64, posts: Vec<(i64, String)>, delegations: Vec<DelegationRow>) -> Result<TenantPolicy, Problem> {
        let enforcer = build_enforcer(&self.rules, &posts, &delegations).await.map_err(|error| Problem::internal(&error))?;
        Ok(TenantPolicy { version, enforcer, delegations, answers: Cache::new(ANSWERS_HELD) })
    }
}

async fn build_enforcer(rules: &RoleRules, posts: &[(i64, String)], delegations: &[DelegationRow]) -> casbin::Result<Enforcer> {
    let model = DefaultModel::from_str(MODEL).await?;
    let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
    enforcer.add_policies(rules.rows().to_vec()).await?;
    let delegated: Vec<Vec<String>> = delegations
        .iter()
        .flat_map(|row| {
            row.powers.iter().map(|power| {
                vec![
                    row.delegate_id.to_string(),
                    row.delegator_id.to_string(),
                    row.basic_code.clone(),
                    power.clone(),
                    row.from.clone(),
                    row.until.clone(),
                    row.id.to_string(),
                ]
            })
        })
        .collect();
    if !delegated.is_empty() {
        enforcer.add_named_policies("p2", delegated).await?;
    }
    let posts: Vec<Vec<String>> = posts.iter().map(|(id, role)| vec![format!("post:{id}"), role.clone()]).collect();
    if !posts.is_empty() {
        enforcer.add_grouping_policies(posts).await?;
    }
    Ok(enforcer)
}

fn organ_of(actor: &Actor) -> i64 {
    match actor {
        Actor::Staff(staff) => staff.tenant_id,
        Actor::Citizen(_) | Actor::Public => 0,
    }
}

fn role_of(actor: &Actor) -> String {
    match actor {
        Actor::Staff(staff) => staff.role.clone(),
        Actor::Citizen(_) => "citizen".to_owned(),
        Actor::Public => "public".to_owned(),
    }
}

fn read_version(conn: &mut PgConnection, tenant_id: i64) -> Result<i64, DbError> {
    let version: Option<i64> = policy_version::table.find(tenant_id).select(policy_version::version).first(conn).optional()?;
    Ok(version.unwrap_or(0))
}

fn read_posts(conn: &mut PgConnection, tenant_id: i64) -> Result<Vec<(i64, String)>, DbError> {
    Ok(post::table.filter(post::tenant_id.eq(tenant_id)).filter(post::state.eq("active")).select((post::id, post::role)).load(conn)?)
}

fn read_delegations(conn: &mut PgConnection, tenant_id: i64) -> Result<Vec<DelegationRow>, DbError> {
    type Row = (i64, String, i64, i64, Vec<String>, DateTime<Utc>, DateTime<Utc>);
    let rows: Vec<Row> = delegation::table
        .filter(delegation::delegate_id.eq(tenant_id))
        .filter(delegation::state.eq("in_force"))
        .select((
            delegation::id,
            delegation::basic_code,
            delegation::delegate_id,
            delegation::delegator_id,
            delegation::powers,
            delegation::valid_from,
            delegation::valid_until,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, basic_code, delegate_id, delegator_id, powers, from, until)| DelegationRow {
            id,
            basic_code,
            delegate_id,
            delegator_id,
            powers,
            from: from.format(TIME_FORMAT).to_string(),
            until: until.format(TIME_FORMAT).to_string(),
        })
        .collect())
}
