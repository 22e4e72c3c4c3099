//! The one way to Redis: a connection that comes back by itself, with limits on every wait.
//!
//! Sessions, limits and one-time codes share it; it multiplexes, so one per process is enough. What lives in Redis can be lost without
//! harm: people sign in again, counters start anew. Every script touches one key only, so a Redis Cluster can take over.
//!
//! Promises: a caller waits a bounded time for a Redis that is away ([`CONNECT_TIMEOUT`] a try, [`RECONNECT_TRIES`] tries), and a restart
//! of Redis between two requests is not noticed by the second one.

use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::{Client, FromRedisValue, Pipeline, RedisResult, ScriptInvocation};

/// How long one attempt to connect may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How long an answer may take; every command here is a matter of microseconds.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Attempts to reconnect before the waiting commands are failed.
const RECONNECT_TRIES: usize = 3;

/// Longest pause between two such attempts.
const RECONNECT_DELAY_MAX: Duration = Duration::from_millis(500);

/// Commands that may wait for the socket; beyond it callers wait.
const COMMANDS_IN_FLIGHT_MAX: usize = 1_024;

/// A shared connection to Redis. Clones use the same socket.
#[derive(Clone)]
pub struct RedisConnection {
    manager: ConnectionManager,
}

impl RedisConnection {
    /// Connects to `redis://…` or `redis+unix://…`; fails if Redis does not answer now.
    pub async fn connect(url: &str) -> RedisResult<RedisConnection> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_number_of_retries(RECONNECT_TRIES)
            .set_max_delay(RECONNECT_DELAY_MAX)
            .set_pipeline_buffer_size(COMMANDS_IN_FLIGHT_MAX);
        let manager = ConnectionManager::new_with_config(Client::open(url)?, config).await?;
        Ok(RedisConnection { manager })
    }

    /// The connection manager itself, for parts that speak other commands (announcements).
    pub fn manager(&self) -> ConnectionManager {
        self.manager.clone()
    }

    /// Asks Redis for a sign of life.
    pub async fn check(&self) -> RedisResult<()> {
        redis::cmd("PING").exec_async(&mut self.manager()).await
    }

    /// Runs a script, once more if the connection turned out to be dead. Callers make sure that running it twice does no harm.
    pub(crate) async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> RedisResult<T> {
        let mut manager = self.manager();
        match script.invoke_async(&mut manager).await {
            Err(error) if error.is_unrecoverable_error() => script.invoke_async(&mut manager).await,
            answer => answer,
        }
    }

    /// Runs a pipeline under the same rule as [`RedisConnection::run`].
    pub(crate) async fn run_all(&self, pipeline: &Pipeline) -> RedisResult<()> {
        let mut manager = self.manager();
        match query(pipeline, &mut manager).await {
            Err(error) if error.is_unrecoverable_error() => query(pipeline, &mut manager).await,
            answer => answer,
        }
    }
}

async fn query(pipeline: &Pipeline, connection: &mut impl ConnectionLike) -> RedisResult<()> {
    pipeline.exec_async(connection).await
}

/// A Redis of its own for a test: on a socket in a temporary folder, gone with the value.
#[cfg(test)]
pub(crate) mod test_redis {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};

    use super::RedisConnection;

    pub(crate) struct TestRedis {
        folder: tempfile::TempDir,
        server: Child,
    }

    impl TestRedis {
        pub(crate) fn start() -> TestRedis {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let server = start_server(&folder);
            TestRedis { folder, server }
        }

        pub(crate) async fn connect(&self) -> RedisConnection {
            RedisConnection::connect(&self.url()).await.expect("the test's Redis answers")
        }

        pub(crate) fn url(&self) -> String {
            format!("redis+unix://{}/redis.sock", self.folder.path().display())
        }

        /// Everything that Redis holds, keys and values, as a dump would show it.
        pub(crate) async fn dump(&self) -> String {
            let mut manager = self.connect().await.manager();
            let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut manager).await.unwrap();
            let mut dump = String::new();
            for key in keys {
                let kind: String = redis::cmd("TYPE").arg(&key).query_async(&mut manager).await.unwrap();
                let read = if kind == "hash" { "HGETALL" } else { "ZRANGE" };
                let mut command = redis::cmd(read);
                command.arg(&key);
                if kind == "zset" {
                    command.arg(0).arg(-1);
                }
                let values: Vec<String> = command.query_async(&mut manager).await.unwrap();
                dump.push_str(&format!("{key} {}\n", values.join(" ")));
            }
            dump
        }

        /// Kills the server and starts an empty one in the same place.
        pub(crate) fn restart(&mut self) {
            self.stop();
            self.server = start_server(&self.folder);
        }

        pub(crate) fn stop(&mut self) {
            self.server.kill().expect("the server was running");
            self.server.wait().expect("a killed child can be waited for");
        }
    }

    impl Drop for TestRedis {
        fn drop(&mut self) {
            // Both fail only when the test has stopped the server already.
            self.server.kill().ok();
            self.server.wait().ok();
        }
    }

    fn start_server(folder: &tempfile::TempDir) -> Child {
        let mut server = Command::new("redis-server")
            .args(["--port", "0", "--unixsocket", "redis.sock", "--save", "", "--appendonly", "no"])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("redis-server is installed");
        // Redis words it "Ready to accept" for a port and "The server is now ready to accept" for a socket.
        let log = BufReader::new(server.stdout.take().expect("piped above"));
        let ready = log.lines().map_while(Result::ok).any(|line| line.contains("eady to accept connections"));
        assert!(ready, "redis-server stopped before it was ready");
        server
    }
}

#[cfg(test)]
mod tests {
    use super::test_redis::TestRedis;
    use super::*;

    #[tokio::test]
    async fn a_restart_between_two_requests_is_not_noticed() {
        let mut redis = TestRedis::start();
        let connection = redis.connect().await;
        let script = redis::Script::new("return 7");
        assert_eq!(connection.run::<u32>(&script.prepare_invoke()).await, Ok(7));
        redis.restart();
        assert_eq!(connection.run::<u32>(&script.prepare_invoke()).await, Ok(7));
    }

    #[tokio::test]
    async fn a_redis_that_is_away_is_an_error_not_a_wait() {
        let mut redis = TestRedis::start();
        let connection = redis.connect().await;
        connection.check().await.unwrap();
        redis.stop();
        assert!(connection.check().await.is_err());
        assert!(RedisConnection::connect(&redis.url()).await.is_err());
    }
}
