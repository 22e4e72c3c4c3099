//! Puts a bundle into a platform's database: tenants, departments, directory, offerings, delegations, posts.
//!
//! Applying again changes what differs and removes nothing; a matter whose text has changed becomes a new version, so running cases keep
//! theirs. Accounts that exist keep their password.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use platform::db::schema::{account, account_post, delegation, department, post, tenant};
use platform::db::{Db, DbError, PlatformTx, TenantTx};
use platform::password;
use platform::permit::bump_policy_version;

use super::bundle::Bundle;
use super::parts::{DelegatedPower, DelegationKind, StaffPost};
use crate::catalogue::schema::{directory_matter, offering};
use crate::clock::china_time::{END_OF_DAY, china_instant};

/// Rows of one INSERT; PostgreSQL takes 65,535 parameters in one statement.
const ROWS_PER_STATEMENT: usize = 2_000;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    pub tenants: usize,
    pub matters: usize,
    pub new_versions: usize,
    pub offerings: usize,
    pub delegations: usize,
    pub posts: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("a password could not be hashed: {0}")]
    Password(String),
    #[error("matter {basic_code} cannot be stored: {reason}")]
    Matter { basic_code: String, reason: String },
}

impl From<diesel::result::Error> for ApplyError {
    fn from(error: diesel::result::Error) -> ApplyError {
        ApplyError::Db(error.into())
    }
}

/// `password` is given to accounts that are made; a platform in earnest gives each its own afterwards.
pub async fn apply(db: &Db, bundle: Bundle, password: &str, at: DateTime<Utc>) -> Result<Applied, ApplyError> {
    let password_hash = password::hash(password).map_err(|error| ApplyError::Password(error.to_string()))?;
    let posts = posts_by_tenant(&bundle.staff);
    let post_count = bundle.staff.len();
    let accounts: Vec<(String, String)> = bundle.staff.iter().map(|post| (post.login_name.clone(), post.name.clone())).collect();
    let (mut applied, account_ids) = db
        .platform(move |tx| {
            let mut applied = Applied { tenants: write_tenants(tx, &bundle)?, ..Applied::default() };
            write_departments(tx, &bundle)?;
            (applied.matters, applied.new_versions) = write_directory(tx, &bundle, at)?;
            applied.offerings = write_offerings(tx, &bundle)?;
            applied.delegations = write_delegations(tx, &bundle)?;
            let ids = write_accounts(tx, &accounts, &password_hash)?;
            for (tenant_id, posts) in posts_by_tenant(&bundle.staff) {
                write_account_posts(tx, tenant_id, &posts, &ids)?;
                bump_policy_version(tx, tenant_id)?;
            }
            Ok::<_, ApplyError>((applied, ids))
        })
        .await?;
    for (tenant_id, posts) in posts {
        let ids = account_ids.clone();
        db.tenant(tenant_id, move |tx| write_posts(tx, &posts, &ids)).await?;
    }
    applied.posts = post_count;
    Ok(applied)
}

/// Posts of each tenant in the order of the bundle; their place in it, from 1, is their id.
fn posts_by_tenant(staff: &[StaffPost]) -> BTreeMap<i64, Vec<StaffPost>> {
    let mut posts: BTreeMap<i64, Vec<StaffPost>> = BTreeMap::new();
    for post in staff {
        posts.entry(post.tenant_id.value()).or_default().push(post.clone());
    }
    posts
}

fn write_tenants(tx: &mut PlatformTx<'_>, bundle: &Bundle) -> Result<usize, ApplyError> {
    // Parents first: a row refers to the one above it.
    let mut rows: Vec<_> = bundle.divisions.iter().collect();
    rows.sort_by_key(|row| (row.level, row.id.value()));
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        let values: Vec<_> = chunk
            .iter()
            .map(|row| {
                (
                    tenant::id.eq(row.id.value()),
                    tenant::level.eq(i16::from(row.level)),
                    tenant::parent_id.eq(row.parent_id.map(|parent| parent.value())),
                    tenant::name.eq(&row.name),
                    tenant::short_name.eq(&row.short_name),
                    tenant::state.eq("live"),
                    tenant::version.eq(1_i64),
                )
            })
            .collect();
        diesel::insert_into(tenant::table)
            .values(values)
            .on_conflict(tenant::id)
            .do_update()
            .set((tenant::name.eq(excluded(tenant::name)), tenant::short_name.eq(excluded(tenant::short_name))))
            .execute(tx.conn)?;
    }
    Ok(rows.len())
}

fn write_departments(tx: &mut PlatformTx<'_>, bundle: &Bundle) -> Result<(), ApplyError> {
    let rows: Vec<_> = bundle
        .divisions
        .iter()
        .flat_map(|division| {
            bundle.departments_of(division).into_iter().map(|own| {
                (
                    department::tenant_id.eq(division.id.value()),
                    department::code.eq(own.template.code.clone()),
                    department::name.eq(own.full_name),
                    department::short_name.eq(own.mark_name),
                )
            })
        })
        .collect();
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(department::table)
            .values(chunk)
            .on_conflict((department::tenant_id, department::code))
            .do_update()
            .set((department::name.eq(excluded(department::name)), department::short_name.eq(excluded(department::short_name))))
            .execute(tx.conn)?;
    }
    Ok(())
}

fn write_directory(tx: &mut PlatformTx<'_>, bundle: &Bundle, at: DateTime<Utc>) -> Result<(usize, usize), ApplyError> {
    let mut new_versions = 0;
    for bundled in &bundle.matters {
        let matter = &bundled.matter;
        let definition = serde_json::to_value(matter)
            .map_err(|error| ApplyError::Matter { basic_code: matter.basic_code.clone(), reason: error.to_string() })?;
        let latest: Option<(i32, serde_json::Value)> = directory_matter::table
            .filter(directory_matter::basic_code.eq(&matter.basic_code))
            .order(directory_matter::version.desc())
            .select((directory_matter::version, directory_matter::definition))
            .first(tx.conn)
            .optional()?;
        if latest.as_ref().is_some_and(|(_, known)| *known == definition) {
            continue;
        }
        let version = latest.map_or(1, |(version, _)| version + 1);
        diesel::insert_into(directory_matter::table)
            .values((
                directory_matter::basic_code.eq(&matter.basic_code),
                directory_matter::version.eq(version),
                directory_matter::province_id.eq(bundle.head.root.value()),
                directory_matter::definition.eq(definition),
                directory_matter::published_at.eq(at),
            ))
            .execute(tx.conn)?;
        new_versions += 1;
    }
    Ok((bundle.matters.len(), new_versions))
}

fn write_offerings(tx: &mut PlatformTx<'_>, bundle: &Bundle) -> Result<usize, ApplyError> {
    let versions: Vec<(String, Option<i32>)> = directory_matter::table
        .group_by(directory_matter::basic_code)
        .select((directory_matter::basic_code, diesel::dsl::max(directory_matter::version)))
        .load(tx.conn)?;
    let latest: BTreeMap<String, i32> = versions.into_iter().map(|(code, version)| (code, version.unwrap_or(1))).collect();
    let rows: Vec<_> = bundle
        .expanded_offerings()
        .into_iter()
        .map(|offered| {
            (
                offering::tenant_id.eq(offered.tenant.value()),
                offering::basic_code.eq(offered.basic_code.to_owned()),
                offering::version.eq(latest.get(offered.basic_code).copied().unwrap_or(1)),
                offering::state.eq("offered"),
            )
        })
        .collect();
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(offering::table)
            .values(chunk)
            .on_conflict((offering::tenant_id, offering::basic_code))
            .do_update()
            .set(offering::version.eq(excluded(offering::version)))
            .execute(tx.conn)?;
    }
    Ok(rows.len())
}

fn write_delegations(tx: &mut PlatformTx<'_>, bundle: &Bundle) -> Result<usize, ApplyError> {
    let delegations = bundle.expanded_delegations();
    for lent in &delegations {
        let valid_until = lent.rule.valid_until.succ_opt().unwrap_or(lent.rule.valid_until);
        let powers: Vec<&str> = lent.rule.powers.iter().map(|power| action_of(*power)).collect();
        diesel::insert_into(delegation::table)
            .values((
                delegation::delegator_id.eq(lent.delegator.value()),
                delegation::delegate_id.eq(lent.delegate.value()),
                delegation::basic_code.eq(&lent.rule.matter),
                delegation::powers.eq(powers),
                delegation::kind.eq(kind_of(lent.rule.kind)),
                delegation::legal_basis.eq(&lent.rule.basis),
                delegation::published_text.eq(&lent.rule.published_text),
                // A day begins at midnight in China; "until" names the first instant on which it no longer holds.
                delegation::valid_from.eq(china_instant(lent.rule.valid_from, chrono::NaiveTime::MIN)),
                delegation::valid_until.eq(china_instant(valid_until, chrono::NaiveTime::MIN).min(china_instant(valid_until, END_OF_DAY))),
                delegation::state.eq("in_force"),
            ))
            .on_conflict_do_nothing()
            .execute(tx.conn)?;
        bump_policy_version(tx, lent.delegate.value())?;
    }
    Ok(delegations.len())
}

fn action_of(power: DelegatedPower) -> &'static str {
    match power {
        DelegatedPower::Accept => "case.accept",
        DelegatedPower::Review => "case.review",
        DelegatedPower::Decide => "case.decide",
        DelegatedPower::Seal => "case.seal",
        DelegatedPower::Issue => "case.issue",
        DelegatedPower::Deliver => "case.deliver",
    }
}

fn kind_of(kind: DelegationKind) -> &'static str {
    match kind {
        DelegationKind::Entrustment => "entrustment",
        DelegationKind::Devolution => "devolution",
        DelegationKind::CollectOnBehalf => "collect_on_behalf",
        DelegationKind::AuthorizationLetter => "authorization_letter",
    }
}

fn write_accounts(
    tx: &mut PlatformTx<'_>,
    accounts: &[(String, String)],
    password_hash: &str,
) -> Result<BTreeMap<String, i64>, ApplyError> {
    for (login_name, display_name) in accounts {
        diesel::insert_into(account::table)
            .values((
                account::login_name.eq(login_name),
                account::display_name.eq(display_name),
                account::password_hash.eq(password_hash),
                account::state.eq("active"),
            ))
            .on_conflict_do_nothing()
            .execute(tx.conn)?;
    }
    let names: Vec<&String> = accounts.iter().map(|(login_name, _)| login_name).collect();
    let ids: Vec<(String, i64)> =
        account::table.filter(account::login_name.eq_any(names)).select((account::login_name, account::id)).load(tx.conn)?;
    Ok(ids.into_iter().collect())
}

fn write_account_posts(
    tx: &mut PlatformTx<'_>,
    tenant_id: i64,
    posts: &[StaffPost],
    ids: &BTreeMap<String, i64>,
) -> Result<(), ApplyError> {
    let rows: Vec<_> = numbered(posts)
        .filter_map(|(post_id, post)| {
            ids.get(&post.login_name).map(|account_id| {
                (account_post::account_id.eq(*account_id), account_post::tenant_id.eq(tenant_id), account_post::post_id.eq(post_id))
            })
        })
        .collect();
    diesel::insert_into(account_post::table).values(rows).on_conflict_do_nothing().execute(tx.conn)?;
    Ok(())
}

fn write_posts(tx: &mut TenantTx<'_>, posts: &[StaffPost], ids: &BTreeMap<String, i64>) -> Result<(), ApplyError> {
    let rows: Vec<_> = numbered(posts)
        .filter_map(|(post_id, held)| {
            ids.get(&held.login_name).map(|account_id| {
                (
                    post::tenant_id.eq(tx.tenant_id),
                    post::id.eq(post_id),
                    post::account_id.eq(*account_id),
                    post::holder_name.eq(held.name.clone()),
                    post::department_code.eq(held.department.clone()),
                    post::role.eq(held.role.code()),
                    post::title.eq(held.title.clone()),
                    post::state.eq("active"),
                )
            })
        })
        .collect();
    diesel::insert_into(post::table)
        .values(rows)
        .on_conflict((post::tenant_id, post::id))
        .do_update()
        .set((
            post::holder_name.eq(excluded(post::holder_name)),
            post::department_code.eq(excluded(post::department_code)),
            post::title.eq(excluded(post::title)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn numbered(posts: &[StaffPost]) -> impl Iterator<Item = (i64, &StaffPost)> {
    posts.iter().enumerate().map(|(index, post)| (i64::try_from(index).unwrap_or(i64::MAX - 1) + 1, post))
}
