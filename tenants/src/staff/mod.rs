//! 工作人员: signing in, the post that is held, switching posts.
//!
//! An *account* is a person's sign-in; a *post* is what the person is in one tenant and department. A session holds exactly one post at a
//! time, and with it the tenant: nothing else in a request says for whom one acts. Names and wrong passwords are answered alike.

pub mod actions;
pub mod sign_in;
pub mod store;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(sign_in::sign_in).service(sign_in::get_session).service(sign_in::hold_post).service(sign_in::sign_out);
}
