//! The OpenAPI document, made from the code and from nothing else.

use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(title = "Zhengtong", description = "The interface of a Zhengtong platform. Errors are problem+json; every act is done as the signed-in post.", license(name = "Apache-2.0")),
    tags((name = "session", description = "Signing in"), (name = "catalogue", description = "Places and matters, public"), (name = "cases", description = "Cases"))
)]
pub struct ApiDocument;
