//! Somebody who speaks HTTP to a platform: with a session or without, always through the real interface.

use std::sync::Arc;

use reqwest::cookie::Jar;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tenants::app::demo::DEMO_PASSWORD;

#[derive(Clone)]
pub struct Person {
    pub client: reqwest::Client,
    pub base: String,
    pub csrf: String,
    pub me: Value,
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
    pub text: String,
}

impl Answer {
    /// Says what came instead, when it is not the expected status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.body
    }

    /// A problem with this status and code.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status.as_u16(), self.body["code"].as_str()), (status, Some(code)), "{}", self.text);
        self.body
    }
}

impl Person {
    pub fn anonymous(base: &str) -> Person {
        let client = reqwest::Client::builder()
            .cookie_provider(Arc::new(Jar::default()))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Person { client, base: base.to_owned(), csrf: String::new(), me: Value::Null }
    }

    pub async fn sign_in(base: &str, login_name: &str) -> Person {
        let mut person = Person::anonymous(base);
        let me = person.post("/api/v1/session", &json!({"login_name": login_name, "password": DEMO_PASSWORD})).await.expect(200);
        person.csrf = me["csrf_token"].as_str().unwrap_or_default().to_owned();
        person.me = me;
        person
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).header("X-CSRF-Token", &self.csrf)
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::PUT, path).json(body)).await
    }

    pub async fn create_case(&self, idempotency_key: &str, submission: &Value) -> Answer {
        send(self.request(Method::POST, "/api/v1/cases").header("Idempotency-Key", idempotency_key).json(submission)).await
    }

    pub async fn upload(&self, case: &Value, material: &str, media_type: &str, bytes: Vec<u8>) -> Answer {
        let path = format!(
            "/api/v1/cases/{}/materials/{material}?version={}&file_name=scan&original_seen=true",
            case["id"].as_str().unwrap_or_default(),
            case["version"]
        );
        send(self.request(Method::PUT, &path).header("Content-Type", media_type).body(bytes)).await
    }

    /// Does an act on a case as this person sees it now.
    pub async fn act(&self, case_id: &str, action: &str, input: Value) -> Answer {
        let known = self.get(&format!("/api/v1/cases/{case_id}")).await;
        if known.status != StatusCode::OK {
            return known;
        }
        let mut body = input;
        body["version"] = known.body["version"].clone();
        self.post(&format!("/api/v1/cases/{case_id}/actions/{action}"), &body).await
    }
}

pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("the server answers");
    let status = response.status();
    let text = response.text().await.unwrap_or_default();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, body, text }
}
