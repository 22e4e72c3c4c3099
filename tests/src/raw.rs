//! HTTP by hand, for requests that a well-behaved client would not send.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::house::House;

/// Sends these lines and nothing after them; the answer's status and body.
pub async fn request(house: &House, lines: &[String]) -> (u16, String) {
    let mut stream = TcpStream::connect(house.config.listen).await.expect("the server listens");
    let head = format!("{}\r\nHost: {}\r\nConnection: close\r\n\r\n", lines.join("\r\n"), house.config.listen);
    stream.write_all(head.as_bytes()).await.expect("the server reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("the server answers");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    (status, body.to_owned())
}

/// Signs in without keeping cookies: the session's token as the browser would hold it, and the token against forgery.
pub async fn session_of(house: &House, login_name: &str) -> (String, String) {
    let answer = reqwest::Client::new()
        .post(format!("{}/api/v1/session", house.base))
        .json(&serde_json::json!({"login_name": login_name, "password": tenants::app::demo::DEMO_PASSWORD}))
        .send()
        .await
        .expect("the server answers");
    let cookie = answer.headers().get("set-cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = cookie.split(';').next().and_then(|pair| pair.split_once('=')).map(|(_, token)| token.to_owned()).unwrap_or_default();
    let me: serde_json::Value = answer.json().await.expect("it is JSON");
    (token, me["csrf_token"].as_str().unwrap_or_default().to_owned())
}
