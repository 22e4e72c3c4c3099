//! The gateway over HTTP. It uses the HTTP connector that the object store's client brings along, because the process has one TLS stack
//! and one of these is enough.

use std::time::Duration;

use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde::Serialize;
use url::Url;

use super::SmsError;

/// How long an unused connection is kept.
const IDLE_CONNECTION_LIFE: Duration = Duration::from_secs(30);

/// What the gateway is sent.
#[derive(Serialize)]
struct OutgoingMessage<'a> {
    telephone: &'a str,
    text: &'a str,
}

#[derive(Clone)]
pub(super) struct HttpGateway {
    url: Url,
    connector: SharedHttpConnector,
}

impl HttpGateway {
    pub(super) fn new(url: &str) -> Result<HttpGateway, SmsError> {
        let url = Url::parse(url).map_err(|_| SmsError::Invalid("the address of the gateway"))?;
        let builder = Connector::builder().pool_idle_timeout(IDLE_CONNECTION_LIFE);
        let connector = match url.scheme() {
            "https" => builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build(),
            // Without TLS no certificates of the machine are needed, and a container may have none.
            "http" => builder.build_http(),
            _ => return Err(SmsError::Invalid("the address of the gateway")),
        };
        Ok(HttpGateway { url, connector: SharedHttpConnector::new(connector) })
    }

    pub(super) async fn send(&self, telephone: &str, text: &str) -> Result<(), SmsError> {
        let body = serde_json::to_vec(&OutgoingMessage { telephone, text }).expect("two texts are always JSON");
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST").expect("POST is a method");
        request.set_uri(self.url.as_str()).map_err(|_| SmsError::Invalid("the address of the gateway"))?;
        request.headers_mut().insert("content-type", "application/json");
        let answer = self.connector.call(request).await.map_err(|_| SmsError::Unavailable { status: None })?;
        match answer.status().as_u16() {
            200..=299 => Ok(()),
            status @ (408 | 429 | 500..=599) => Err(SmsError::Unavailable { status: Some(status) }),
            status => Err(SmsError::Refused { status }),
        }
    }

    pub(super) async fn check(&self) -> Result<(), SmsError> {
        let addresses = self.url.socket_addrs(|| None).map_err(|_| SmsError::Unavailable { status: None })?;
        tokio::net::TcpStream::connect(&addresses[..]).await.map_err(|_| SmsError::Unavailable { status: None })?;
        Ok(())
    }
}
