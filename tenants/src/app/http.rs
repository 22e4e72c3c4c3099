//! Every route, and what surrounds all of them: limits, headers, compression, problems as pages for people and as JSON for programs.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_files::NamedFile;
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::error::{InternalError, JsonPayloadError};
use actix_web::http::header;
use actix_web::middleware::{Compress, DefaultHeaders, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use platform::http::problem::Problem;
use platform::http::{health, origin};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

use super::openapi::ApiDocument;
use super::parts::Parts;
use crate::cases::upload::BODY_MAX_BYTES;
use crate::{cases, catalogue, portal, staff};

/// Largest JSON body; papers have a limit of their own.
pub const JSON_MAX_BYTES: usize = 256 * 1024;
/// A client that is slower than this at sending its request is let go.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
pub const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Requests under way are given this long when the server stops, in seconds.
pub const SHUTDOWN_SECONDS: u64 = 10;

/// No inline script and no inline style anywhere; papers are shown from our own origin.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; \
                                       object-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

/// A server on an open listener; the caller runs and stops it.
pub fn serve(parts: Parts, listener: TcpListener, workers: usize, console_dir: PathBuf) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        let (app, document) = App::new().into_utoipa_app().openapi(ApiDocument::openapi()).configure(api_routes).split_for_parts();
        let console_dir = console_dir.clone();
        app.app_data(web::Data::new(document))
            .app_data(parts.context.clone())
            .app_data(parts.gate.clone())
            .app_data(parts.db.clone())
            .app_data(json_limits())
            .app_data(web::PayloadConfig::new(BODY_MAX_BYTES))
            .app_data(web::PathConfig::default().error_handler(|_, _| Problem::not_found().into()))
            .app_data(
                web::QueryConfig::default()
                    .error_handler(|error, _| Problem::invalid_field("query", format!("地址里的参数不对：{error}")).into()),
            )
            .service(openapi_json)
            .configure(health::routes)
            .configure(portal::routes)
            .configure(move |config| console_routes(config, &console_dir))
            .default_service(web::to(nothing_here))
            .wrap(from_fn(origin::refuse_cross_site))
            .wrap(from_fn(portal::errors::as_pages))
            .wrap(security_headers())
            .wrap(Compress::default())
    })
    .workers(workers)
    .client_request_timeout(REQUEST_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}

/// Operations of the JSON API; the OpenAPI document is made from the same list.
pub fn api_routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    staff::routes(config);
    catalogue::routes(config);
    cases::routes(config);
    portal::api_routes(config);
}

/// The document by itself, for `zhengtong openapi` and for tests.
pub fn api_document() -> utoipa::openapi::OpenApi {
    let (_, document) = App::new().into_utoipa_app().openapi(ApiDocument::openapi()).configure(api_routes).split_for_parts();
    document
}

#[actix_web::get("/api/v1/openapi.json")]
async fn openapi_json(
    document: web::Data<utoipa::openapi::OpenApi>,
    _permit: platform::permit::Permit<catalogue::actions::ReadGuide>,
) -> web::Json<utoipa::openapi::OpenApi> {
    web::Json(document.get_ref().clone())
}

fn json_limits() -> web::JsonConfig {
    web::JsonConfig::default().limit(JSON_MAX_BYTES).error_handler(|error, _| {
        let problem = match &error {
            JsonPayloadError::Overflow { .. } | JsonPayloadError::OverflowKnownLength { .. } => Problem::new(
                actix_web::http::StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "内容太多",
                format!("一次最多提交 {} KB", JSON_MAX_BYTES / 1024),
            ),
            other => Problem::invalid_field("body", format!("请求的 JSON 不对：{other}")),
        };
        InternalError::from_response(error, actix_web::ResponseError::error_response(&problem)).into()
    })
}

fn security_headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "same-origin"))
        .add((header::X_FRAME_OPTIONS, "SAMEORIGIN"))
        .add((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .add(("Permissions-Policy", "camera=(self), microphone=(), geolocation=()"))
}

/// The staff console: built files, and its one page for every address under `/console/` that is not a file.
fn console_routes(config: &mut web::ServiceConfig, folder: &Path) {
    config.route("/console", web::get().to(|| async { HttpResponse::Found().insert_header((header::LOCATION, "/console/")).finish() }));
    let page = folder.join("index.html");
    if !page.exists() {
        config.route(
            "/console/{tail:.*}",
            web::get().to(|| async { HttpResponse::ServiceUnavailable().body("the console has not been built: run `make console`") }),
        );
        return;
    }
    let fallback = page.clone();
    config.service(actix_files::Files::new("/console", folder).index_file("index.html").default_handler(actix_web::dev::fn_service(
        move |request: ServiceRequest| {
            let page = fallback.clone();
            async move {
                let (request, _) = request.into_parts();
                let response = NamedFile::open(page)?.into_response(&request);
                Ok(ServiceResponse::new(request, response))
            }
        },
    )));
}

async fn nothing_here(_: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(Problem::not_found())
}
