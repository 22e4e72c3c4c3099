//! Messages into a folder, and to a gateway of the test's own.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;

const TEXT: &str = "【利津政务】您的办件已受理，接力：村↑镇↑［县残联］。";

/// Answers one request with `status`; hands back what was asked.
async fn gateway(status: u16) -> (SmsGateway, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send?app=zhengtong", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        while !String::from_utf8_lossy(&heard).ends_with('}') {
            socket.read_buf(&mut heard).await.unwrap();
        }
        let answer = format!("HTTP/1.1 {status} whatever\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        socket.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(heard).unwrap()
    });
    (SmsGateway::new(&config::Sms { transport: config::SmsTransport::Http { url } }).unwrap(), server)
}

#[tokio::test]
async fn a_message_in_the_folder_is_readable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sms");
    let sms = SmsGateway::new(&config::Sms { transport: config::SmsTransport::Directory(path.clone()) }).unwrap();
    sms.check().await.unwrap();
    sms.send("13800008899", TEXT).await.unwrap();
    sms.send("+8613800008899", TEXT).await.unwrap();
    let names: Vec<_> = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.iter().all(|name| name.to_str().unwrap().contains("-8899-") && name.extension().unwrap() == "txt"));
    let texts: Vec<_> = names.iter().map(|name| std::fs::read_to_string(name).unwrap()).collect();
    assert!(texts.contains(&format!("13800008899\n{TEXT}\n")), "{texts:?}");
}

#[tokio::test]
async fn the_gateway_is_posted_one_json_object() {
    let (sms, server) = gateway(200).await;
    sms.send("13800008899", TEXT).await.unwrap();
    let heard = server.await.unwrap();
    let (head, body) = heard.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /send?app=zhengtong HTTP/1.1"), "{head}");
    assert!(head.to_ascii_lowercase().contains("content-type: application/json"));
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body, serde_json::json!({"telephone": "13800008899", "text": TEXT}));
}

#[tokio::test]
async fn an_error_tells_whether_to_try_again() {
    for (status, again) in [(400, false), (403, false), (429, true), (500, true), (503, true)] {
        let (sms, _server) = gateway(status).await;
        assert_eq!(sms.send("13800008899", TEXT).await.unwrap_err().is_worth_retrying(), again, "{status}");
    }
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = config::SmsTransport::Http { url: format!("http://{free}/") };
    let nobody = SmsGateway::new(&config::Sms { transport: nobody }).unwrap();
    assert!(nobody.send("13800008899", TEXT).await.unwrap_err().is_worth_retrying());
    assert!(nobody.check().await.is_err());
}

#[tokio::test]
async fn what_is_no_message_is_refused_before_it_is_sent() {
    let (sms, server) = gateway(200).await;
    let long = "长".repeat(TEXT_MAX_CHARS + 1);
    for (telephone, text) in
        [("", TEXT), ("1380000889x", TEXT), ("../8899", TEXT), ("1234567890123456", TEXT), ("13800008899", ""), ("13800008899", &long)]
    {
        assert!(matches!(sms.send(telephone, text).await, Err(SmsError::Invalid(_))), "{telephone}");
    }
    server.abort();
    for url in ["", "gateway", "ftp://gateway/"] {
        let transport = config::SmsTransport::Http { url: url.to_owned() };
        assert!(SmsGateway::new(&config::Sms { transport }).is_err(), "{url}");
    }
}
