//! The embedded stack against the real programs: what it promises in its module header, tried.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::primitives::ByteStream;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use platform::config::{Config, S3};
use platform::embedded::error::StackError;
use platform::embedded::{Stack, StackOptions};

/// Tells the helper process below which folder to use; without it the helper does nothing.
const HELPER_FOLDER: &str = "ZT_TEST_STACK_FOLDER";
/// Generous, because the machine may be busy; nothing here waits that long when all is well.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Words {
    #[diesel(sql_type = Text)]
    words: String,
}

fn connect(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap_or_else(|error| panic!("cannot connect: {error}"))
}

fn number(connection: &mut PgConnection, query: &str) -> i64 {
    diesel::sql_query(query).get_result::<Number>(connection).expect(query).number
}

fn words(connection: &mut PgConnection, query: &str) -> String {
    diesel::sql_query(query).get_result::<Words>(connection).expect(query).words
}

fn redis_connection(config: &Config) -> redis::Connection {
    redis::Client::open(config.redis_url.as_str()).expect("url").get_connection().expect("redis answers")
}

fn s3_client(s3: &S3) -> aws_sdk_s3::Client {
    let settings = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&s3.endpoint)
        .region(Region::new(s3.region.clone()))
        .credentials_provider(Credentials::new(&s3.access_key, &s3.secret_key, None, None, "test"))
        .force_path_style(true)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    aws_sdk_s3::Client::from_conf(settings)
}

fn is_alive(process: u32) -> bool {
    // A process that has ended but was not waited for has no executable any more.
    std::fs::read_link(format!("/proc/{process}/exe")).is_ok()
}

fn wait_until(what: &str, mut is_true: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_true() {
        assert!(begin.elapsed() < PATIENCE, "{what} did not happen within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn every_part_answers_and_a_second_start_keeps_the_data() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
    let options = || StackOptions { durable: true, ..StackOptions::for_tests(folder.path()) };

    let stack = Stack::start(options()).expect("first start");
    let config = stack.config();
    let mut database = connect(&stack.superuser_url());
    assert_eq!(words(&mut database, "SELECT current_setting('server_encoding') AS words"), "UTF8");
    assert_eq!(words(&mut database, "SELECT current_setting('timezone') AS words"), "UTC");
    assert_eq!(words(&mut database, "SELECT current_setting('fsync') AS words"), "on");
    assert_eq!(words(&mut database, "SELECT lower('ÄÖ') AS words"), "äö", "case follows Unicode");
    assert_eq!(words(&mut database, "SELECT current_user::text AS words"), "zt_super");
    database.batch_execute("CREATE TABLE kept (id bigint); INSERT INTO kept VALUES (7)").expect("table");
    assert_eq!(number(&mut connect(&stack.superuser_tcp_url()), "SELECT id AS number FROM kept"), 7);
    let wrong_password = stack.database_url("zt_super", "wrong", "zhengtong");
    assert!(PgConnection::establish(&wrong_password).is_err(), "a wrong password is refused");

    let _: () = redis::cmd("SET").arg("kept").arg(7).query(&mut redis_connection(&config)).expect("set");
    let port = url::Url::parse(&config.redis_url).ok().and_then(|url| url.port()).expect("a port");
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}/0")).expect("url");
    let refused = client.get_connection().and_then(|mut open| redis::cmd("PING").query::<String>(&mut open));
    assert!(refused.is_err(), "no password is refused");

    runtime.block_on(async {
        let body = vec![42_u8; 3 * 1024 * 1024];
        let put = s3_client(&config.s3).put_object().bucket(&config.s3.bucket).key("a/户口簿.pdf");
        put.content_type("application/pdf").body(ByteStream::from(body)).send().await.expect("put");
        let stranger = S3 { secret_key: "wrong".into(), ..config.s3.clone() };
        let refused = s3_client(&stranger).get_object().bucket(&config.s3.bucket).key("a/户口簿.pdf").send().await;
        assert!(refused.is_err(), "a wrong signature is refused");
    });
    let pids = [stack.postgres_pid().expect("runs"), stack.redis_pid().expect("runs")];
    stack.stop().expect("stop");
    assert!(!pids.iter().any(|process| is_alive(*process)), "nothing runs on");

    let begin = Instant::now();
    let stack = Stack::start(options()).expect("second start");
    println!("second start: {:?}", begin.elapsed());
    let again = stack.config();
    assert_eq!(again.secrets.data_key, config.secrets.data_key);
    assert_eq!(number(&mut connect(&stack.superuser_url()), "SELECT id AS number FROM kept"), 7);
    let kept: i64 = redis::cmd("GET").arg("kept").query(&mut redis_connection(&again)).expect("get");
    assert_eq!(kept, 7);
    runtime.block_on(async {
        let got = s3_client(&again.s3).get_object().bucket(&again.s3.bucket).key("a/户口簿.pdf").send().await.expect("get");
        assert_eq!(got.content_type(), Some("application/pdf"));
        let bytes = got.body.collect().await.expect("body").into_bytes();
        assert_eq!((bytes.len(), bytes[0]), (3 * 1024 * 1024, 42));
    });
    stack.stop_and_erase().expect("erase");
    assert!(!folder.path().exists());
}

#[test]
fn drills_kill_pause_and_restart_and_the_address_stays() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let stack = Stack::start(StackOptions { durable: true, ..StackOptions::for_tests(folder.path()) }).expect("start");
    let before = stack.config();
    let mut database = connect(&stack.superuser_url());
    database.batch_execute("CREATE TABLE kept (id bigint); INSERT INTO kept VALUES (7)").expect("table");

    let pid = stack.postgres_pid().expect("runs");
    stack.kill_postgres().expect("kill");
    assert_eq!(stack.postgres_pid(), None);
    assert!(!is_alive(pid));
    assert!(database.batch_execute("SELECT 1").is_err(), "the connection is gone");
    stack.restart_postgres().expect("restart");
    assert_eq!(stack.config().environment(), before.environment());
    assert_eq!(number(&mut connect(&stack.superuser_url()), "SELECT id AS number FROM kept"), 7);

    stack.pause_postgres();
    let url = format!("{}?connect_timeout=2", stack.superuser_tcp_url());
    assert!(PgConnection::establish(&url).is_err(), "a paused server does not answer");
    stack.resume_postgres();
    connect(&stack.superuser_url());

    let redis_pid = stack.redis_pid().expect("runs");
    stack.kill_redis().expect("kill");
    assert!(!is_alive(redis_pid));
    stack.restart_redis().expect("restart");
    redis_connection(&before);

    let second = Stack::start(StackOptions::for_tests(folder.path()));
    assert!(matches!(second.err(), Some(StackError::InUse { .. })), "one folder, one stack");
    stack.pause_postgres();
    stack.stop_and_erase().expect("even a paused server can be stopped");
}

#[test]
fn a_long_path_and_a_folder_the_servers_cannot_enter_are_no_obstacle() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("temporary folder");
    let closed = folder.path().join("closed");
    std::fs::create_dir(&closed).expect("folder");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).expect("mode");
    let long = closed.join("县级以下的一个名字很长的文件夹".repeat(3)).join("data with spaces");
    let stack = Stack::start(StackOptions::for_tests(&long)).expect("start");
    assert_eq!(number(&mut connect(&stack.superuser_url()), "SELECT 1::bigint AS number"), 1);
    let told = std::fs::read_to_string(long.join("server.path")).ok().map(|text| text.trim().to_owned());
    assert_eq!(told.is_some(), nix::unistd::geteuid().is_root(), "only root needs another place");
    stack.stop_and_erase().expect("erase");
    assert!(told.is_none_or(|elsewhere| !Path::new(&elsewhere).exists()), "the other place is removed as well");
}

#[test]
fn nothing_outlives_a_killed_parent_and_the_next_start_recovers() {
    let folder = tempfile::tempdir().expect("temporary folder");
    // Once letting the servers end by themselves, once starting anew while they may still be on their way out.
    for is_patient in [true, false] {
        let pids = start_and_kill_a_helper(folder.path());
        let are_gone = || !pids.iter().any(|pid| is_alive(*pid));
        if is_patient {
            wait_until("the end of the orphaned servers", are_gone);
        }
        let stack = Stack::start(StackOptions::for_tests(folder.path())).expect("start after the kill");
        assert!(are_gone());
        assert!(number(&mut connect(&stack.superuser_url()), "SELECT count(*) AS number FROM kept") > 0);
        stack.stop().expect("stop");
    }
    Stack::start(StackOptions::for_tests(folder.path())).expect("start").stop_and_erase().expect("erase");
}

/// The process ids of the helper's PostgreSQL and Redis.
fn start_and_kill_a_helper(folder: &Path) -> Vec<u32> {
    let mut helper = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "helper_that_waits_to_be_killed", "--ignored", "--nocapture"])
        .env(HELPER_FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("helper");
    let lines = BufReader::new(helper.stdout.take().expect("piped")).lines();
    let named = lines.map(|line| line.expect("readable")).find_map(|line| line.strip_prefix("pids ").map(String::from));
    let named = named.expect("the helper names its children");
    let pids: Vec<u32> = named.split(' ').map(|pid| pid.parse().expect("pid")).collect();
    assert!(pids.iter().all(|pid| is_alive(*pid)));
    helper.kill().expect("kill");
    helper.wait().expect("wait");
    pids
}

#[test]
#[ignore = "the other half of nothing_outlives_a_killed_parent_and_the_next_start_recovers"]
fn helper_that_waits_to_be_killed() {
    let Some(folder) = std::env::var_os(HELPER_FOLDER) else {
        return;
    };
    let stack = Stack::start(StackOptions::for_tests(folder)).expect("start");
    let mut database = connect(&stack.superuser_url());
    database.batch_execute("CREATE TABLE IF NOT EXISTS kept (id bigint); INSERT INTO kept VALUES (7)").expect("table");
    println!("\npids {} {}", stack.postgres_pid().expect("runs"), stack.redis_pid().expect("runs"));
    std::thread::sleep(PATIENCE);
    panic!("nobody killed this helper");
}
