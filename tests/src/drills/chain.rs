//! Somebody changes the record of a case in the database itself. `zhengtong verify` must name what was changed, and nothing else.
//!
//! A few relays are walked; then, as superuser and past every wall, one thing at a time is done to the chains and taken back: one byte of an event's
//! content, one byte of an event's hash, the order of two events, the last event. After each the built program is asked.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Uuid as SqlUuid};
use uuid::Uuid;

use super::stack::{Verified, verify};
use super::{Outcome, Size};
use crate::house::House;
use crate::relay::{People, walk};

/// An event that will be changed: drawn by lot, with one after it in its chain.
const DRAW: &str = "\
SELECT e.tenant_id, e.case_id, e.seq, f.event_count, octet_length(e.canonical) AS content_bytes
FROM case_event e JOIN case_file f USING (tenant_id, case_id)
WHERE e.seq < f.event_count ORDER BY random() LIMIT 1";

#[derive(Debug, QueryableByName)]
struct Drawn {
    #[diesel(sql_type = BigInt)]
    tenant_id: i64,
    #[diesel(sql_type = SqlUuid)]
    case_id: Uuid,
    #[diesel(sql_type = Integer)]
    seq: i32,
    #[diesel(sql_type = Integer)]
    event_count: i32,
    #[diesel(sql_type = Integer)]
    content_bytes: i32,
}

impl Drawn {
    fn chain(&self) -> String {
        format!("tenant_id = {} AND case_id = '{}'", self.tenant_id, self.case_id)
    }

    /// The line by which `verify` names this event.
    fn altered(&self) -> String {
        format!("tenant={} case={} event={} altered", self.tenant_id, self.case_id, self.seq)
    }

    /// The line by which `verify` names a chain whose end was cut off.
    fn cut(&self) -> String {
        let (expected, found) = (self.event_count, self.event_count - 1);
        format!("tenant={} case={} head altered or events missing: expected {expected} events, found {found}", self.tenant_id, self.case_id)
    }
}

/// Something done to a record: how, how it is taken back, and what `verify` has to say.
struct Deed {
    figure: &'static str,
    done: String,
    undone: String,
    named: String,
}

pub async fn run(size: Size) -> anyhow::Result<Outcome> {
    let relays = match size {
        Size::Full => 5,
        Size::Short => 1,
    };
    let house = House::new().await;
    let people = People::of(&house).await;
    for seed in 1..=relays {
        walk(&house, &people, seed).await;
        eprintln!("  relay {seed} of {relays} has come home");
    }

    let before = verify(&house.config).await?;
    eprintln!("  untouched: {}", before.summary);
    let mut figures = vec![("intact_before", yes_or_no(before.is_intact()))];
    let mut passed = before.is_intact();
    for deed in deeds(&house)? {
        house.superuser().batch_execute(&deed.done)?;
        let said = verify(&house.config).await?;
        house.superuser().batch_execute(&deed.undone)?;
        eprintln!("  {}: expected \"{}\", exit code {:?}, verify said {:?}", deed.figure, deed.named, said.exit_code, said.broken);
        passed &= said.names_only(&deed.named);
        figures.push((deed.figure, found(&said, &deed).to_string()));
    }
    let after = verify(&house.config).await?;
    figures.push(("intact_after", yes_or_no(after.is_intact())));
    Ok(Outcome { figures, passed: passed && after.is_intact() })
}

/// One when exactly the right record was named.
fn found(said: &Verified, deed: &Deed) -> usize {
    usize::from(said.names_only(&deed.named))
}

fn yes_or_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

/// Each on an event of its own.
fn deeds(house: &House) -> anyhow::Result<Vec<Deed>> {
    let mut conn = house.superuser();
    let mut draw = || diesel::sql_query(DRAW).get_result::<Drawn>(&mut conn);
    Ok(vec![content(&draw()?), hash(&draw()?), order(&draw()?), last(&draw()?)])
}

/// One byte of the content, at any place, to any other value.
fn content(event: &Drawn) -> Deed {
    let place = rand::random_range(0..event.content_bytes);
    let change = change_byte(event, "canonical", place);
    Deed { figure: "found", done: change.clone(), undone: change, named: event.altered() }
}

/// Bytes of a hash.
const HASH_BYTES: i32 = 32;

/// One byte of the hash, which also breaks the link of the event after it: the first is named.
fn hash(event: &Drawn) -> Deed {
    let change = change_byte(event, "hash", rand::random_range(0..HASH_BYTES));
    Deed { figure: "hash_found", done: change.clone(), undone: change, named: event.altered() }
}

/// Doing it twice takes it back.
fn change_byte(event: &Drawn, column: &str, place: i32) -> String {
    let mask = rand::random_range(1..=u8::MAX);
    format!(
        "UPDATE case_event SET {column} = set_byte({column}, {place}, get_byte({column}, {place}) # {mask}) WHERE {} AND seq = {}",
        event.chain(),
        event.seq
    )
}

/// Two neighbours change places; the first of the two is named.
fn order(event: &Drawn) -> Deed {
    let (chain, first, second) = (event.chain(), event.seq, event.seq + 1);
    // By way of a number that no event has, for the two may not be equal even for a moment.
    let swap = format!(
        "UPDATE case_event SET seq = {aside} WHERE {chain} AND seq = {first}; \
         UPDATE case_event SET seq = {first} WHERE {chain} AND seq = {second}; \
         UPDATE case_event SET seq = {second} WHERE {chain} AND seq = {aside}",
        aside = i32::MAX
    );
    Deed { figure: "order_found", done: swap.clone(), undone: swap, named: event.altered() }
}

/// The end of a chain is cut off: no link is broken, but the head in the file knows better.
fn last(event: &Drawn) -> Deed {
    let last = format!("{} AND seq = {}", event.chain(), event.event_count);
    Deed {
        figure: "removed_found",
        done: format!("CREATE TABLE kept AS SELECT * FROM case_event WHERE {last}; DELETE FROM case_event WHERE {last}"),
        undone: "INSERT INTO case_event SELECT * FROM kept; DROP TABLE kept".to_owned(),
        named: event.cut(),
    }
}
