//! Sessions: who is signed in, kept in Redis under the fingerprint of a random token.
//!
//! The token travels in a cookie and exists nowhere else; Redis holds its SM3 hash, so a dump of Redis signs nobody in. A session ends when
//! it was idle for too long, when its absolute time is over however busy it was, when it is destroyed, or when all sessions of its subject are (a
//! password was changed, an account suspended).
//!
//! Promises: loading is one round trip and moves the idle limit; a session of one kind (staff) is never loaded as another (citizen); a token
//! is never reused, signing in always makes a new one. What Redis forgets is lost, and people sign in again.
//!
//! Deliberately absent: personal data. A payload holds ids and what is shown on every page; everything else is read from the database, so
//! a change there is seen at the next request.

pub mod connection;

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use redis::{RedisError, Script};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::crypto::{equal_in_constant_time, hmac_sm3, sm3};
use crate::time::{SharedClock, SystemClock};
use connection::RedisConnection;

/// Staff walk away from their desks: half an hour.
pub const STAFF_IDLE: Duration = Duration::from_secs(30 * 60);
/// A working day with its evening shift: 12 hours.
pub const STAFF_ABSOLUTE: Duration = Duration::from_secs(12 * 60 * 60);
/// A citizen looks for papers while a form is open: one hour.
pub const CITIZEN_IDLE: Duration = Duration::from_secs(60 * 60);
/// A borrowed telephone is given back the same day: 12 hours.
pub const CITIZEN_ABSOLUTE: Duration = Duration::from_secs(12 * 60 * 60);

/// Sessions that one subject may have at once; the next one ends the oldest.
pub const SESSIONS_PER_SUBJECT_MAX: usize = 20;

const TOKEN_BYTES: usize = 32;
/// Length of a token as text: 32 bytes in base64url without padding.
const TOKEN_CHARS: usize = 43;

/// What a kind of session carries.
pub trait SessionData: Serialize + DeserializeOwned {
    /// Tells the kinds of sessions apart: `staff`, `citizen`. Never change it, or everybody is signed out.
    const KIND: &'static str;
    /// How long a session lasts at most, however busy it is: [`STAFF_ABSOLUTE`], [`CITIZEN_ABSOLUTE`].
    const ABSOLUTE: Duration;
    /// Whose session this is (account id, citizen id), for [`Sessions::destroy_all_of`].
    fn subject(&self) -> String;
}

/// Why sessions could not be used. It never means "not signed in".
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error("Redis did not answer: {0}")]
    Unavailable(#[from] RedisError),
    #[error("a session payload could not be written: {0}")]
    Payload(#[from] serde_json::Error),
    /// Somebody else signing in needs a new session, or an old token would carry new rights.
    #[error("a session never changes its subject")]
    OtherSubject,
}

/// The secret of one session, 32 random bytes in base64url. Printing it shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

impl SessionToken {
    /// The text for the cookie.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn random() -> SessionToken {
        SessionToken(URL_SAFE_NO_PAD.encode(rand::random::<[u8; TOKEN_BYTES]>()))
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionToken(…)")
    }
}

/// The sessions of this platform.
#[derive(Clone)]
pub struct Sessions {
    connection: RedisConnection,
    clock: SharedClock,
}

impl Sessions {
    /// Connects to Redis.
    pub async fn connect(url: &str) -> Result<Sessions, SessionError> {
        Ok(Sessions::over(RedisConnection::connect(url).await?))
    }

    /// Uses a connection that is there already.
    pub fn over(connection: RedisConnection) -> Sessions {
        Sessions { connection, clock: SystemClock::shared() }
    }

    /// The same sessions by another clock.
    pub fn with_clock(mut self, clock: SharedClock) -> Sessions {
        self.clock = clock;
        self
    }

    /// The connection, to be shared with limits and one-time codes.
    pub fn connection(&self) -> RedisConnection {
        self.connection.clone()
    }

    /// Begins a session that ends after `idle` without a request, and after `T::ABSOLUTE` in any case.
    pub async fn create<T: SessionData>(&self, data: &T, idle: Duration) -> Result<SessionToken, SessionError> {
        let token = SessionToken::random();
        let payload = serde_json::to_string(data)?;
        let fingerprint = fingerprint(token.as_str());
        let subject = fingerprint_of_subject(&data.subject());
        let now_ms = self.now_ms();
        let until_ms = now_ms.saturating_add(millis(T::ABSOLUTE));

        // Listed first, then written: a session that is not listed could not be destroyed with the others.
        let crowded_out: Vec<String> = self
            .connection
            .run(
                Script::new(LIST)
                    .key(list_key::<T>(&subject))
                    .arg(now_ms)
                    .arg(until_ms)
                    .arg(&fingerprint)
                    .arg(SESSIONS_PER_SUBJECT_MAX)
                    .arg(millis(T::ABSOLUTE)),
            )
            .await?;

        let key = session_key::<T>(&fingerprint);
        let mut pipeline = redis::pipe();
        pipeline.atomic();
        pipeline
            .cmd("HSET")
            .arg(&key)
            .arg(&[("data", payload.as_str()), ("subject", subject.as_str())])
            .arg(&[("idle_ms", millis(idle)), ("until_ms", until_ms), ("seen_ms", now_ms)])
            .ignore();
        pipeline.cmd("PEXPIRE").arg(&key).arg(millis(idle.min(T::ABSOLUTE))).ignore();
        for fingerprint in crowded_out {
            pipeline.cmd("DEL").arg(session_key::<T>(&fingerprint)).ignore();
        }
        self.connection.run_all(&pipeline).await?;
        Ok(token)
    }

    /// What the session carries, and moves its idle limit; `None` when there is no such session (any more).
    pub async fn load<T: SessionData>(&self, token: &str) -> Result<Option<T>, SessionError> {
        let Some(key) = key_of_token::<T>(token) else {
            return Ok(None);
        };
        let payload: Option<String> = self.connection.run(Script::new(LOAD).key(key).arg(self.now_ms())).await?;
        let Some(payload) = payload else {
            return Ok(None);
        };
        match serde_json::from_str(&payload) {
            Ok(data) => Ok(Some(data)),
            Err(_) => {
                // Written by another version of the program: the person signs in again. The reason could quote the payload, so it is not logged.
                tracing::warn!(kind = T::KIND, "a session payload is unreadable");
                self.destroy::<T>(token).await?;
                Ok(None)
            }
        }
    }

    /// Replaces what the session carries (another post was chosen); token and limits stay. `false` when there is no such session.
    pub async fn replace<T: SessionData>(&self, token: &str, data: &T) -> Result<bool, SessionError> {
        let Some(key) = key_of_token::<T>(token) else {
            return Ok(false);
        };
        let payload = serde_json::to_string(data)?;
        let subject = fingerprint_of_subject(&data.subject());
        let replaced: i64 = self.connection.run(Script::new(REPLACE).key(key).arg(self.now_ms()).arg(payload).arg(subject)).await?;
        match replaced {
            REPLACED => Ok(true),
            OTHER_SUBJECT => Err(SessionError::OtherSubject),
            _ => Ok(false),
        }
    }

    /// Ends the session, if there is one.
    pub async fn destroy<T: SessionData>(&self, token: &str) -> Result<(), SessionError> {
        let Some(key) = key_of_token::<T>(token) else {
            return Ok(());
        };
        let subject: Option<String> = self.connection.run(&Script::new(DESTROY).key(key)).await?;
        if let Some(subject) = subject {
            let mut pipeline = redis::pipe();
            pipeline.cmd("ZREM").arg(list_key::<T>(&subject)).arg(fingerprint(token)).ignore();
            self.connection.run_all(&pipeline).await?;
        }
        Ok(())
    }

    /// Ends every session of this kind that `subject` has; the number of sessions that were listed.
    ///
    /// A sign-in that is under way at this very moment may still succeed, so the caller first changes the row that sign-in reads.
    pub async fn destroy_all_of<T: SessionData>(&self, subject: &str) -> Result<usize, SessionError> {
        let list = list_key::<T>(&fingerprint_of_subject(subject));
        let fingerprints: Vec<String> = self.connection.run(&Script::new(TAKE_LIST).key(list)).await?;
        let mut pipeline = redis::pipe();
        for fingerprint in &fingerprints {
            pipeline.cmd("DEL").arg(session_key::<T>(fingerprint)).ignore();
        }
        if !fingerprints.is_empty() {
            self.connection.run_all(&pipeline).await?;
        }
        Ok(fingerprints.len())
    }

    fn now_ms(&self) -> u64 {
        // Before 1970 only in a test with a strange clock; then nothing ever expires by this comparison, but by Redis's own.
        u64::try_from(self.clock.now().timestamp_millis()).unwrap_or(0)
    }
}

/// The token that a form or a script sends back to prove that it was served by this platform: derived from the session, so nothing is stored.
/// `key` is `KeyRing::key_for("csrf")`.
pub fn csrf_token(token: &str, key: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(hmac_sm3(key, &[b"csrf/", token.as_bytes()]))
}

/// Whether `given` is the token that belongs to the session, compared in constant time.
pub fn csrf_matches(token: &str, key: &[u8; 32], given: &str) -> bool {
    equal_in_constant_time(csrf_token(token, key).as_bytes(), given.as_bytes())
}

const REPLACED: i64 = 1;
const OTHER_SUBJECT: i64 = -1;

/// Lists a new session under its subject and returns the oldest ones that have to make room.
/// ARGV: now, end of the new session, its fingerprint, most sessions at once, life of the list; all times in milliseconds.
const LIST: &str = "
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
    redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
    redis.call('PEXPIRE', KEYS[1], ARGV[5])
    local surplus = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[4])
    if surplus <= 0 then return {} end
    local oldest = redis.call('ZRANGE', KEYS[1], 0, surplus - 1)
    redis.call('ZREM', KEYS[1], unpack(oldest))
    return oldest
";

/// Reads a session and moves its idle limit. ARGV: now. Redis's own expiry only clears away; the decision is by our clock.
const LOAD: &str = "
    local row = redis.call('HMGET', KEYS[1], 'data', 'idle_ms', 'until_ms', 'seen_ms')
    if not row[1] then return false end
    local now, idle, till, seen = tonumber(ARGV[1]), tonumber(row[2]), tonumber(row[3]), tonumber(row[4])
    if now >= till or now >= seen + idle then
        redis.call('DEL', KEYS[1])
        return false
    end
    if now > seen then redis.call('HSET', KEYS[1], 'seen_ms', ARGV[1]) end
    redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.min(idle, till - now)))
    return row[1]
";

/// Replaces the payload of a session that has not ended. ARGV: now, payload, subject.
const REPLACE: &str = "
    local row = redis.call('HMGET', KEYS[1], 'subject', 'idle_ms', 'until_ms', 'seen_ms')
    if not row[1] then return 0 end
    local now = tonumber(ARGV[1])
    if now >= tonumber(row[3]) or now >= tonumber(row[4]) + tonumber(row[2]) then return 0 end
    if row[1] ~= ARGV[3] then return -1 end
    redis.call('HSET', KEYS[1], 'data', ARGV[2])
    return 1
";

const DESTROY: &str = "
    local subject = redis.call('HGET', KEYS[1], 'subject')
    redis.call('DEL', KEYS[1])
    return subject
";

const TAKE_LIST: &str = "
    local listed = redis.call('ZRANGE', KEYS[1], 0, -1)
    redis.call('DEL', KEYS[1])
    return listed
";

/// The key of the session that a cookie names, or `None` for text that was never a token.
fn key_of_token<T: SessionData>(token: &str) -> Option<String> {
    let is_token = token.len() == TOKEN_CHARS && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    is_token.then(|| session_key::<T>(&fingerprint(token)))
}

fn session_key<T: SessionData>(fingerprint: &str) -> String {
    format!("session:{}:{fingerprint}", T::KIND)
}

fn list_key<T: SessionData>(subject_fingerprint: &str) -> String {
    format!("sessions-of:{}:{subject_fingerprint}", T::KIND)
}

fn fingerprint(token: &str) -> String {
    hex::encode(sm3(&[b"session/", token.as_bytes()]))
}

fn fingerprint_of_subject(subject: &str) -> String {
    hex::encode(sm3(&[b"subject/", subject.as_bytes()]))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
