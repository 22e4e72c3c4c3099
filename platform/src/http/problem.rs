//! Errors as problem+json (RFC 9457). Codes are stable and listed in docs/API.md; texts are for people and may change.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::DbError;

/// One field that was wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Path of the field in the request, e.g. `applicant.identity_number`.
    pub field: String,
    pub message: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    // Boxed and borrowed where that is all it takes: a problem is the error of almost every function and travels in every `Result`.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub kind: Box<str>,
    #[schema(value_type = String)]
    pub title: &'static str,
    pub status: u16,
    pub detail: String,
    /// Stable code for programs.
    pub code: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds after which it is worth asking again (429 and 503).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
}

/// Media type of a problem; middleware recognises one by it.
pub const PROBLEM_JSON: &str = "application/problem+json";

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Problem {
        Problem {
            kind: format!("urn:zhengtong:problem:{code}").into_boxed_str(),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            code,
            errors: Vec::new(),
            retry_after_seconds: None,
        }
    }

    /// The same answer whether a thing is absent or belongs to somebody else.
    pub fn not_found() -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not_found", "没有找到", "没有这一项，或者它不归您所在的单位办理。")
    }

    pub fn unauthenticated() -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "not_signed_in", "还没有登录", "请先登录。登录过一阵没有操作，也需要重新登录。")
    }

    pub fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "forbidden", "您的岗位不能这样做", detail)
    }

    /// The request is understood and wrong; every wrong field is named.
    pub fn invalid(errors: Vec<FieldError>) -> Problem {
        let detail = errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("；");
        let mut problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "有内容需要改正", detail);
        problem.errors = errors;
        problem
    }

    pub fn invalid_field(field: &str, message: impl Into<String>) -> Problem {
        Problem::invalid(vec![FieldError { field: field.to_owned(), message: message.into() }])
    }

    /// The act does not fit the state of the thing.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::CONFLICT, code, "现在不能这样做", detail)
    }

    pub fn stale_version() -> Problem {
        Problem::new(StatusCode::CONFLICT, "stale_version", "别人刚刚改过", "这个办件在您打开之后有了变化。请重新载入，再做一次。")
    }

    pub fn too_many(retry_after_seconds: u64, detail: impl Into<String>) -> Problem {
        let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "locked_out", "试得太多了", detail);
        problem.retry_after_seconds = Some(retry_after_seconds);
        problem
    }

    pub fn unavailable() -> Problem {
        let mut problem = Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "暂时办不了",
            "系统正忙或正在恢复，您填的内容没有丢。请过几秒再试。",
        );
        problem.retry_after_seconds = Some(RETRY_AFTER_SECONDS);
        problem
    }

    pub fn internal(error: &dyn std::fmt::Display) -> Problem {
        // Logged here, once: this is the boundary where an unexpected error becomes an answer without details.
        tracing::error!(%error, "unexpected error");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "系统出错了", "系统出了差错，已经记下。请稍后再试；急事请打 12345。")
    }
}

const RETRY_AFTER_SECONDS: u64 = 3;

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}): {}", self.code, self.status, self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CONTENT_TYPE, PROBLEM_JSON)).insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after_seconds {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        // For whoever shows it in another form: the body need not be read again.
        response.extensions_mut().insert(self.clone());
        match serde_json::to_string(self) {
            Ok(body) => response.body(body),
            Err(_) => HttpResponse::InternalServerError().insert_header(ContentType::plaintext()).finish(),
        }
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Problem {
        if error.is_transient() {
            tracing::warn!(%error, "the database is not available");
            return Problem::unavailable();
        }
        Problem::internal(&error)
    }
}

impl From<diesel::result::Error> for Problem {
    fn from(error: diesel::result::Error) -> Problem {
        Problem::from(DbError::from(error))
    }
}
