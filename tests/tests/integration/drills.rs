//! The short forms of the drills that need no browser.

use tests::drills::relay_faults::custody::{Token, tokens};
use tests::drills::walls::try_walls;
use tests::drills::{DRILLS, Drill, Size, line_of};
use tests::house::House;
use tests::relay::{People, file, id};

async fn rehearse(name: &str) {
    let drill: &Drill = DRILLS.iter().find(|drill| drill.name == name).expect("the drill is listed");
    let outcome = (drill.run)(Size::Short).await.unwrap_or_else(|error| panic!("drill {name}: {error:#}"));
    assert!(outcome.passed, "drill {name} falls short: {}", line_of(&outcome.figures));
}

#[tokio::test]
async fn relays_survive_kills() {
    rehearse("relay-faults").await;
}

#[tokio::test]
async fn a_changed_record_is_named() {
    rehearse("chain").await;
}

#[tokio::test]
async fn no_scope_reaches_the_rows_of_another() {
    rehearse("walls").await;
}

/// A drill that cannot fail shows nothing.
#[tokio::test]
async fn a_hole_in_a_wall_is_found() {
    let house = House::new().await;
    house.execute("ALTER TABLE case_material DISABLE ROW LEVEL SECURITY");
    let outcome = try_walls(&house).await.expect("the walls can be tried");
    let figure = |name: &str| outcome.figures.iter().find(|(found, _)| *found == name).map(|(_, value)| value.clone()).expect("a figure");
    assert!(!outcome.passed);
    assert_ne!(figure("visible"), "0");
    assert_ne!(figure("writable"), "0");
}

#[tokio::test]
async fn the_watch_over_custody_sees_a_second_holder_and_none() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = id(&file(&people.agent, 1).await).to_owned();
    let token = || -> Token { tokens(&mut house.superuser()).expect("a snapshot").pop().expect("one case") };
    assert_eq!((token().held, token().carried), (1, 0), "at the village");

    people.agent.act(&case_id, "hand_on", serde_json::json!({})).await.expect(200);
    assert_eq!((token().held, token().carried), (0, 1), "on its way");
    house.execute("UPDATE outbox SET state = 'delivered' WHERE kind = 'handover'");
    assert_eq!(token().count(), 0, "nobody has it, and no message carries it");
    house.execute("UPDATE outbox SET state = 'waiting' WHERE kind = 'handover'");

    house.settle().await;
    assert_eq!((token().held, token().carried), (1, 0), "at the town");
    house.execute("UPDATE case_file SET custody = 'held'");
    assert_eq!(token().count(), 2, "two hold it");
}
