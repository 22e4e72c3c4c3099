//! One-time codes: six digits that prove that somebody holds a telephone.
//!
//! Promises: a code is good once, for [`CODE_LIFE`], for the subject it was issued to, and for [`CODE_TRIES_MAX`] wrong tries; a subject gets
//! a new code only [`CODE_RESEND_AFTER`] after the last one. Redis holds keyed fingerprints of subject and code.
//!
//! Five tries a minute for ever would still find a code, and every message costs money: the caller also holds
//! [`crate::limit::CODES_TO_TELEPHONE`] and [`crate::limit::CODES_FROM_ADDRESS`].

use std::time::Duration;

use redis::{RedisError, Script};

use crate::crypto::{KeyRing, hmac_sm3};
use crate::session::connection::RedisConnection;
use crate::time::{SharedClock, SystemClock};

/// How long a code is good.
pub const CODE_LIFE: Duration = Duration::from_secs(5 * 60);
/// How long a subject waits for the next code.
pub const CODE_RESEND_AFTER: Duration = Duration::from_secs(60);
/// Wrong tries after which a code is void.
pub const CODE_TRIES_MAX: u32 = 5;
/// Digits of a code.
pub const CODE_DIGITS: usize = 6;

/// Why no code was issued, or none confirmed.
#[derive(Debug, thiserror::Error)]
pub enum OneTimeCodeError {
    /// A code is on its way already.
    #[error("the next code may be asked for in {} s", retry_after.as_secs())]
    TooSoon { retry_after: Duration },
    #[error("Redis did not answer: {0}")]
    Unavailable(#[from] RedisError),
}

/// The one-time codes that are out.
#[derive(Clone)]
pub struct OneTimeCodes {
    connection: RedisConnection,
    key: [u8; 32],
    clock: SharedClock,
}

impl OneTimeCodes {
    /// Keeps codes over `connection` (that of the sessions).
    pub fn new(connection: RedisConnection, keys: &KeyRing) -> OneTimeCodes {
        OneTimeCodes { connection, key: keys.key_for("one-time-codes"), clock: SystemClock::shared() }
    }

    /// The same codes by another clock.
    pub fn with_clock(mut self, clock: SharedClock) -> OneTimeCodes {
        self.clock = clock;
        self
    }

    /// A new code for `subject` (purpose and telephone, `sign-in:13800008899`); codes issued to it before are void.
    pub async fn issue(&self, subject: &str) -> Result<String, OneTimeCodeError> {
        let code = random_code();
        let wait_ms: u64 = self
            .connection
            .run(
                Script::new(ISSUE)
                    .key(self.redis_key(subject))
                    .arg(self.clock.now().timestamp_millis())
                    .arg(millis(CODE_RESEND_AFTER))
                    .arg(millis(CODE_LIFE))
                    .arg(self.fingerprint(subject, &code)),
            )
            .await?;
        if wait_ms > 0 {
            return Err(OneTimeCodeError::TooSoon { retry_after: Duration::from_millis(wait_ms) });
        }
        Ok(code)
    }

    /// Whether `code` is the one that `subject` was sent; the right answer uses it up, a wrong one costs a try.
    pub async fn confirm(&self, subject: &str, code: &str) -> Result<bool, OneTimeCodeError> {
        let confirmed: bool = self
            .connection
            .run(
                Script::new(CONFIRM)
                    .key(self.redis_key(subject))
                    .arg(self.clock.now().timestamp_millis())
                    .arg(millis(CODE_LIFE))
                    .arg(CODE_TRIES_MAX)
                    .arg(self.fingerprint(subject, code)),
            )
            .await?;
        Ok(confirmed)
    }

    /// Takes a code back that could not be sent, so that the next one may be asked for at once.
    pub async fn withdraw(&self, subject: &str) -> Result<(), OneTimeCodeError> {
        let mut pipeline = redis::pipe();
        pipeline.cmd("DEL").arg(self.redis_key(subject)).ignore();
        Ok(self.connection.run_all(&pipeline).await?)
    }

    fn redis_key(&self, subject: &str) -> String {
        format!("one-time-code:{}", hex::encode(hmac_sm3(&self.key, &[b"subject/", subject.as_bytes()])))
    }

    fn fingerprint(&self, subject: &str, code: &str) -> String {
        hex::encode(hmac_sm3(&self.key, &[b"code/", &(subject.len() as u64).to_be_bytes(), subject.as_bytes(), code.as_bytes()]))
    }
}

/// ARGV: now, pause between codes, life of a code, fingerprint. Answers 0, or the milliseconds to wait.
const ISSUE: &str = "
    local now, pause = tonumber(ARGV[1]), tonumber(ARGV[2])
    local issued = tonumber(redis.call('HGET', KEYS[1], 'issued_ms') or '')
    if issued and now < issued + pause then return issued + pause - now end
    redis.call('DEL', KEYS[1])
    redis.call('HSET', KEYS[1], 'issued_ms', ARGV[1], 'code', ARGV[4], 'wrong_tries', 0)
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    return 0
";

/// ARGV: now, life of a code, most wrong tries, fingerprint. After the last wrong try the row stays without a code, so that the pause
/// until the next one is kept.
const CONFIRM: &str = "
    local row = redis.call('HMGET', KEYS[1], 'code', 'issued_ms')
    if not row[1] then return 0 end
    if tonumber(ARGV[1]) >= tonumber(row[2]) + tonumber(ARGV[2]) then
        redis.call('DEL', KEYS[1])
        return 0
    end
    if row[1] == ARGV[4] then
        redis.call('DEL', KEYS[1])
        return 1
    end
    if redis.call('HINCRBY', KEYS[1], 'wrong_tries', 1) >= tonumber(ARGV[3]) then redis.call('HDEL', KEYS[1], 'code') end
    return 0
";

fn random_code() -> String {
    (0..CODE_DIGITS).map(|_| char::from(rand::random_range(b'0'..=b'9'))).collect()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::config::Secrets;
    use crate::session::connection::test_redis::TestRedis;
    use crate::time::FixedClock;

    const SUBJECT: &str = "sign-in:13800008899";

    async fn start() -> (TestRedis, FixedClock, OneTimeCodes) {
        let redis = TestRedis::start();
        let clock = FixedClock::at(Utc.with_ymd_and_hms(2026, 9, 22, 1, 0, 0).unwrap());
        let keys = KeyRing::new(&Secrets { data_key: [7; 32] });
        let codes = OneTimeCodes::new(redis.connect().await, &keys).with_clock(clock.shared());
        (redis, clock, codes)
    }

    /// A code that is not the right one.
    fn wrong(code: &str) -> String {
        let last = if code.ends_with('0') { '1' } else { '0' };
        format!("{}{last}", &code[..CODE_DIGITS - 1])
    }

    #[tokio::test]
    async fn a_code_is_good_once_and_for_its_subject() {
        let (redis, _, codes) = start().await;
        let code = codes.issue(SUBJECT).await.unwrap();
        assert!(code.len() == CODE_DIGITS && code.bytes().all(|digit| digit.is_ascii_digit()));
        let dump = redis.dump().await;
        assert!(!dump.contains("13800008899"), "{dump}");
        assert!(!codes.confirm("sign-in:13800008890", &code).await.unwrap());
        assert!(codes.confirm(SUBJECT, &code).await.unwrap());
        assert!(!codes.confirm(SUBJECT, &code).await.unwrap());
    }

    #[tokio::test]
    async fn two_clicks_at_once_confirm_once() {
        let (_redis, _, codes) = start().await;
        let code = codes.issue(SUBJECT).await.unwrap();
        let clicks = (0..20).map(|_| codes.confirm(SUBJECT, &code));
        let answers = futures_util::future::try_join_all(clicks).await.unwrap();
        assert_eq!(answers.into_iter().filter(|confirmed| *confirmed).count(), 1);
    }

    #[tokio::test]
    async fn the_fifth_wrong_try_voids_the_code() {
        let (_redis, _, codes) = start().await;
        let code = codes.issue(SUBJECT).await.unwrap();
        for _ in 0..CODE_TRIES_MAX - 1 {
            assert!(!codes.confirm(SUBJECT, &wrong(&code)).await.unwrap());
        }
        assert!(codes.confirm(SUBJECT, &code).await.unwrap());

        let code = codes.issue(SUBJECT).await.unwrap();
        for _ in 0..CODE_TRIES_MAX {
            assert!(!codes.confirm(SUBJECT, &wrong(&code)).await.unwrap());
        }
        assert!(!codes.confirm(SUBJECT, &code).await.unwrap());
        assert!(matches!(codes.issue(SUBJECT).await, Err(OneTimeCodeError::TooSoon { .. })));
    }

    #[tokio::test]
    async fn a_code_grows_old() {
        let (_redis, clock, codes) = start().await;
        let code = codes.issue(SUBJECT).await.unwrap();
        clock.advance(chrono::Duration::minutes(5));
        assert!(!codes.confirm(SUBJECT, &code).await.unwrap());
    }

    #[tokio::test]
    async fn the_next_code_takes_a_minute_and_replaces_the_first() {
        let (_redis, clock, codes) = start().await;
        let first = codes.issue(SUBJECT).await.unwrap();
        clock.advance(chrono::Duration::seconds(20));
        let refused = codes.issue(SUBJECT).await;
        assert!(matches!(refused, Err(OneTimeCodeError::TooSoon { retry_after }) if retry_after.as_secs() == 40));
        clock.advance(chrono::Duration::seconds(40));
        let second = codes.issue(SUBJECT).await.unwrap();
        assert!(first == second || !codes.confirm(SUBJECT, &first).await.unwrap());
        assert!(codes.confirm(SUBJECT, &second).await.unwrap());
    }

    #[tokio::test]
    async fn a_code_that_was_not_sent_is_taken_back() {
        let (_redis, _, codes) = start().await;
        let code = codes.issue(SUBJECT).await.unwrap();
        codes.withdraw(SUBJECT).await.unwrap();
        assert!(!codes.confirm(SUBJECT, &code).await.unwrap());
        codes.issue(SUBJECT).await.unwrap();
    }
}
