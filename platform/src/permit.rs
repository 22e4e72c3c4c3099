//! Permission in the signature. A handler that takes a [`Permit`] can only be reached by an actor whose role may do that action; the use
//! case then asks the permit about the matter and the tenant whose power it is ([`Permit::grants`]).
//!
//! Three questions in this order: who acts (session → [`Actor`]), may they (casbin, [`policy`]), which rows exist for them (the scope).
//! What is absent on purpose: a permit cannot be made outside this module, so no use case can be called around it.

mod policy;

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::actor::{Actor, Citizen, Staff};
use crate::crypto::KeyRing;
use crate::db::schema::policy_version;
use crate::db::{Db, DbError, TenantTx};
use crate::http::problem::Problem;
use crate::session::{self, SessionError, Sessions};
use crate::time::SharedClock;

pub use policy::{PolicyCache, RoleRules, TenantPolicy};

/// Cookie of the staff session and of the citizen session; a browser may hold both.
pub const STAFF_COOKIE: &str = "zt_staff";
pub const CITIZEN_COOKIE: &str = "zt_citizen";
/// Purpose of the key that the tokens against forgery are made with.
const CSRF_PURPOSE: &str = "csrf";
/// Header by which a page shows that it is ours.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// Who may ask for an action at all; decides which session is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Staff,
    Citizen,
    /// Anybody; a citizen who has signed in is recognised.
    Public,
}

/// An action of the product, as casbin's policy names it.
pub trait Action: Send + Sync + 'static {
    const NAME: &'static str;
    const AUDIENCE: Audience;
    /// Form posts of the portal carry the token in their body, which the extractor does not read; their handlers call [`Permit::check_form_token`].
    const TOKEN_IN_FORM: bool = false;
}

/// What permission needs to know about the world.
#[derive(Clone)]
pub struct Gate {
    pub db: Db,
    pub sessions: Sessions,
    pub policies: Arc<PolicyCache>,
    pub keys: Arc<KeyRing>,
    pub clock: SharedClock,
}

/// Proof that the actor's role may do `A`.
pub struct Permit<A: Action> {
    actor: Actor,
    policy: Arc<TenantPolicy>,
    session_token: Option<String>,
    keys: Arc<KeyRing>,
    action: PhantomData<A>,
}

/// Why an act was allowed; goes into the audit record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    Role { role: String },
    Delegation { role: String, delegation_id: i64 },
}

impl std::fmt::Display for Basis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Basis::Role { role } => write!(f, "role {role}"),
            Basis::Delegation { role, delegation_id } => write!(f, "role {role}, delegation {delegation_id}"),
        }
    }
}

impl<A: Action> Permit<A> {
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The officer who acts; permits of staff actions always have one.
    pub fn staff(&self) -> Result<&Staff, Problem> {
        match &self.actor {
            Actor::Staff(staff) => Ok(staff),
            _ => Err(Problem::unauthenticated()),
        }
    }

    pub fn citizen(&self) -> Result<&Citizen, Problem> {
        match &self.actor {
            Actor::Citizen(citizen) => Ok(citizen),
            _ => Err(Problem::unauthenticated()),
        }
    }

    /// Whether the action may be done on this matter, whose power belongs to tenant `owner_id`. For a power of another tenant a delegation
    /// must be in force at `at`, and the actor's own role must allow the action besides.
    pub fn grants(&self, matter: &str, owner_id: i64, at: DateTime<Utc>) -> Result<Basis, Problem> {
        self.policy
            .decide(&self.actor, matter, owner_id, A::NAME, at)
            .ok_or_else(|| Problem::forbidden(format!("这件事需要另一个岗位来做（{}）。", A::NAME)))
    }

    /// The same question for another action, asked to show which buttons work and why the others do not.
    pub fn would_allow(&self, action: &str, matter: &str, owner_id: i64, at: DateTime<Utc>) -> bool {
        self.policy.decide(&self.actor, matter, owner_id, action, at).is_some()
    }

    /// For decisions: a check, run inside the deciding transaction, that the policy this permit was read from is still the current one.
    pub fn policy_check(&self) -> impl FnOnce(&mut TenantTx<'_>) -> Result<(), Problem> + Send + use<A> {
        let known = self.policy.version();
        move |tx| {
            let version: Option<i64> =
                policy_version::table.find(tx.tenant_id).select(policy_version::version).first(tx.conn).optional()?;
            if version.unwrap_or(0) == known {
                return Ok(());
            }
            Err(Problem::conflict("authority_changed", "您的权限刚刚有了变化。请重新载入，再做一次。"))
        }
    }

    /// Token that the pages of this session put into their forms and headers.
    pub fn csrf_token(&self) -> String {
        self.session_token.as_deref().map(|token| session::csrf_token(token, &self.keys.key_for(CSRF_PURPOSE))).unwrap_or_default()
    }

    /// Checks the hidden field of a form.
    pub fn check_form_token(&self, given: &str) -> Result<(), Problem> {
        match self.session_token.as_deref() {
            Some(token) if session::csrf_matches(token, &self.keys.key_for(CSRF_PURPOSE), given) => Ok(()),
            _ => Err(forged()),
        }
    }

    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }
}

impl<A: Action> FromRequest for Permit<A> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { admit::<A>(&request).await })
    }
}

async fn admit<A: Action>(request: &HttpRequest) -> Result<Permit<A>, Problem> {
    let gate = request.app_data::<web::Data<Gate>>().ok_or_else(|| Problem::internal(&"no gate is set up"))?;
    let (actor, session_token) = who_acts(request, gate, A::AUDIENCE).await?;
    if let Some(token) = session_token.as_deref()
        && !request.method().is_safe()
        && !A::TOKEN_IN_FORM
    {
        let given = request.headers().get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !session::csrf_matches(token, &gate.keys.key_for(CSRF_PURPOSE), given) {
            return Err(forged());
        }
    }
    let tenant_id = match &actor {
        Actor::Staff(staff) => Some(staff.tenant_id),
        _ => None,
    };
    let policy = gate.policies.of_tenant(tenant_id).await?;
    if !policy.may_ever(&actor, A::NAME) {
        return Err(Problem::forbidden(format!("您的岗位没有这项权限（{}）。", A::NAME)));
    }
    Ok(Permit { actor, policy, session_token, keys: gate.keys.clone(), action: PhantomData })
}

async fn who_acts(request: &HttpRequest, gate: &Gate, audience: Audience) -> Result<(Actor, Option<String>), Problem> {
    let cookie = match audience {
        Audience::Staff => STAFF_COOKIE,
        Audience::Citizen | Audience::Public => CITIZEN_COOKIE,
    };
    let token = request.cookie(cookie).map(|cookie| cookie.value().to_owned());
    let actor = match (&token, audience) {
        (None, _) => None,
        (Some(token), Audience::Staff) => gate.sessions.load::<Staff>(token).await.map_err(store_down)?.map(Actor::Staff),
        (Some(token), Audience::Citizen | Audience::Public) => {
            gate.sessions.load::<Citizen>(token).await.map_err(store_down)?.map(Actor::Citizen)
        }
    };
    match (actor, audience) {
        (Some(actor), _) => Ok((actor, token)),
        (None, Audience::Public) => Ok((Actor::Public, None)),
        (None, _) => Err(Problem::unauthenticated()),
    }
}

fn store_down(error: SessionError) -> Problem {
    tracing::warn!(%error, "the session store cannot be reached");
    Problem::unavailable()
}

fn forged() -> Problem {
    Problem::new(actix_web::http::StatusCode::FORBIDDEN, "csrf", "页面已经过期", "请重新载入页面，再做一次。您填的内容没有提交。")
}

/// Raises a tenant's policy version; in the transaction that changes a post or a delegation of that tenant.
pub fn bump_policy_version(tx: &mut crate::db::PlatformTx<'_>, tenant_id: i64) -> Result<(), DbError> {
    diesel::insert_into(policy_version::table)
        .values((policy_version::tenant_id.eq(tenant_id), policy_version::version.eq(1)))
        .on_conflict(policy_version::tenant_id)
        .do_update()
        .set(policy_version::version.eq(policy_version::version + 1))
        .execute(tx.conn)?;
    Ok(())
}
