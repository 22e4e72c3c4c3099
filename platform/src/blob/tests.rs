//! Objects in a store that the test runs itself, over the same client and the same signatures as in production.

use std::time::Duration;

use futures_util::TryStreamExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const SECRET_KEY: &str = "only-for-this-test";

/// A store on a free port that lives as long as the test's runtime, and a bucket in it.
async fn start() -> (tempfile::TempDir, config::S3, BlobStore) {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
    builder.set_auth(SimpleAuth::from_single("test", SECRET_KEY));
    let service = builder.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = at(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                server.serve_connection(TokioIo::new(socket), service).await.ok();
            });
        }
    });
    let store = BlobStore::new(&config);
    store.ensure_bucket().await.unwrap();
    (folder, config, store)
}

fn at(endpoint: &str) -> config::S3 {
    config::S3 {
        endpoint: endpoint.to_owned(),
        region: "cn-test".to_owned(),
        bucket: "zhengtong".to_owned(),
        access_key: "test".to_owned(),
        secret_key: SECRET_KEY.to_owned(),
    }
}

#[tokio::test]
async fn what_was_put_is_got() {
    let (_folder, _, store) = start().await;
    let scan: Vec<u8> = (0..1_500_000_u32).map(|at| (at % 251) as u8).collect();
    let key = "370522102000/material/9f86d081";
    assert_eq!(store.exists(key).await.unwrap(), None);
    store.put(key, scan.clone(), "image/jpeg").await.unwrap();
    assert_eq!(store.exists(key).await.unwrap(), Some(1_500_000));
    assert_eq!(store.get(key).await.unwrap(), scan);

    let stream = store.get_stream(key).await.unwrap();
    assert_eq!((stream.size_bytes, stream.media_type.as_deref()), (1_500_000, Some("image/jpeg")));
    let pieces: Vec<Bytes> = stream.into_stream().try_collect().await.unwrap();
    assert!(pieces.len() > 1);
    assert_eq!(pieces.concat(), scan);

    store.put("empty", Vec::new(), "application/pdf").await.unwrap();
    assert_eq!(store.get("empty").await.unwrap(), Bytes::new());
}

#[tokio::test]
async fn a_copy_outlives_its_original() {
    let (_folder, _, store) = start().await;
    store.put("staging/扫描 1+1=2.jpg", b"bytes".to_vec(), "image/jpeg").await.unwrap();
    store.copy("staging/扫描 1+1=2.jpg", "final/a").await.unwrap();
    store.delete("staging/扫描 1+1=2.jpg").await.unwrap();
    store.delete("staging/扫描 1+1=2.jpg").await.unwrap();
    assert_eq!(store.exists("staging/扫描 1+1=2.jpg").await.unwrap(), None);
    assert_eq!(store.get("final/a").await.unwrap(), "bytes");
    assert_eq!(store.get_stream("final/a").await.unwrap().media_type.as_deref(), Some("image/jpeg"));
}

#[tokio::test]
async fn what_is_missing_is_not_found() {
    let (_folder, config, store) = start().await;
    assert!(matches!(store.get("nothing").await, Err(BlobError::NotFound)));
    assert!(matches!(store.get_stream("nothing").await, Err(BlobError::NotFound)));
    assert!(matches!(store.copy("nothing", "b").await, Err(BlobError::NotFound)));

    let elsewhere = BlobStore::new(&config::S3 { bucket: "elsewhere".to_owned(), ..config });
    assert!(matches!(elsewhere.check().await, Err(BlobError::NotFound)));
    elsewhere.ensure_bucket().await.unwrap();
    elsewhere.ensure_bucket().await.unwrap();
    elsewhere.check().await.unwrap();
}

#[tokio::test]
async fn what_is_too_large_is_not_read() {
    let (_folder, _, store) = start().await;
    store.put("a", vec![7; 1_000], "application/pdf").await.unwrap();
    assert_eq!(store.get_within("a", 1_000).await.unwrap().len(), 1_000);
    assert!(matches!(store.get_within("a", 999).await, Err(BlobError::TooLarge { limit_bytes: 999 })));
}

#[tokio::test]
async fn a_store_that_is_away_is_worth_another_try_and_wrong_keys_are_not() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let away = BlobStore::new(&at(&format!("http://{free}"))).check().await.unwrap_err();
    assert!(away.is_worth_retrying(), "{away}");

    let (_folder, config, _) = start().await;
    let wrong = config::S3 { secret_key: "another secret".to_owned(), ..config };
    let refused = BlobStore::new(&wrong).put("a", b"x".to_vec(), "image/png").await.unwrap_err();
    assert!(matches!(refused, BlobError::Refused(_)), "{refused:?}");
    assert!(!refused.to_string().contains("secret"));
}

#[tokio::test]
async fn a_key_that_leads_elsewhere_is_refused() {
    let (_folder, _, store) = start().await;
    let long = "k".repeat(KEY_MAX_BYTES + 1);
    for key in ["", "/", "/a", "a/", "a//b", "..", "../a", "a/../b", "a/./b", "a\\b", "a\nb", &long] {
        assert!(matches!(store.put(key, b"x".to_vec(), "image/png").await, Err(BlobError::InvalidKey)), "{key:?}");
        assert!(matches!(store.copy("a", key).await, Err(BlobError::InvalidKey)), "{key:?}");
        assert!(matches!(store.presign_get(key, Duration::from_secs(60)).await, Err(BlobError::InvalidKey)));
    }
}

#[tokio::test]
async fn a_read_link_reads_one_object_for_a_while() {
    let (_folder, config, store) = start().await;
    store.put("final/a", b"the bytes".to_vec(), "text/plain").await.unwrap();
    let link = store.presign_get("final/a", Duration::from_secs(60)).await.unwrap();
    assert!(link.starts_with(&format!("{}/zhengtong/final/a?", config.endpoint)), "{link}");
    assert!(link.contains("X-Amz-Expires=60&") && !link.contains(SECRET_KEY));
    let answer = fetch(&config.endpoint, &link).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("the bytes"), "{answer}");
    let other = fetch(&config.endpoint, &link.replace("final/a", "final/b")).await;
    assert!(other.starts_with("HTTP/1.1 403"), "{other}");

    let longest = store.presign_get("final/a", Duration::from_secs(999_999)).await.unwrap();
    assert!(longest.contains(&format!("X-Amz-Expires={}&", PRESIGN_MAX.as_secs())));
}

#[tokio::test]
async fn every_body_is_signed_with_its_hash() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let store = BlobStore::new(&at(&format!("http://{}", listener.local_addr().unwrap())));
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        while !heard.ends_with(b"the bytes") {
            socket.read_buf(&mut heard).await.unwrap();
        }
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        String::from_utf8(heard).unwrap().to_ascii_lowercase()
    });
    store.put("final/a", b"the bytes".to_vec(), "text/plain").await.unwrap();
    let heard = server.await.unwrap();
    let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(b"the bytes"));
    assert!(heard.contains(&format!("x-amz-content-sha256: {hash}\r\n")), "{heard}");
    assert!(heard.contains("content-length: 9\r\n") && !heard.contains("x-amz-checksum"), "{heard}");
}

/// Fetches a link as a browser would, without any client of the store.
async fn fetch(endpoint: &str, link: &str) -> String {
    let host = endpoint.strip_prefix("http://").unwrap();
    let path = link.strip_prefix(endpoint).unwrap();
    let mut socket = TcpStream::connect(host).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}
