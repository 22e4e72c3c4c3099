//! Somebody who speaks HTTP to a platform whose servers die: asks the other server, waits a little, signs in again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::cookie::Jar;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tenants::app::demo::DEMO_PASSWORD;

use crate::person::Answer;

/// Longer than a server waits for a connection of its pool, so that its "come back later" is heard.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// Pause after a request that was not answered.
const PAUSE: Duration = Duration::from_millis(100);
const UNEXPECTED_MAX: usize = 50;

/// What did not go as in peace, of all people together.
#[derive(Default)]
pub struct Troubles {
    unclear: AtomicUsize,
    unexpected: Mutex<Vec<String>>,
}

impl Troubles {
    pub fn unclear(&self) -> usize {
        self.unclear.load(Ordering::Relaxed)
    }

    pub fn unexpected(&self) -> Vec<String> {
        self.unexpected.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note_unclear(&self) {
        self.unclear.fetch_add(1, Ordering::Relaxed);
    }

    fn note_unexpected(&self, what: String) {
        let mut unexpected = self.unexpected.lock().unwrap_or_else(PoisonError::into_inner);
        if unexpected.len() < UNEXPECTED_MAX {
            unexpected.push(what);
        }
    }
}

/// One person with one session, which both servers know.
pub struct Steadfast {
    login_name: String,
    client: Client,
    bases: Vec<String>,
    /// Index of the server that is asked now.
    asked: AtomicUsize,
    csrf: Mutex<String>,
    deadline: Instant,
    troubles: Arc<Troubles>,
}

impl Steadfast {
    pub fn new(login_name: &str, bases: &[String], deadline: Instant, troubles: Arc<Troubles>) -> Steadfast {
        let client = Client::builder()
            .cookie_provider(Arc::new(Jar::default()))
            .timeout(REQUEST_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Steadfast {
            login_name: login_name.to_owned(),
            client,
            bases: bases.to_vec(),
            // Not everybody stands at the same server.
            asked: AtomicUsize::new(login_name.len()),
            csrf: Mutex::default(),
            deadline,
            troubles,
        }
    }

    pub async fn sign_in(&self) -> anyhow::Result<()> {
        let credentials = json!({"login_name": self.login_name, "password": DEMO_PASSWORD});
        let me = self.insist(|| self.request(Method::POST, "/api/v1/session").json(&credentials)).await?;
        anyhow::ensure!(me.status == StatusCode::OK, "{} is not let in: {}", self.login_name, me.text);
        let token = me.body["csrf_token"].as_str().unwrap_or_default().to_owned();
        *self.csrf.lock().unwrap_or_else(PoisonError::into_inner) = token;
        Ok(())
    }

    /// The draft that this key has made, now or before.
    pub async fn create_case(&self, key: &str, submission: &Value) -> anyhow::Result<Value> {
        let made =
            self.insist_signed_in(|| self.request(Method::POST, "/api/v1/cases").header("Idempotency-Key", key).json(submission)).await?;
        anyhow::ensure!(made.status == StatusCode::CREATED, "no draft: {}", made.text);
        Ok(made.body)
    }

    /// The case as this person's tenant knows it; nothing when it has none.
    pub async fn get_case(&self, case_id: &str) -> anyhow::Result<Option<Value>> {
        let path = format!("/api/v1/cases/{case_id}");
        let answer = self.insist_signed_in(|| self.request(Method::GET, &path)).await?;
        match answer.status {
            StatusCode::OK => Ok(Some(answer.body)),
            StatusCode::NOT_FOUND => Ok(None),
            _ => anyhow::bail!("a case cannot be read: {}", answer.text),
        }
    }

    /// Whether the act was certainly done; otherwise somebody must look.
    pub async fn try_act(&self, case_id: &str, action: &str, input: &Value) -> anyhow::Result<bool> {
        let path = format!("/api/v1/cases/{case_id}/actions/{action}");
        Ok(self.try_change(self.request(Method::POST, &path).json(input)).await?.is_some())
    }

    /// The case with the paper in it, if it was certainly taken.
    pub async fn try_upload(&self, case: &Value, material: &str, bytes: &'static [u8]) -> anyhow::Result<Option<Value>> {
        let case_id = case["id"].as_str().unwrap_or_default();
        let path = format!("/api/v1/cases/{case_id}/materials/{material}?version={}&file_name=scan&original_seen=true", case["version"]);
        self.try_change(self.request(Method::PUT, &path).header("Content-Type", "image/png").body(bytes)).await
    }

    /// Sends a change once.
    async fn try_change(&self, request: RequestBuilder) -> anyhow::Result<Option<Value>> {
        let Some(answer) = self.try_send(request).await else { return Ok(None) };
        match answer.status {
            StatusCode::OK => Ok(Some(answer.body)),
            // Something has changed since the look, perhaps by our own act whose answer was lost.
            StatusCode::CONFLICT => Ok(None),
            StatusCode::UNAUTHORIZED => self.sign_in().await.map(|()| None),
            _ => anyhow::bail!("refused: {}", answer.text),
        }
    }

    /// Sends a request that may be sent twice until it is answered, signing in again when the session is gone.
    async fn insist_signed_in(&self, request: impl Fn() -> RequestBuilder) -> anyhow::Result<Answer> {
        let answer = self.insist(&request).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        self.sign_in().await?;
        self.insist(&request).await
    }

    async fn insist(&self, request: impl Fn() -> RequestBuilder) -> anyhow::Result<Answer> {
        loop {
            if let Some(answer) = self.try_send(request()).await {
                return Ok(answer);
            }
            anyhow::ensure!(Instant::now() < self.deadline, "no server answers {}", self.login_name);
        }
    }

    /// The answer, unless it leaves open what happened; then the next request goes to the other server.
    async fn try_send(&self, request: RequestBuilder) -> Option<Answer> {
        let answer = read(request).await;
        let unclear = match &answer {
            Err(_) => true,
            Ok(answer) => answer.status.is_server_error(),
        };
        if !unclear {
            return answer.ok();
        }
        if let Ok(answer) = answer
            && answer.status != StatusCode::SERVICE_UNAVAILABLE
        {
            // "Come back later" is the answer to a dead database; anything else is a mistake of ours.
            self.troubles.note_unexpected(format!("{} was answered {}: {}", self.login_name, answer.status, answer.text));
        }
        self.troubles.note_unclear();
        self.asked.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(PAUSE).await;
        None
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let base = &self.bases[self.asked.load(Ordering::Relaxed) % self.bases.len()];
        let csrf = self.csrf.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.client.request(method, format!("{base}{path}")).header("X-CSRF-Token", csrf)
    }
}

/// An answer that broke off in its middle is none.
async fn read(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let status = response.status();
    let text = response.text().await?;
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Answer { status, body, text })
}
