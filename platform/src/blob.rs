//! Blobs: scans and documents in an S3 store.
//!
//! The database says which key belongs to what; the store only keeps bytes. A final key is never written twice, so what was hashed once stays
//! what it was; the caller builds keys that way (tenant, then content hash).
//!
//! Promises: the client signs the hash of every body it sends, so the store notices a broken upload; an error says whether the object is
//! missing, too large, or whether the store is away and trying again makes sense; every wait has an end; nothing is read into memory
//! beyond a limit.
//!
//! Deliberately absent: listing and searching (the database knows), multipart uploads (nothing here is larger than [`BLOB_MAX_BYTES`]),
//! and the newer checksum headers, which not every store takes with a stream.

mod error;

use std::time::Duration;

use actix_web::web::Bytes;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation, SharedHttpClient};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use futures_util::Stream;

use crate::config;

/// Largest object that is written, or read as a whole: the 20 MiB of an uploaded scan, and room for a document that binds several.
pub const BLOB_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Longest time a read link may be good for; longer ones would outlive the permission they were made under.
pub const PRESIGN_MAX: Duration = Duration::from_secs(60 * 60);

/// Longest key that S3 takes.
const KEY_MAX_BYTES: usize = 1_024;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long the store may be silent before its answer begins, and how long each next piece of a streamed body may take.
const READ_TIMEOUT: Duration = Duration::from_secs(20);
/// How long one attempt may take; an object of the largest size at 2 MiB a second.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(32);
/// How long an operation may take with all its attempts.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(90);
/// Attempts at an operation that failed for a reason that may pass.
const ATTEMPTS_MAX: u32 = 3;
/// The region whose buckets are created without saying so; every other one is named.
const REGION_WITHOUT_CONSTRAINT: &str = "us-east-1";

/// Why an object was not read or written. Its text never contains a key's content or a credential.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is no such object (for [`BlobStore::check`]: no such bucket).
    #[error("no such object")]
    NotFound,
    /// Larger than the caller, or this program, takes.
    #[error("more than {limit_bytes} bytes")]
    TooLarge { limit_bytes: u64 },
    /// A key that this program would not build.
    #[error("not a key")]
    InvalidKey,
    /// The store is away, slow or busy; trying again later makes sense.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// The store does not want this; somebody has to look (credentials, policy, quota).
    #[error("the store refused: {0}")]
    Refused(String),
}

impl BlobError {
    /// Whether the job should try again later.
    pub fn is_worth_retrying(&self) -> bool {
        matches!(self, BlobError::Unavailable(_))
    }
}

/// One bucket of a store.
#[derive(Clone)]
pub struct BlobStore {
    client: Client,
    bucket: String,
    region: String,
}

/// An object on its way, in pieces.
pub struct BlobStream {
    pub size_bytes: u64,
    pub media_type: Option<String>,
    body: ByteStream,
}

impl BlobStore {
    /// Reads the configuration; connects only when the first object is asked for.
    pub fn new(config: &config::S3) -> BlobStore {
        let credentials = Credentials::new(&config.access_key, &config.secret_key, None, None, "configuration");
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let settings = aws_sdk_s3::Config::builder()
            .endpoint_url(&config.endpoint)
            .region(Region::new(config.region.clone()))
            .credentials_provider(credentials)
            .force_path_style(true)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX))
            .timeout_config(timeouts)
            .http_client(http_client(&config.endpoint))
            .build();
        BlobStore { client: Client::from_conf(settings), bucket: config.bucket.clone(), region: config.region.clone() }
    }

    /// Writes an object, at most [`BLOB_MAX_BYTES`].
    pub async fn put(&self, key: &str, bytes: impl Into<Bytes>, media_type: &str) -> Result<(), BlobError> {
        let bytes: Bytes = bytes.into();
        check_key(key)?;
        check_size(bytes.len() as u64, BLOB_MAX_BYTES)?;
        self.client.put_object().bucket(&self.bucket).key(key).content_type(media_type).body(ByteStream::from(bytes)).send().await?;
        Ok(())
    }

    /// Reads an object whole, at most [`BLOB_MAX_BYTES`].
    pub async fn get(&self, key: &str) -> Result<Bytes, BlobError> {
        self.get_within(key, BLOB_MAX_BYTES).await
    }

    /// Reads an object whole if it has at most `limit_bytes`.
    pub async fn get_within(&self, key: &str, limit_bytes: u64) -> Result<Bytes, BlobError> {
        let mut object = self.get_stream(key).await?;
        check_size(object.size_bytes, limit_bytes)?;
        let mut bytes = Vec::with_capacity(usize::try_from(object.size_bytes).unwrap_or(0));
        while let Some(piece) = object.next_piece().await? {
            // The announced size is only the store's word.
            check_size((bytes.len() + piece.len()) as u64, limit_bytes)?;
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes.into())
    }

    /// Begins to read an object, to be passed on piece by piece.
    pub async fn get_stream(&self, key: &str) -> Result<BlobStream, BlobError> {
        check_key(key)?;
        let answer = self.client.get_object().bucket(&self.bucket).key(key).send().await?;
        let size_bytes = answer
            .content_length
            .and_then(|length| u64::try_from(length).ok())
            .ok_or_else(|| BlobError::Unavailable("the store did not say how long the object is".to_owned()))?;
        Ok(BlobStream { size_bytes, media_type: answer.content_type, body: answer.body })
    }

    /// Copies an object within the store, media type included.
    pub async fn copy(&self, from: &str, to: &str) -> Result<(), BlobError> {
        check_key(from)?;
        check_key(to)?;
        let source = format!("{}/{}", percent_encoded(&self.bucket), percent_encoded(from));
        self.client.copy_object().bucket(&self.bucket).copy_source(source).key(to).send().await?;
        Ok(())
    }

    /// The size of an object in bytes, or `None` when there is none.
    pub async fn exists(&self, key: &str) -> Result<Option<u64>, BlobError> {
        check_key(key)?;
        match self.client.head_object().bucket(&self.bucket).key(key).send().await.map_err(BlobError::from) {
            Ok(answer) => Ok(answer.content_length.and_then(|length| u64::try_from(length).ok())),
            Err(BlobError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes an object; that there was none is fine.
    pub async fn delete(&self, key: &str) -> Result<(), BlobError> {
        check_key(key)?;
        match self.client.delete_object().bucket(&self.bucket).key(key).send().await.map_err(BlobError::from) {
            Ok(_) | Err(BlobError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Creates the bucket unless it is there.
    pub async fn ensure_bucket(&self) -> Result<(), BlobError> {
        match self.check().await {
            Err(BlobError::NotFound) => {}
            there_or_broken => return there_or_broken,
        }
        let constraint = (self.region != REGION_WITHOUT_CONSTRAINT).then(|| {
            CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(self.region.as_str())).build()
        });
        let created = self.client.create_bucket().bucket(&self.bucket).set_create_bucket_configuration(constraint).send().await;
        match created {
            Ok(_) => Ok(()),
            // Another replica was faster.
            Err(error) if error.as_service_error().is_some_and(|error| error.is_bucket_already_owned_by_you()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the store answers and the bucket is there ([`BlobError::NotFound`]: it is not).
    pub async fn check(&self) -> Result<(), BlobError> {
        self.client.head_bucket().bucket(&self.bucket).send().await?;
        Ok(())
    }

    /// A link that reads one object for `ttl`, at most [`PRESIGN_MAX`], without asking this platform again. The caller has a permit and logs
    /// the reading. Whether the object exists is not looked up.
    pub async fn presign_get(&self, key: &str, ttl: Duration) -> Result<String, BlobError> {
        check_key(key)?;
        let ttl = PresigningConfig::expires_in(ttl.min(PRESIGN_MAX)).map_err(|error| BlobError::Refused(error.to_string()))?;
        let request = self.client.get_object().bucket(&self.bucket).key(key).presigned(ttl).await?;
        Ok(request.uri().to_owned())
    }
}

impl BlobStream {
    /// The next piece, or `None` at the end.
    pub async fn next_piece(&mut self) -> Result<Option<Bytes>, BlobError> {
        match tokio::time::timeout(READ_TIMEOUT, self.body.try_next()).await {
            Ok(Ok(piece)) => Ok(piece),
            Ok(Err(error)) => Err(BlobError::Unavailable(error.to_string())),
            Err(_) => Err(BlobError::Unavailable("the store fell silent".to_owned())),
        }
    }

    /// The pieces as the body of an answer wants them. After an error the stream ends.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, BlobError>> + Send + 'static {
        futures_util::stream::try_unfold(self, |mut object| async move { Ok(object.next_piece().await?.map(|piece| (piece, object))) })
    }
}

/// TLS with ring where the endpoint asks for it. Without TLS no certificates of the machine are needed, and a container may have none.
fn http_client(endpoint: &str) -> SharedHttpClient {
    if endpoint.starts_with("https:") {
        Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
    } else {
        Builder::new().build_http()
    }
}

/// Keys are built by this program from ids and hashes; anything else is a mistake, and `..` would be a way out of a store made of files.
fn check_key(key: &str) -> Result<(), BlobError> {
    let parts_are_names = key.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if key.len() <= KEY_MAX_BYTES && parts_are_names && !key.contains(|letter: char| letter.is_control() || letter == '\\') {
        Ok(())
    } else {
        Err(BlobError::InvalidKey)
    }
}

fn check_size(size_bytes: u64, limit_bytes: u64) -> Result<(), BlobError> {
    if size_bytes > limit_bytes { Err(BlobError::TooLarge { limit_bytes }) } else { Ok(()) }
}

/// The source of a copy travels in a header and is the one thing that the client does not encode by itself.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
