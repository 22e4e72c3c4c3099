//! Whatever is altered in a recorded chain of events, the check finds it and names the place.

use chrono::Duration;
use proptest::prelude::*;

use super::super::event::{self, Fault, StoredEvent};
use super::super::sample_files::{ROUTES, TOWN};
use super::Network;

/// A whole case's worth of events with its head.
fn recorded() -> (Vec<StoredEvent>, Vec<u8>, i32) {
    let mut network = Network::of(&ROUTES[0]);
    network.bring_home();
    let case = &network.files[&TOWN];
    (network.events.remove(&TOWN).expect("the town has events"), case.chain_head.clone(), case.event_count)
}

proptest! {
    #[test]
    fn one_changed_bit_names_its_event(which in any::<prop::sample::Index>(), byte in any::<prop::sample::Index>(), bit in 0..8_u8, in_hash: bool) {
        let (mut events, head, count) = recorded();
        let index = which.index(events.len());
        let field = if in_hash { &mut events[index].hash } else { &mut events[index].canonical };
        let position = byte.index(field.len());
        field[position] ^= 1 << bit;
        prop_assert_eq!(event::verify(&events, &head, count), Err(Fault::Altered { seq: events[index].seq }));
    }

    #[test]
    fn another_time_or_kind_names_its_event(which in any::<prop::sample::Index>(), micros in 1..1_000_000_i64, in_time: bool) {
        let (mut events, head, count) = recorded();
        let index = which.index(events.len());
        if in_time {
            events[index].at += Duration::microseconds(micros);
        } else {
            events[index].kind.push('x');
        }
        prop_assert_eq!(event::verify(&events, &head, count), Err(Fault::Altered { seq: events[index].seq }));
    }

    #[test]
    fn another_order_names_the_first_that_is_out_of_place(which in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let (mut events, head, count) = recorded();
        let (first, second) = (which.index(events.len()), other.index(events.len()));
        prop_assume!(first != second);
        events.swap(first, second);
        let named = i32::try_from(first.min(second)).expect("few events") + 1;
        prop_assert_eq!(event::verify(&events, &head, count), Err(Fault::Altered { seq: named }));
    }

    #[test]
    fn a_removed_event_names_its_place(which in any::<prop::sample::Index>()) {
        let (mut events, head, count) = recorded();
        let index = which.index(events.len());
        let was_last = index + 1 == events.len();
        events.remove(index);
        let expected = if was_last {
            Fault::Head { expected_events: count, found_events: count - 1 }
        } else {
            Fault::Altered { seq: i32::try_from(index).expect("few events") + 1 }
        };
        prop_assert_eq!(event::verify(&events, &head, count), Err(expected));
    }

    #[test]
    fn a_changed_head_is_seen(byte in 0..32_usize, bit in 0..8_u8) {
        let (events, mut head, count) = recorded();
        prop_assert_eq!(event::verify(&events, &head, count), Ok(()));
        head[byte] ^= 1 << bit;
        prop_assert_eq!(event::verify(&events, &head, count), Err(Fault::Head { expected_events: count, found_events: count }));
    }
}
