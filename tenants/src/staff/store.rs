//! Accounts and posts as stored.

use diesel::prelude::*;
use platform::actor::Staff;
use platform::db::schema::{account, account_post, post};
use platform::db::{DbError, PlatformTx, TenantTx};

/// An account with the places where it holds posts.
pub struct Account {
    pub id: i64,
    pub login_name: String,
    pub display_name: String,
    pub password_hash: String,
    /// (tenant, post)
    pub posts: Vec<(i64, i64)>,
}

pub fn find_account(tx: &mut PlatformTx<'_>, login_name: &str) -> Result<Option<Account>, DbError> {
    let found: Option<(i64, String, String, String)> = account::table
        .filter(account::login_name.eq(login_name))
        .filter(account::state.eq("active"))
        .select((account::id, account::login_name, account::display_name, account::password_hash))
        .first(tx.conn)
        .optional()?;
    let Some((id, login_name, display_name, password_hash)) = found else { return Ok(None) };
    let posts = list_post_ids(tx, id)?;
    Ok(Some(Account { id, login_name, display_name, password_hash, posts }))
}

pub fn list_post_ids(tx: &mut PlatformTx<'_>, account_id: i64) -> Result<Vec<(i64, i64)>, DbError> {
    Ok(account_post::table
        .filter(account_post::account_id.eq(account_id))
        .order((account_post::tenant_id, account_post::post_id))
        .select((account_post::tenant_id, account_post::post_id))
        .load(tx.conn)?)
}

/// The post, if it is this account's and still held.
pub fn find_post(tx: &mut TenantTx<'_>, account_id: i64, login_name: &str, post_id: i64) -> Result<Option<Staff>, DbError> {
    let found: Option<(String, String, String, String)> = post::table
        .find((tx.tenant_id, post_id))
        .filter(post::account_id.eq(account_id))
        .filter(post::state.eq("active"))
        .select((post::holder_name, post::department_code, post::role, post::title))
        .first(tx.conn)
        .optional()?;
    Ok(found.map(|(name, department_code, role, title)| Staff {
        account_id,
        name,
        login_name: login_name.to_owned(),
        post_id,
        tenant_id: tx.tenant_id,
        department_code,
        role,
        title,
    }))
}
