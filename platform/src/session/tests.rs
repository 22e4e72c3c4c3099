//! Sessions against a real Redis, by a clock that the test moves.

use chrono::{TimeZone, Utc};
use serde::Deserialize;

use super::connection::test_redis::TestRedis;
use super::*;
use crate::time::FixedClock;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Staff {
    account_id: String,
    post_id: u32,
}

impl SessionData for Staff {
    const KIND: &'static str = "staff";
    const ABSOLUTE: Duration = STAFF_ABSOLUTE;
    fn subject(&self) -> String {
        self.account_id.clone()
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Citizen {
    account_id: String,
}

impl SessionData for Citizen {
    const KIND: &'static str = "citizen";
    const ABSOLUTE: Duration = CITIZEN_ABSOLUTE;
    fn subject(&self) -> String {
        self.account_id.clone()
    }
}

fn staff(post_id: u32) -> Staff {
    Staff { account_id: "account-of-chen".to_owned(), post_id }
}

async fn start() -> (TestRedis, FixedClock, Sessions) {
    let redis = TestRedis::start();
    let clock = FixedClock::at(Utc.with_ymd_and_hms(2026, 9, 22, 1, 0, 0).unwrap());
    let sessions = Sessions::connect(&redis.url()).await.unwrap().with_clock(clock.shared());
    (redis, clock, sessions)
}

fn minutes(count: i64) -> chrono::Duration {
    chrono::Duration::minutes(count)
}

#[tokio::test]
async fn a_session_is_found_by_its_token_only() {
    let (redis, _, sessions) = start().await;
    let token = sessions.create(&staff(1), STAFF_IDLE).await.unwrap();
    assert_eq!(token.as_str().len(), TOKEN_CHARS);
    assert_eq!(format!("{token:?}"), "SessionToken(…)");
    assert_eq!(sessions.load::<Staff>(token.as_str()).await.unwrap(), Some(staff(1)));
    for stranger in [SessionToken::random().as_str(), "", "*", "a b", &"x".repeat(10_000)] {
        assert_eq!(sessions.load::<Staff>(stranger).await.unwrap(), None);
    }
    let dump = redis.dump().await;
    assert!(dump.contains("session:staff:"), "{dump}");
    assert!(!dump.contains(token.as_str()));
    let key = dump.split("session:staff:").nth(1).unwrap().split(' ').next().unwrap();
    assert_eq!(sessions.load::<Staff>(&key[..TOKEN_CHARS]).await.unwrap(), None);
}

#[tokio::test]
async fn a_staff_session_is_no_citizen_session() {
    let (_redis, _, sessions) = start().await;
    let token = sessions.create(&staff(1), STAFF_IDLE).await.unwrap();
    assert_eq!(sessions.load::<Citizen>(token.as_str()).await.unwrap(), None);
    sessions.destroy::<Citizen>(token.as_str()).await.unwrap();
    assert!(sessions.load::<Staff>(token.as_str()).await.unwrap().is_some());
}

#[tokio::test]
async fn an_idle_session_ends_and_a_used_one_goes_on() {
    let (_redis, clock, sessions) = start().await;
    let used = sessions.create(&staff(1), STAFF_IDLE).await.unwrap();
    let idle = sessions.create(&staff(2), STAFF_IDLE).await.unwrap();
    clock.advance(minutes(29));
    assert!(sessions.load::<Staff>(used.as_str()).await.unwrap().is_some());
    clock.advance(minutes(1));
    assert!(!sessions.replace(idle.as_str(), &staff(3)).await.unwrap());
    assert_eq!(sessions.load::<Staff>(idle.as_str()).await.unwrap(), None);
    clock.advance(minutes(28));
    assert!(sessions.load::<Staff>(used.as_str()).await.unwrap().is_some());
}

#[tokio::test]
async fn the_busiest_session_ends_with_the_day() {
    let (_redis, clock, sessions) = start().await;
    let token = sessions.create(&staff(1), STAFF_IDLE).await.unwrap();
    for _ in 0..35 {
        clock.advance(minutes(20));
        assert!(sessions.load::<Staff>(token.as_str()).await.unwrap().is_some());
    }
    clock.advance(minutes(20));
    assert_eq!(sessions.load::<Staff>(token.as_str()).await.unwrap(), None);
}

#[tokio::test]
async fn redis_clears_away_what_nobody_asks_for() {
    let (redis, _, sessions) = start().await;
    let token = sessions.create(&staff(1), STAFF_IDLE).await.unwrap();
    let key = key_of_token::<Staff>(token.as_str()).unwrap();
    let mut manager = redis.connect().await.manager();
    let left_ms: u64 = redis::cmd("PTTL").arg(&key).query_async(&mut manager).await.unwrap();
    assert!(left_ms > 0 && left_ms <= millis(STAFF_IDLE), "{left_ms}");
    redis::cmd("PEXPIRE").arg(&key).arg(1_000).exec_async(&mut manager).await.unwrap();
    sessions.load::<Staff>(token.as_str()).await.unwrap();
    let left_ms: u64 = redis::cmd("PTTL").arg(&key).query_async(&mut manager).await.unwrap();
    assert!(left_ms > 1_000, "loading moves the idle limit: {left_ms}");
}

#[tokio::test]
async fn a_payload_is_replaced_for_the_same_subject_only() {
    let (_redis, _, sessions) = start().await;
    let token = sessions.create(&staff(1), STAFF_IDLE).await.unwrap();
    assert!(sessions.replace(token.as_str(), &staff(2)).await.unwrap());
    let other = Staff { account_id: "somebody-else".to_owned(), post_id: 9 };
    assert!(matches!(sessions.replace(token.as_str(), &other).await, Err(SessionError::OtherSubject)));
    assert_eq!(sessions.load::<Staff>(token.as_str()).await.unwrap(), Some(staff(2)));
    assert!(!sessions.replace(SessionToken::random().as_str(), &staff(3)).await.unwrap());
}

#[tokio::test]
async fn sessions_end_one_by_one_or_all_together() {
    let (redis, _, sessions) = start().await;
    let first = sessions.create(&staff(1), STAFF_IDLE).await.unwrap();
    let second = sessions.create(&staff(2), STAFF_IDLE).await.unwrap();
    let third = sessions.create(&staff(3), STAFF_IDLE).await.unwrap();
    let stranger = Staff { account_id: "somebody-else".to_owned(), post_id: 9 };
    let other = sessions.create(&stranger, STAFF_IDLE).await.unwrap();

    sessions.destroy::<Staff>(first.as_str()).await.unwrap();
    sessions.destroy::<Staff>(first.as_str()).await.unwrap();
    assert_eq!(sessions.load::<Staff>(first.as_str()).await.unwrap(), None);
    assert!(sessions.load::<Staff>(second.as_str()).await.unwrap().is_some());

    assert_eq!(sessions.destroy_all_of::<Staff>("account-of-chen").await.unwrap(), 2);
    assert_eq!(sessions.destroy_all_of::<Staff>("account-of-chen").await.unwrap(), 0);
    for token in [second, third] {
        assert_eq!(sessions.load::<Staff>(token.as_str()).await.unwrap(), None);
    }
    assert!(sessions.load::<Staff>(other.as_str()).await.unwrap().is_some());
    assert!(!redis.dump().await.contains("account-of-chen"));
}

#[tokio::test]
async fn one_session_too_many_ends_the_oldest() {
    let (_redis, clock, sessions) = start().await;
    let oldest = sessions.create(&staff(0), STAFF_IDLE).await.unwrap();
    for post_id in 1..=SESSIONS_PER_SUBJECT_MAX {
        assert!(sessions.load::<Staff>(oldest.as_str()).await.unwrap().is_some(), "{post_id}");
        clock.advance(minutes(1));
        sessions.create(&staff(1), STAFF_IDLE).await.unwrap();
    }
    assert_eq!(sessions.load::<Staff>(oldest.as_str()).await.unwrap(), None);
    assert_eq!(sessions.destroy_all_of::<Staff>("account-of-chen").await.unwrap(), SESSIONS_PER_SUBJECT_MAX);
}

#[tokio::test]
async fn an_unreadable_payload_means_signing_in_again() {
    let (redis, _, sessions) = start().await;
    let token = sessions.create(&staff(1), STAFF_IDLE).await.unwrap();
    let key = key_of_token::<Staff>(token.as_str()).unwrap();
    let mut manager = redis.connect().await.manager();
    redis::cmd("HSET").arg(&key).arg("data").arg("{\"old\":1}").exec_async(&mut manager).await.unwrap();
    assert_eq!(sessions.load::<Staff>(token.as_str()).await.unwrap(), None);
    assert!(!redis.dump().await.contains(&key));
}

#[tokio::test]
async fn after_a_restart_of_redis_people_sign_in_again() {
    let (mut redis, _, sessions) = start().await;
    let token = sessions.create(&staff(1), STAFF_IDLE).await.unwrap();
    redis.restart();
    assert_eq!(sessions.load::<Staff>(token.as_str()).await.unwrap(), None);
    let token = sessions.create(&staff(1), STAFF_IDLE).await.unwrap();
    assert_eq!(sessions.load::<Staff>(token.as_str()).await.unwrap(), Some(staff(1)));
    redis.stop();
    assert!(matches!(sessions.load::<Staff>(token.as_str()).await, Err(SessionError::Unavailable(_))));
}

#[test]
fn a_csrf_token_belongs_to_one_session_and_one_key() {
    let token = csrf_token("session", &[1; 32]);
    assert!(csrf_matches("session", &[1; 32], &token));
    assert!(!csrf_matches("other", &[1; 32], &token));
    assert!(!csrf_matches("session", &[2; 32], &token));
    assert!(!csrf_matches("session", &[1; 32], ""));
    assert!(!csrf_matches("session", &[1; 32], "session"));
}
