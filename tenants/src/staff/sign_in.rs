//! Signing in and out, and choosing the post.

use std::time::Duration;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use chrono::{DateTime, Utc};
use platform::actor::{Actor, Staff};
use platform::audit;
use platform::http::problem::Problem;
use platform::limit::{SIGN_IN_FROM_ADDRESS, SIGN_IN_OF_NAME, Verdict};
use platform::password;
use platform::permit::{Permit, STAFF_COOKIE};
use platform::session::STAFF_IDLE;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actions::{SignIn, UseSession};
use super::store::{self, Account};
use crate::context::{Context, SharedContext};

pub const LOGIN_NAME_MAX_BYTES: usize = 100;

#[derive(Deserialize, ToSchema)]
pub struct Credentials {
    pub login_name: String,
    pub password: String,
}

#[derive(Deserialize, ToSchema)]
pub struct PostChoice {
    pub tenant_id: i64,
    pub post_id: i64,
}

/// Who is signed in, as what, and what else they could be.
#[derive(Serialize, ToSchema)]
pub struct Me {
    pub account_id: i64,
    pub name: String,
    pub login_name: String,
    pub post: PostView,
    pub posts: Vec<PostView>,
    pub csrf_token: String,
    /// Entries of the console's navigation that this post may use.
    pub nav: Vec<&'static str>,
    pub now: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
pub struct PostView {
    pub id: i64,
    pub title: String,
    pub role: String,
    pub tenant_id: i64,
    pub tenant_name: String,
    pub tenant_level: i16,
    pub department_code: String,
    pub department_name: String,
}

#[utoipa::path(operation_id = "sign_in", tag = "session", request_body = Credentials,
    responses((status = 200, body = Me), (status = 401, body = Problem), (status = 429, body = Problem)))]
#[post("/api/v1/session")]
pub async fn sign_in(
    context: SharedContext,
    _permit: Permit<SignIn>,
    request: HttpRequest,
    body: web::Json<Credentials>,
) -> Result<HttpResponse, Problem> {
    let Credentials { login_name, password } = body.into_inner();
    let address = request.peer_addr().map(|address| address.ip().to_string()).unwrap_or_default();
    let name_key = login_name.trim().to_lowercase();
    // The attempt is counted before the password is looked at, so that parallel tries cannot overrun the limit.
    check(context.limits.hit("sign_in_from", &address, SIGN_IN_FROM_ADDRESS).await)?;
    check(context.limits.hit("sign_in_of", &name_key, SIGN_IN_OF_NAME).await)?;

    let account = match name_key.len() {
        1..=LOGIN_NAME_MAX_BYTES => {
            let name = name_key.clone();
            context.db.platform(move |tx| store::find_account(tx, &name)).await?
        }
        _ => None,
    };
    let Some(account) = verified(account, password).await? else {
        tracing::info!(%address, "a sign-in was refused");
        return Err(Problem::new(
            actix_web::http::StatusCode::UNAUTHORIZED,
            "sign_in_refused",
            "登录名或密码不对",
            "请检查登录名和密码。连续错 5 次要等 15 分钟。",
        ));
    };
    let staff = first_post(&context, &account).await?;
    if let Err(error) = context.limits.clear("sign_in_of", &name_key).await {
        tracing::warn!(%error, "a counter could not be cleared");
    }
    let token = context.sessions.create(&staff, STAFF_IDLE).await.map_err(store_down)?;
    record(&context, &staff, "staff.sign_in").await?;
    let me = me_of(&context, &staff, &account.posts, csrf_of(&context, token.as_str())).await?;
    Ok(HttpResponse::Ok().cookie(session_cookie(&context, token.as_str())).insert_header(("Cache-Control", "no-store")).json(me))
}

#[utoipa::path(operation_id = "get_session", tag = "session", responses((status = 200, body = Me), (status = 401, body = Problem)))]
#[get("/api/v1/session")]
pub async fn get_session(context: SharedContext, permit: Permit<UseSession>) -> Result<HttpResponse, Problem> {
    let staff = permit.staff()?;
    let posts = posts_of(&context, staff.account_id).await?;
    let me = me_of(&context, staff, &posts, permit.csrf_token()).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(me))
}

/// Acts from another of the account's posts from now on.
#[utoipa::path(operation_id = "hold_post", tag = "session", request_body = PostChoice, responses((status = 200, body = Me), (status = 401, body = Problem), (status = 404, body = Problem)))]
#[put("/api/v1/session/post")]
pub async fn hold_post(context: SharedContext, permit: Permit<UseSession>, body: web::Json<PostChoice>) -> Result<web::Json<Me>, Problem> {
    let staff = permit.staff()?;
    let posts = posts_of(&context, staff.account_id).await?;
    let wanted = posts.iter().find(|(tenant_id, post_id)| *tenant_id == body.tenant_id && *post_id == body.post_id).copied();
    let (tenant_id, post_id) = wanted.ok_or_else(Problem::not_found)?;
    let (account_id, login_name) = (staff.account_id, staff.login_name.clone());
    let chosen = context
        .db
        .tenant(tenant_id, move |tx| store::find_post(tx, account_id, &login_name, post_id))
        .await?
        .ok_or_else(Problem::not_found)?;
    let token = permit.session_token().ok_or_else(Problem::unauthenticated)?;
    context.sessions.replace(token, &chosen).await.map_err(store_down)?;
    record(&context, &chosen, "staff.hold_post").await?;
    Ok(web::Json(me_of(&context, &chosen, &posts, permit.csrf_token()).await?))
}

#[utoipa::path(operation_id = "sign_out", tag = "session", responses((status = 204)))]
#[delete("/api/v1/session")]
pub async fn sign_out(context: SharedContext, permit: Permit<UseSession>) -> Result<HttpResponse, Problem> {
    if let Some(token) = permit.session_token() {
        context.sessions.destroy::<Staff>(token).await.map_err(store_down)?;
    }
    record(&context, permit.staff()?, "staff.sign_out").await?;
    let mut gone = session_cookie(&context, "");
    gone.make_removal();
    Ok(HttpResponse::NoContent().cookie(gone).finish())
}

/// The account, if the password is right. Takes as long for a name that does not exist.
async fn verified(account: Option<Account>, password: String) -> Result<Option<Account>, Problem> {
    web::block(move || match account {
        Some(account) => password::verify(&password, &account.password_hash).then_some(account),
        None => {
            password::verify_nothing(&password);
            None
        }
    })
    .await
    .map_err(|error| Problem::internal(&error))
}

async fn first_post(context: &Context, account: &Account) -> Result<Staff, Problem> {
    for (tenant_id, post_id) in account.posts.iter().copied() {
        let (account_id, login_name) = (account.id, account.login_name.clone());
        if let Some(staff) = context.db.tenant(tenant_id, move |tx| store::find_post(tx, account_id, &login_name, post_id)).await? {
            return Ok(staff);
        }
    }
    Err(Problem::forbidden("这个账号现在没有岗位，请找本单位管理员"))
}

async fn posts_of(context: &Context, account_id: i64) -> Result<Vec<(i64, i64)>, Problem> {
    Ok(context.db.platform(move |tx| store::list_post_ids(tx, account_id)).await?)
}

async fn me_of(context: &Context, staff: &Staff, posts: &[(i64, i64)], csrf_token: String) -> Result<Me, Problem> {
    let mut views = Vec::with_capacity(posts.len());
    for (tenant_id, post_id) in posts.iter().copied() {
        let (account_id, login_name) = (staff.account_id, staff.login_name.clone());
        if let Some(held) = context.db.tenant(tenant_id, move |tx| store::find_post(tx, account_id, &login_name, post_id)).await? {
            views.push(post_view(context, &held).await?);
        }
    }
    let prepares = matches!(staff.role.as_str(), "agent" | "village_head" | "window_clerk");
    Ok(Me {
        account_id: staff.account_id,
        name: staff.name.clone(),
        login_name: staff.login_name.clone(),
        post: post_view(context, staff).await?,
        posts: views,
        csrf_token,
        nav: if prepares { vec!["desk", "receive"] } else { vec!["desk"] },
        now: context.now(),
    })
}

async fn post_view(context: &Context, staff: &Staff) -> Result<PostView, Problem> {
    let snapshot = context.register.snapshot().await?;
    let tenant = snapshot.find(staff.tenant_id);
    let departments = context.directory.list_departments(staff.tenant_id).await?;
    let department = departments.iter().find(|department| department.code == staff.department_code);
    Ok(PostView {
        id: staff.post_id,
        title: staff.title.clone(),
        role: staff.role.clone(),
        tenant_id: staff.tenant_id,
        tenant_name: tenant.map(|tenant| tenant.short_name.clone()).unwrap_or_default(),
        tenant_level: tenant.map(|tenant| tenant.level).unwrap_or_default(),
        department_code: staff.department_code.clone(),
        department_name: department.map(|department| department.name.clone()).unwrap_or_default(),
    })
}

async fn record(context: &Context, staff: &Staff, action: &'static str) -> Result<(), Problem> {
    let (actor, at) = (Actor::Staff(staff.clone()), context.now());
    let account_id = staff.account_id;
    Ok(context
        .db
        .tenant(staff.tenant_id, move |tx| audit::record(tx, at, &actor, action, &format!("account {account_id}"), "done", "own session"))
        .await?)
}

fn csrf_of(context: &Context, token: &str) -> String {
    platform::session::csrf_token(token, &context.keys.key_for("csrf"))
}

fn session_cookie<'c>(context: &Context, token: &str) -> Cookie<'c> {
    Cookie::build(STAFF_COOKIE, token.to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(context.public_url.starts_with("https://"))
        .finish()
}

fn check<E: std::fmt::Display>(verdict: Result<Verdict, E>) -> Result<(), Problem> {
    match verdict {
        Ok(verdict) if verdict.allowed => Ok(()),
        Ok(verdict) => Err(Problem::too_many(
            verdict.retry_after.as_secs().max(1),
            format!("为了账号安全，请等 {} 分钟再试。", minutes(verdict.retry_after)),
        )),
        Err(error) => {
            tracing::warn!(%error, "the counters cannot be reached");
            Err(Problem::unavailable())
        }
    }
}

fn minutes(wait: Duration) -> u64 {
    wait.as_secs().div_ceil(60).max(1)
}

fn store_down(error: platform::session::SessionError) -> Problem {
    tracing::warn!(%error, "the session store cannot be reached");
    Problem::unavailable()
}
