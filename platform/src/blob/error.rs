//! From the client's errors to [`BlobError`], sorted by what the caller can do about them.

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use super::BlobError;

/// A missing bucket is a mistake of the configuration; reported as a missing object it would look like lost data.
const NO_SUCH_BUCKET: &str = "NoSuchBucket";

impl<E> From<SdkError<E, HttpResponse>> for BlobError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> BlobError {
        let status = error.raw_response().map(|response| response.status().as_u16());
        match &error {
            SdkError::ServiceError(service) => {
                let code = service.err().code().unwrap_or("no code").to_owned();
                match status {
                    Some(404) if code != NO_SUCH_BUCKET => BlobError::NotFound,
                    Some(408 | 429 | 500..) | None => BlobError::Unavailable(code),
                    Some(status) => BlobError::Refused(format!("{status} {code}")),
                }
            }
            SdkError::ConstructionFailure(_) => BlobError::Refused(DisplayErrorContext(&error).to_string()),
            SdkError::TimeoutError(_) => BlobError::Unavailable("timed out".to_owned()),
            SdkError::DispatchFailure(failure) => {
                let reason = failure.as_connector_error().map(|error| DisplayErrorContext(error).to_string());
                BlobError::Unavailable(reason.unwrap_or_else(|| "no connection".to_owned()))
            }
            _ => BlobError::Unavailable("the answer made no sense".to_owned()),
        }
    }
}
