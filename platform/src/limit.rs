//! Limits: how often somebody may try, counted in Redis for all replicas together.
//!
//! The pattern for a sign-in: [`Limits::hit`] *before* the password is looked at, [`Limits::clear`] after it was right. Counting first is what holds
//! against a hundred attempts sent at the same moment. After `count` attempts within `window` the key is locked for a whole `window` from the last
//! of them; attempts while locked change nothing, so an attacker cannot keep somebody locked out for ever by one early burst.
//!
//! Promises: a hit is one atomic round trip; Redis sees neither telephone numbers nor addresses, only keyed fingerprints.
//!
//! When Redis is away the answer is an error, not a yes; the caller refuses (sign-in, codes) or lets pass (look-ups), and says so.

use std::time::Duration;

use redis::{RedisError, Script};

use crate::crypto::{KeyRing, hmac_sm3};
use crate::session::connection::RedisConnection;
use crate::time::{SharedClock, SystemClock};

/// So many attempts in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Attempts that are allowed within the window; with 0 none ever is.
    pub count: u32,
    /// The time in which attempts are counted together, and for which the key is locked after the last of them.
    pub window: Duration,
}

/// Passwords tried for one sign-in name.
pub const SIGN_IN_OF_NAME: Rule = Rule { count: 5, window: Duration::from_secs(15 * 60) };
/// Passwords tried from one address; a county hall stands behind one.
pub const SIGN_IN_FROM_ADDRESS: Rule = Rule { count: 100, window: Duration::from_secs(15 * 60) };
/// One-time codes sent to one telephone.
pub const CODES_TO_TELEPHONE: Rule = Rule { count: 5, window: Duration::from_secs(60 * 60) };
/// One-time codes asked for from one address.
pub const CODES_FROM_ADDRESS: Rule = Rule { count: 30, window: Duration::from_secs(60 * 60) };
/// Receipt secrets tried for one case number.
pub const FOLLOW_OF_CASE: Rule = Rule { count: 10, window: Duration::from_secs(15 * 60) };
/// Cases looked up by receipt from one address.
pub const FOLLOW_FROM_ADDRESS: Rule = Rule { count: 60, window: Duration::from_secs(15 * 60) };

/// The answer to an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether this attempt may go on (for [`Limits::peek`]: whether the next one may).
    pub allowed: bool,
    /// How many more attempts there are.
    pub remaining: u32,
    /// How long until there are attempts again; zero while there are some.
    pub retry_after: Duration,
}

/// The counters of this platform.
#[derive(Clone)]
pub struct Limits {
    connection: RedisConnection,
    key: [u8; 32],
    clock: SharedClock,
}

impl Limits {
    /// Counts over `connection` (that of the sessions).
    pub fn new(connection: RedisConnection, keys: &KeyRing) -> Limits {
        Limits { connection, key: keys.key_for("limits"), clock: SystemClock::shared() }
    }

    /// The same counters by another clock.
    pub fn with_clock(mut self, clock: SharedClock) -> Limits {
        self.clock = clock;
        self
    }

    /// Counts one attempt of `key` (a sign-in name, a telephone, an address) at `name` (`sign-in-of-name`), if the rule still allows it.
    pub async fn hit(&self, name: &str, key: &str, rule: Rule) -> Result<Verdict, RedisError> {
        self.judge(name, key, rule, true).await
    }

    /// What the next attempt would be told, without counting.
    pub async fn peek(&self, name: &str, key: &str, rule: Rule) -> Result<Verdict, RedisError> {
        self.judge(name, key, rule, false).await
    }

    /// Forgets the attempts, because one of them was right.
    pub async fn clear(&self, name: &str, key: &str) -> Result<(), RedisError> {
        let mut pipeline = redis::pipe();
        pipeline.cmd("DEL").arg(self.redis_key(name, key)).ignore();
        self.connection.run_all(&pipeline).await
    }

    async fn judge(&self, name: &str, key: &str, rule: Rule, counted: bool) -> Result<Verdict, RedisError> {
        let window_ms = u64::try_from(rule.window.as_millis()).unwrap_or(u64::MAX);
        let (allowed, remaining, locked_ms): (bool, u32, u64) = self
            .connection
            .run(
                Script::new(JUDGE)
                    .key(self.redis_key(name, key))
                    .arg(self.clock.now().timestamp_millis())
                    .arg(rule.count)
                    .arg(window_ms)
                    .arg(u8::from(counted)),
            )
            .await?;
        Ok(Verdict { allowed, remaining, retry_after: Duration::from_millis(locked_ms) })
    }

    fn redis_key(&self, name: &str, key: &str) -> String {
        let fingerprint = hmac_sm3(&self.key, &[&(name.len() as u64).to_be_bytes(), name.as_bytes(), key.as_bytes()]);
        format!("limit:{name}:{}", hex::encode(fingerprint))
    }
}

/// ARGV: now, count, window, whether to count; times in milliseconds. Answers allowed, remaining, time locked.
const JUDGE: &str = "
    local row = redis.call('HMGET', KEYS[1], 'used', 'until_ms')
    local now, count, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local used, till = tonumber(row[1] or 0), tonumber(row[2] or 0)
    if now >= till then used = 0 end
    local allowed = used < count and 1 or 0
    if ARGV[4] == '1' and allowed == 1 then
        used = used + 1
        if used == 1 or used >= count then till = now + window end
        redis.call('HSET', KEYS[1], 'used', used, 'until_ms', string.format('%.0f', till))
        redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(till - now, 1)))
    end
    if used < count then return {allowed, count - used, 0} end
    return {allowed, 0, math.max(till - now, 0)}
";

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::config::Secrets;
    use crate::session::connection::test_redis::TestRedis;
    use crate::time::FixedClock;

    const RULE: Rule = Rule { count: 3, window: Duration::from_secs(600) };

    async fn start() -> (TestRedis, FixedClock, Limits) {
        let redis = TestRedis::start();
        let clock = FixedClock::at(Utc.with_ymd_and_hms(2026, 9, 22, 1, 0, 0).unwrap());
        let keys = KeyRing::new(&Secrets { data_key: [7; 32] });
        let limits = Limits::new(redis.connect().await, &keys).with_clock(clock.shared());
        (redis, clock, limits)
    }

    fn verdict(allowed: bool, remaining: u32, locked_seconds: u64) -> Verdict {
        Verdict { allowed, remaining, retry_after: Duration::from_secs(locked_seconds) }
    }

    #[tokio::test]
    async fn the_last_allowed_attempt_starts_the_lock() {
        let (_redis, clock, limits) = start().await;
        let minute = chrono::Duration::minutes(1);
        assert_eq!(limits.peek("sign-in", "chen", RULE).await.unwrap(), verdict(true, 3, 0));
        assert_eq!(limits.hit("sign-in", "chen", RULE).await.unwrap(), verdict(true, 2, 0));
        clock.advance(minute * 4);
        assert_eq!(limits.hit("sign-in", "chen", RULE).await.unwrap(), verdict(true, 1, 0));
        clock.advance(minute * 4);
        assert_eq!(limits.hit("sign-in", "chen", RULE).await.unwrap(), verdict(true, 0, 600));
        clock.advance(minute * 4);
        // Twelve minutes after the first attempt, four after the last: locked, and knocking does not prolong it.
        assert_eq!(limits.hit("sign-in", "chen", RULE).await.unwrap(), verdict(false, 0, 360));
        assert_eq!(limits.peek("sign-in", "chen", RULE).await.unwrap(), verdict(false, 0, 360));
        clock.advance(minute * 6);
        assert_eq!(limits.hit("sign-in", "chen", RULE).await.unwrap(), verdict(true, 2, 0));
    }

    #[tokio::test]
    async fn attempts_far_apart_do_not_add_up() {
        let (_redis, clock, limits) = start().await;
        for _ in 0..10 {
            assert_eq!(limits.hit("sign-in", "chen", RULE).await.unwrap(), verdict(true, 2, 0));
            clock.advance(chrono::Duration::minutes(10));
        }
    }

    #[tokio::test]
    async fn keys_and_names_are_counted_apart_and_cleared_apart() {
        let (redis, _, limits) = start().await;
        for _ in 0..3 {
            limits.hit("sign-in", "13800008899", RULE).await.unwrap();
        }
        assert!(!limits.peek("sign-in", "13800008899", RULE).await.unwrap().allowed);
        assert!(limits.hit("sign-in", "13800008890", RULE).await.unwrap().allowed);
        assert!(limits.hit("codes", "13800008899", RULE).await.unwrap().allowed);
        assert!(!redis.dump().await.contains("8899 "));
        limits.clear("sign-in", "13800008899").await.unwrap();
        assert_eq!(limits.peek("sign-in", "13800008899", RULE).await.unwrap(), verdict(true, 3, 0));
        assert_eq!(limits.peek("codes", "13800008899", RULE).await.unwrap(), verdict(true, 2, 0));
    }

    #[tokio::test]
    async fn attempts_at_the_same_moment_are_all_counted() {
        let (_redis, _, limits) = start().await;
        let attempts = (0..50).map(|_| limits.hit("sign-in", "chen", RULE));
        let verdicts = futures_util::future::try_join_all(attempts).await.unwrap();
        assert_eq!(verdicts.iter().filter(|verdict| verdict.allowed).count(), 3);
    }

    #[tokio::test]
    async fn a_rule_of_zero_allows_nothing() {
        let (_redis, _, limits) = start().await;
        let never = Rule { count: 0, window: Duration::from_secs(1) };
        assert!(!limits.hit("closed", "anybody", never).await.unwrap().allowed);
    }

    #[tokio::test]
    async fn without_redis_there_is_no_verdict() {
        let (mut redis, _, limits) = start().await;
        redis.stop();
        assert!(limits.hit("sign-in", "chen", RULE).await.is_err());
    }
}
