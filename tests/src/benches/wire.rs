//! A thin HTTP/1.1 client on one kept connection.
//!
//! pgbench is a thin C program; a full HTTP client would use more processor time on the same two cores than the client it is compared with.
//! So requests are written as bytes and answers are read by their length, which is all a kept connection needs.

use std::net::SocketAddr;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use tenants::app::demo::DEMO_PASSWORD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Cookie and token of the session, as header lines.
    session: String,
}

pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// The answer, which must have this status.
    pub fn expect(&self, status: u16) -> anyhow::Result<Value> {
        ensure!(self.status == status, "{} {}", self.status, String::from_utf8_lossy(&self.body));
        self.json()
    }
}

impl Wire {
    pub async fn connect(address: SocketAddr) -> anyhow::Result<Wire> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Wire { stream, buffer: Vec::with_capacity(64 * 1024), session: String::new() })
    }

    /// A connection on which somebody of the sample is signed in.
    pub async fn sign_in(address: SocketAddr, login_name: &str) -> anyhow::Result<Wire> {
        let mut wire = Wire::connect(address).await?;
        let reply = wire.post("/api/v1/session", &json!({"login_name": login_name, "password": DEMO_PASSWORD})).await?;
        let me = reply.expect(200)?;
        let cookie = reply
            .head
            .lines()
            .find_map(|line| line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")))
            .and_then(|(_, value)| value.split(';').next())
            .context("signing in sets a cookie")?;
        wire.session = format!("Cookie: {cookie}\r\nX-CSRF-Token: {}\r\n", me["csrf_token"].as_str().unwrap_or_default());
        Ok(wire)
    }

    pub async fn get(&mut self, path: &str) -> anyhow::Result<Reply> {
        self.send("GET", path, "", b"").await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> anyhow::Result<Reply> {
        self.send("POST", path, "Content-Type: application/json\r\n", body.to_string().as_bytes()).await
    }

    pub async fn send(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> anyhow::Result<Reply> {
        let session = &self.session;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nAccept: application/json\r\n{session}{headers}Content-Length: {}\r\n\r\n",
            body.len()
        );
        let mut request = head.into_bytes();
        request.extend_from_slice(body);
        self.stream.write_all(&request).await?;
        self.read_reply().await
    }

    async fn read_reply(&mut self) -> anyhow::Result<Reply> {
        self.buffer.clear();
        let head_length = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            self.read_more().await?;
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_length]).into_owned();
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).context("a status line")?;
        let length: usize = head
            .lines()
            .find_map(|line| line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("content-length")))
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or(0);
        while self.buffer.len() < head_length + length {
            self.read_more().await?;
        }
        let body = self.buffer[head_length..head_length + length].to_vec();
        Ok(Reply { status, head, body })
    }

    async fn read_more(&mut self) -> anyhow::Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}
