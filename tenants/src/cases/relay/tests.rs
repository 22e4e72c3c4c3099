//! Every row of the table of states, then what must hold for any way and any position.

use super::*;
use proptest::prelude::*;

fn place(name: &str, short: &str, level: u8) -> Place {
    Place { name: name.to_owned(), short: short.to_owned(), level }
}

/// The way of the disability allowances: village, town, two county offices, and back.
fn six() -> Vec<Place> {
    vec![
        place("前梁村", "村", 1),
        place("汀罗镇", "镇", 2),
        place("县残联", "县残联", 3),
        place("县民政局", "县民政局", 3),
        place("汀罗镇", "镇", 2),
        place("前梁村", "村", 1),
    ]
}

fn plain(position: Position) -> Relay {
    Relay::of_case(&six(), position, Marks::default())
}

#[test]
fn held() {
    let relay = plain(Position::Held(2));
    assert_eq!(relay.text, "村↑镇↑【县残联】→县民政局↓镇↓村");
    assert_eq!(relay.label, "接力：现在在县残联");
    let states: Vec<StopState> = relay.stops.iter().map(|stop| stop.state).collect();
    use StopState::{Done, Next, Now};
    assert_eq!(states, [Done, Done, Now, Next, Next, Next]);
    assert!(relay.stops[5].end && !relay.stops[4].end);
}

#[test]
fn in_transit() {
    let relay = plain(Position::InTransit { to: 2 });
    assert_eq!(relay.text, "村↑镇【↑】县残联→县民政局↓镇↓村");
    assert_eq!(relay.label, "接力：汀罗镇已交出，县残联还没有签收");
    assert_eq!(plain(Position::InTransit { to: 3 }).text, "村↑镇↑县残联【→】县民政局↓镇↓村");
    assert_eq!(plain(Position::InTransit { to: 5 }).text, "村↑镇↑县残联→县民政局↓镇【↓】村");
}

#[test]
fn late() {
    let marks = || Marks { late: Some("超 1 天".to_owned()), ..Marks::default() };
    let relay = Relay::of_case(&six(), Position::Held(2), marks());
    assert_eq!(relay.text, "村↑镇↑【县残联！超 1 天】→县民政局↓镇↓村");
    assert_eq!(relay.label, "接力：现在在县残联，超 1 天");
    let relay = Relay::of_case(&six(), Position::InTransit { to: 2 }, marks());
    assert_eq!(relay.text, "村↑镇【↑！超 1 天】县残联→县民政局↓镇↓村");
}

#[test]
fn clock_stopped() {
    let relay = Relay::of_case(&six(), Position::Held(2), Marks { paused: true, ..Marks::default() });
    assert_eq!(relay.text, "村↑镇↑【县残联‖】→县民政局↓镇↓村");
    assert_eq!(relay.label, "接力：现在在县残联，停时");
}

#[test]
fn asked_without_handing_over() {
    let marks = Marks { asked: Some("问县核对机构".to_owned()), ..Marks::default() };
    let relay = Relay::of_case(&six(), Position::Held(3), marks);
    assert_eq!(relay.text, "村↑镇↑县残联→【县民政局（问县核对机构）】↓镇↓村");
}

#[test]
fn with_the_applicant() {
    let places = &six()[..4];
    let relay = Relay::of_case(places, Position::WithApplicant { asked_by: 1 }, Marks::default());
    assert_eq!(relay.text, "村↑镇↓【申请人】↑镇↑县残联→县民政局");
    assert_eq!(relay.label, "接力：现在在申请人手里");
    assert_eq!(relay.stops[2].level, APPLICANT_LEVEL);
    assert_eq!(relay.riser_levels(2), 2);
    assert_eq!(relay.stops[3].state, StopState::Next);
}

#[test]
fn completed() {
    let relay = plain(Position::Closed { at: 5 });
    assert_eq!(relay.text, "村↑镇↑县残联→县民政局↓镇↓村。");
    assert_eq!(relay.label, "接力：已办结");
    assert!(relay.closed && relay.brick().is_none());
}

#[test]
fn closed_early_leaves_out_what_was_never_reached() {
    let relay = plain(Position::Closed { at: 1 });
    assert_eq!(relay.text, "村↑镇。");
    assert!(relay.stops[1].end);
}

#[test]
fn a_single_place() {
    let town = [place("汀罗镇", "镇", 2)];
    assert_eq!(Relay::of_case(&town, Position::Held(0), Marks::default()).text, "【镇】");
    assert_eq!(Relay::route(&town).label, "路线：汀罗镇一处办完");
    assert_eq!(Relay::route(&town).text, "镇");
}

#[test]
fn a_route_has_no_brick() {
    let relay = Relay::route_with(&six(), &[Some("您交材料".to_owned())]);
    assert_eq!(relay.text, "村↑镇↑县残联→县民政局↓镇↓村");
    assert_eq!(relay.label, "路线：前梁村、汀罗镇、县残联、县民政局、汀罗镇、前梁村");
    assert!(relay.stops.iter().all(|stop| stop.state == StopState::Route));
    assert_eq!(relay.stops[0].under.as_deref(), Some("您交材料"));
}

#[test]
fn messages_keep_the_signature_brackets_free() {
    let relay = plain(Position::Held(2));
    assert_eq!(relay.message_text(), "村↑镇↑［县残联］→县民政局↓镇↓村");
    assert_eq!(relay.text_parts(), ("村↑镇↑", "【县残联】", "→县民政局↓镇↓村"));
    assert_eq!(plain(Position::Closed { at: 1 }).text_parts(), ("村↑镇。", "", ""));
}

#[test]
fn nothing_is_handed_on_to_the_first_place() {
    assert_eq!(plain(Position::InTransit { to: 0 }), plain(Position::Held(0)));
}

#[test]
fn without_places_the_mark_is_empty() {
    let relay = Relay::of_case(&[], Position::Held(0), Marks::default());
    assert!(relay.stops.is_empty() && relay.text.is_empty());
}

#[test]
fn json_is_as_agreed() {
    let marks = Marks { under: vec![Some("9/21".to_owned())], ..Marks::default() };
    let relay = Relay::of_case(&six()[..2], Position::InTransit { to: 1 }, marks);
    let json = serde_json::to_value(&relay).expect("a relay has only strings, numbers and flags");
    assert_eq!(
        json["stops"][0],
        serde_json::json!({"name": "前梁村", "short": "村", "level": 1, "direction": "start", "state": "done",
            "under": "9/21", "late": null, "paused": false, "asked": null, "end": false})
    );
    assert_eq!(json["stops"][1]["state"], "coming");
    assert_eq!(json["closed"], false);
}

fn any_places() -> impl Strategy<Value = Vec<Place>> {
    prop::collection::vec(("[一-龥]{1,6}", 1u8..=5), 1..12)
        .prop_map(|places| places.into_iter().map(|(name, level)| Place { short: name.clone(), name, level }).collect())
}

fn any_position() -> impl Strategy<Value = Position> {
    (0usize..14, 0..4).prop_map(|(index, kind)| match kind {
        0 => Position::Held(index),
        1 => Position::InTransit { to: index },
        2 => Position::WithApplicant { asked_by: index },
        _ => Position::Closed { at: index },
    })
}

fn any_marks() -> impl Strategy<Value = Marks> {
    (prop::option::of(Just("超 1 天".to_owned())), any::<bool>(), prop::option::of(Just("问县核对机构".to_owned())))
        .prop_map(|(late, paused, asked)| Marks { late, paused, asked, ..Marks::default() })
}

proptest! {
    #[test]
    fn one_brick_unless_closed(places in any_places(), position in any_position(), marks in any_marks()) {
        let relay = Relay::of_case(&places, position, marks);
        let bricks = relay.stops.iter().filter(|stop| stop.has_brick()).count();
        let expected = usize::from(!relay.closed);
        prop_assert_eq!(bricks, expected);
        prop_assert_eq!(relay.text.matches('【').count(), expected);
        prop_assert_eq!(relay.text.matches('】').count(), expected);
        prop_assert_eq!(relay.text.ends_with('。'), relay.closed);
        prop_assert_eq!(relay.message_text().matches('【').count(), 0);
        let (before, brick, after) = relay.text_parts();
        prop_assert_eq!(format!("{before}{brick}{after}"), relay.text.clone());
    }

    #[test]
    fn arrows_match_levels(places in any_places(), position in any_position()) {
        let relay = Relay::of_case(&places, position, Marks::default());
        prop_assert_eq!(relay.stops[0].direction, Direction::Start);
        for pair in relay.stops.windows(2) {
            prop_assert_eq!(pair[1].direction, Direction::between(pair[0].level, pair[1].level));
        }
        let arrows: String = relay.text.chars().filter(|c| "↑→↓".contains(*c)).collect();
        let expected: String = relay.stops.iter().map(|stop| stop.direction.arrow()).collect();
        prop_assert_eq!(arrows, expected);
    }

    #[test]
    fn done_before_the_brick_and_next_after_it(places in any_places(), position in any_position()) {
        let relay = Relay::of_case(&places, position, Marks::default());
        let rank = |state: StopState| match state {
            StopState::Done => 0,
            StopState::Now | StopState::Coming => 1,
            StopState::Next => 2,
            StopState::Route => 9,
        };
        let ranks: Vec<u8> = relay.stops.iter().map(|stop| rank(stop.state)).collect();
        prop_assert!(ranks.is_sorted() && !ranks.contains(&9));
        prop_assert_eq!(relay.stops.iter().filter(|stop| stop.end).count(), 1);
        prop_assert!(relay.stops.iter().all(|stop| stop.level <= TOP_LEVEL));
    }
}
