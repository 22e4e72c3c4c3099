//! Letters into a folder, and to a mail server of the test's own that speaks just enough SMTP.

use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::*;

fn letter() -> Letter {
    Letter {
        to: "韩立军 <han@example.cn>".to_owned(),
        subject: "您的办件已受理：残疾人两项补贴".to_owned(),
        text: "韩立军您好：\n您的办件已受理。\n.\n承诺 9 月 30 日前办结。".to_owned(),
        html: None,
        message_key: "case-1/3".to_owned(),
    }
}

fn to_folder(path: &Path) -> Mailer {
    let transport = config::MailTransport::Directory(path.to_owned());
    Mailer::new(&config::Mail { transport, from: "利津县政务服务 <noreply@lijin.example.cn>".to_owned() }).unwrap()
}

fn to_server(port: u16) -> Mailer {
    let transport = config::MailTransport::Smtp { url: format!("smtp://127.0.0.1:{port}") };
    Mailer::new(&config::Mail { transport, from: "noreply@lijin.example.cn".to_owned() }).unwrap()
}

fn files(path: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    files
}

fn message_id(eml: &str) -> &str {
    eml.lines().find_map(|line| line.strip_prefix("Message-ID: ")).expect("every letter has one")
}

/// A mail server that answers every letter with `verdict` and writes down what it hears. It hears a line before it answers it, so after
/// a letter was sent everything stands there.
async fn mail_server(verdict: &'static str) -> (u16, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(String::new()));
    let written_down = heard.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(serve(socket, verdict, written_down.clone()));
        }
    });
    (port, heard)
}

async fn serve(socket: TcpStream, verdict: &'static str, heard: Arc<Mutex<String>>) -> std::io::Result<()> {
    let (read, mut write) = socket.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut in_letter = false;
    write.write_all(b"220 test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        heard.lock().unwrap().push_str(&format!("{line}\n"));
        let answer = match line.as_str() {
            "." => verdict,
            _ if in_letter => continue,
            "DATA" => "354 go on",
            _ if line.starts_with("EHLO") => "250-test\r\n250 8BITMIME",
            _ => "250 fine",
        };
        in_letter = line == "DATA";
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_letter_in_the_folder_is_readable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail");
    let mailer = to_folder(&path);
    mailer.check().await.unwrap();
    mailer.send(&letter()).await.unwrap();
    let files = files(&path);
    assert_eq!(files.len(), 1, "{files:?}");
    let (name, eml) = &files[0];
    assert!(name.ends_with(".eml"));
    assert!(eml.contains("From: 利津县政务服务 <noreply@lijin.example.cn>\r\n"), "{eml}");
    assert!(eml.contains("To: 韩立军 <han@example.cn>\r\n"));
    assert!(eml.contains("Subject: 您的办件已受理：残疾人两项补贴\r\n"));
    assert!(eml.ends_with("\r\n\r\n韩立军您好：\r\n您的办件已受理。\r\n.\r\n承诺 9 月 30 日前办结。\r\n"));
}

#[tokio::test]
async fn a_letter_with_html_has_both_forms() {
    let folder = tempfile::tempdir().unwrap();
    let with_html = Letter { html: Some("<p>已受理</p>".to_owned()), ..letter() };
    to_folder(folder.path()).send(&with_html).await.unwrap();
    let eml = &files(folder.path())[0].1;
    assert!(eml.contains("text/plain") && eml.contains("text/html") && eml.contains("<p>已受理</p>"), "{eml}");
    assert_eq!(eml.matches(&format!("--{}", "=_zhengtong-letter-part_=")).count(), 3);
}

#[tokio::test]
async fn a_copy_is_recognised_by_its_message_id() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = to_folder(folder.path());
    mailer.send(&letter()).await.unwrap();
    mailer.send(&letter()).await.unwrap();
    let other = Letter { message_key: "case-1/4".to_owned(), ..letter() };
    mailer.send(&other).await.unwrap();
    let files = files(folder.path());
    let ids: std::collections::BTreeSet<_> = files.iter().map(|(_, eml)| message_id(eml)).collect();
    assert_eq!((files.len(), ids.len()), (3, 2));
    assert!(ids.iter().all(|id| id.ends_with("@lijin.example.cn>")));
}

#[tokio::test]
async fn a_letter_reaches_the_server_whole() {
    let (port, heard) = mail_server("250 taken").await;
    let mailer = to_server(port);
    mailer.check().await.unwrap();
    mailer.send(&letter()).await.unwrap();
    let heard = heard.lock().unwrap().clone();
    assert!(heard.contains("MAIL FROM:<noreply@lijin.example.cn>"), "{heard}");
    assert!(heard.contains("RCPT TO:<han@example.cn>"));
    let folder = tempfile::tempdir().unwrap();
    to_folder(folder.path()).send(&letter()).await.unwrap();
    assert!(heard.contains(message_id(&files(folder.path())[0].1)), "the same key gives the same id on every way");
}

#[tokio::test]
async fn an_error_tells_whether_to_try_again_and_nothing_else() {
    let (port, _) = mail_server("550 no such user han@example.cn").await;
    let refused = to_server(port).send(&letter()).await.unwrap_err();
    assert!(!refused.is_worth_retrying());
    assert_eq!(refused.to_string(), "the mail server refused (550)");

    let (port, _) = mail_server("451 later").await;
    let busy = to_server(port).send(&letter()).await.unwrap_err();
    assert!(busy.is_worth_retrying());
    assert_eq!(busy.to_string(), "the mail server is not available (451)");

    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    assert!(to_server(nobody).send(&letter()).await.unwrap_err().is_worth_retrying());
    assert!(to_server(nobody).check().await.is_err());
}

#[tokio::test]
async fn what_is_no_letter_is_refused_before_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = to_folder(folder.path());
    let wrong = [
        Letter { to: "nobody".to_owned(), ..letter() },
        Letter { to: "a@example.cn\r\nBcc: b@example.cn".to_owned(), ..letter() },
        Letter { subject: "一\r\nBcc: b@example.cn".to_owned(), ..letter() },
        Letter { subject: "长".repeat(SUBJECT_MAX_CHARS + 1), ..letter() },
    ];
    for letter in wrong {
        assert!(matches!(mailer.send(&letter).await, Err(MailError::Invalid(_))));
    }
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_wrong_configuration_is_noticed_at_the_start() {
    let directory = || config::MailTransport::Directory("/nowhere".into());
    assert!(Mailer::new(&config::Mail { transport: directory(), from: "nobody".to_owned() }).is_err());
    let smtp = config::MailTransport::Smtp { url: "http://example.cn".to_owned() };
    assert!(Mailer::new(&config::Mail { transport: smtp, from: "a@example.cn".to_owned() }).is_err());
}
