//! Counting what may be tried only so often.

use actix_web::HttpRequest;
use platform::http::problem::Problem;
use platform::limit::Verdict;

/// Where a request comes from, as the limits count it.
pub fn address_of(request: &HttpRequest) -> String {
    request.peer_addr().map(|address| address.ip().to_string()).unwrap_or_default()
}

/// Goes on, or says how long to wait. Without the counters nothing is tried at all.
pub fn go_on<E: std::fmt::Display>(verdict: Result<Verdict, E>) -> Result<(), Problem> {
    match verdict {
        Ok(verdict) if verdict.allowed => Ok(()),
        Ok(verdict) => {
            let seconds = verdict.retry_after.as_secs().max(1);
            Err(Problem::too_many(seconds, format!("短时间内试的次数太多，请等 {} 分钟再试。", seconds.div_ceil(60))))
        }
        Err(error) => {
            tracing::warn!(%error, "the counters cannot be reached");
            Err(Problem::unavailable())
        }
    }
}
