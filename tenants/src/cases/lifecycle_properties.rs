//! Random histories of one case among several tenants, against the rules of [`super::lifecycle`].
//!
//! The network is simulated: messages of one conversation (sender, receiver) are applied in their order and once, as the inbox promises;
//! everything else is arbitrary: which conversation moves, how long a message lies, how often it comes again, and who tries which act when.

mod chain;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;

use super::case::{CaseFile, CorrectionItem};
use super::envelope::{Envelope, News, OutgoingContent};
use super::event::{self, StoredEvent};
use super::lifecycle::{self, DecisionInput, Doer, Effects, Refusal, between};
use super::sample_files::{COUNTY, ROUTES, SampleRoute, TOWN, VILLAGE, filed, start};
use super::words::{Custody, Outcome, State};
use crate::catalogue::matter::StepKind;

const TENANTS: [i64; 3] = [VILLAGE, TOWN, COUNTY];
/// Rounds after which a case that everybody works on must be home; routes have at most eleven steps.
const ROUNDS_MAX: usize = 40;

// -- The simulated network ------------------------------------------------------------------------------------------------------------------

#[derive(Clone)]
struct Message {
    from: i64,
    to: i64,
    seq: u32,
    content: Content,
}

#[derive(Clone)]
enum Content {
    Handover(Box<Envelope>),
    Taken { epoch: i32, chain_head: Vec<u8> },
    News(Box<News<'static>>),
    WithdrawalRequest(String),
    WithdrawalRefused(String),
}

struct Network {
    now: DateTime<Utc>,
    files: BTreeMap<i64, CaseFile>,
    events: BTreeMap<i64, Vec<StoredEvent>>,
    /// Everything that was sent and may still come, also once more.
    bag: Vec<Message>,
    sent: BTreeMap<(i64, i64), u32>,
    applied: BTreeMap<(i64, i64), u32>,
    epochs: BTreeMap<i64, i32>,
    news_nos: BTreeMap<i64, i64>,
    closed: BTreeSet<i64>,
    outcome: Option<Outcome>,
}

#[derive(Debug, Clone, Copy)]
enum Act {
    HandOn,
    Accept,
    RefuseAcceptance,
    AskCorrection,
    SupplyCorrection,
    Review,
    Grant,
    Refuse,
    DecideAtOnce,
    Deliver,
    SendBack,
    Withdraw,
}

const ACTS: [Act; 12] = [
    Act::HandOn,
    Act::Accept,
    Act::RefuseAcceptance,
    Act::AskCorrection,
    Act::SupplyCorrection,
    Act::Review,
    Act::Grant,
    Act::Refuse,
    Act::DecideAtOnce,
    Act::Deliver,
    Act::SendBack,
    Act::Withdraw,
];

#[derive(Debug, Clone)]
enum Happening {
    /// Somebody tries something, allowed or not.
    Try { tenant: usize, act: usize },
    /// Whoever holds the case does what its step is for.
    WorkOn,
    /// A message arrives; `again` leaves it to come once more.
    Arrive { which: usize, again: bool },
}

impl Network {
    fn of(route: &SampleRoute) -> Network {
        let case = start(route);
        let mut network = Network {
            now: "2026-09-21T01:00:00Z".parse().expect("a time"),
            files: BTreeMap::new(),
            events: BTreeMap::new(),
            bag: Vec::new(),
            sent: BTreeMap::new(),
            applied: BTreeMap::new(),
            epochs: BTreeMap::new(),
            news_nos: BTreeMap::new(),
            closed: BTreeSet::new(),
            outcome: None,
        };
        let (case, effects) = filed(case, &network.doer());
        network.save(case, true, effects);
        network
    }

    fn doer(&self) -> Doer {
        Doer { name: "张三".to_owned(), at: self.now }
    }

    /// What `store::save` does with a changed file, without a database.
    fn save(&mut self, mut case: CaseFile, was_custodian: bool, effects: Effects) {
        let effects = lifecycle::tell_the_others(&mut case, was_custodian, effects, self.now);
        let chained = event::chain(&mut case, &effects.events);
        self.events.entry(case.tenant_id).or_default().extend(chained.into_iter().map(stored));
        for outgoing in &effects.outgoing {
            let content = match &outgoing.content {
                OutgoingContent::Handover => Content::Handover(Box::new(Envelope::of(&case, case.sealed.clone(), Vec::new()))),
                OutgoingContent::News => Content::News(Box::new(kept(News::of(&case)))),
                OutgoingContent::Taken { epoch } => Content::Taken { epoch: *epoch, chain_head: case.chain_head.clone() },
                OutgoingContent::WithdrawalRequest { reasons } => Content::WithdrawalRequest(reasons.clone()),
                OutgoingContent::WithdrawalRefused { reasons } => Content::WithdrawalRefused(reasons.clone()),
            };
            assert_ne!(outgoing.receiver_id, case.tenant_id, "nobody writes to themselves");
            let seq = self.sent.entry((case.tenant_id, outgoing.receiver_id)).or_default();
            *seq += 1;
            self.bag.push(Message { from: case.tenant_id, to: outgoing.receiver_id, seq: *seq, content });
        }
        self.files.insert(case.tenant_id, case);
    }

    fn holder(&self) -> Option<i64> {
        self.files.values().find(|case| case.custody == Custody::Held).map(|case| case.tenant_id)
    }

    fn try_act(&mut self, tenant_id: i64, act: Act) -> Result<(), Refusal> {
        self.now += Duration::minutes(1);
        let Some(known) = self.files.get(&tenant_id) else { return Ok(()) };
        let mut case = known.clone();
        let before = case.clone();
        let result = perform(&mut case, act, &self.doer());
        match result {
            Ok(effects) => {
                self.save(case, before.custody == Custody::Held, effects);
                Ok(())
            }
            Err(refusal) => {
                assert_eq!(case, before, "{act:?} was refused ({refusal}) and changed the file");
                Err(refusal)
            }
        }
    }

    fn work_on(&mut self) {
        let Some(holder) = self.holder() else { return };
        let act = natural_act(&self.files[&holder]);
        self.try_act(holder, act).unwrap_or_else(|refusal| panic!("{act:?} is what the step is for, and was refused: {refusal}"));
    }

    /// A message comes; by the inbox rule it is applied in its turn and once.
    fn arrive(&mut self, which: usize, again: bool) {
        if self.bag.is_empty() {
            return;
        }
        let index = which % self.bag.len();
        let message = self.bag[index].clone();
        let applied = self.applied.get(&(message.from, message.to)).copied().unwrap_or_default();
        if message.seq > applied + 1 {
            // Early: kept until its turn.
            return;
        }
        if message.seq == applied + 1 {
            self.now += Duration::seconds(20);
            if !self.apply(&message) {
                return;
            }
            self.applied.insert((message.from, message.to), message.seq);
        }
        if !again {
            self.bag.remove(index);
        }
    }

    /// False when the receiver cannot do anything with it yet.
    fn apply(&mut self, message: &Message) -> bool {
        let doer = Doer::system(self.now);
        if let Content::Handover(envelope) = &message.content {
            let (case, effects) = between::take(message.to, self.files.get(&message.to), envelope.as_ref().clone(), message.from, &doer)
                .unwrap_or_else(|refusal| panic!("a hand-over that is applied once and in order was refused: {refusal}"));
            self.save(case, true, effects);
            return true;
        }
        let Some(known) = self.files.get(&message.to) else { return false };
        let mut case = known.clone();
        let was_custodian = case.custody == Custody::Held;
        let effects = match &message.content {
            Content::Handover(_) => None,
            Content::Taken { epoch, chain_head } => between::acknowledged(&mut case, message.from, *epoch, chain_head, &doer),
            Content::News(news) => between::hear(&mut case, news.as_ref().clone()),
            Content::WithdrawalRequest(reasons) => {
                Some(between::hear_withdrawal(&mut case, reasons, &doer).expect("a request to withdraw is always answered"))
            }
            Content::WithdrawalRefused(reasons) => between::hear_withdrawal_refused(&mut case, reasons, &doer),
        };
        match effects {
            Some(effects) => self.save(case, was_custodian, effects),
            None => assert_eq!(&case, known, "a message that changes nothing has changed the file"),
        }
        true
    }

    fn deliver_everything(&mut self) {
        while !self.bag.is_empty() {
            let next = self.bag.iter().position(|message| {
                let applied = self.applied.get(&(message.from, message.to)).copied().unwrap_or_default();
                let known = self.files.contains_key(&message.to) || matches!(message.content, Content::Handover(_));
                message.seq <= applied || (message.seq == applied + 1 && known)
            });
            let Some(next) = next else { panic!("messages are left that can never be applied") };
            self.arrive(next, false);
            self.check();
        }
    }

    /// Delivers what one tenant has written to another, and nothing else.
    fn pass_on(&mut self, from: i64, to: i64) {
        while let Some(next) = self.bag.iter().position(|message| (message.from, message.to) == (from, to)) {
            self.arrive(next, false);
            self.check();
        }
    }

    fn bring_home(&mut self) {
        for _ in 0..ROUNDS_MAX {
            self.deliver_everything();
            if self.holder().is_none() {
                return;
            }
            self.work_on();
            self.check();
        }
        panic!("the case does not come home");
    }

    // -- What must hold after every step ----------------------------------------------------------------------------------------------------

    fn check(&mut self) {
        let held: Vec<i64> = self.files.values().filter(|case| case.custody == Custody::Held).map(|case| case.tenant_id).collect();
        assert!(held.len() <= 1, "held by {held:?} at once");
        let on_the_way: Vec<(i64, i64, i32)> = self
            .bag
            .iter()
            .filter(|message| message.seq > self.applied.get(&(message.from, message.to)).copied().unwrap_or_default())
            .filter_map(|message| match &message.content {
                Content::Handover(envelope) => Some((message.from, message.to, envelope.epoch)),
                _ => None,
            })
            .collect();
        let origin_closed = self.files.values().any(|case| case.is_origin() && case.custody == Custody::Closed);
        let custodians = held.len() + on_the_way.len() + usize::from(origin_closed);
        assert_eq!(custodians, 1, "held by {held:?}, on the way {on_the_way:?}, closed at its origin: {origin_closed}");
        let highest = self.files.values().map(|case| case.epoch).max().unwrap_or_default();
        for (from, to, epoch) in on_the_way {
            assert_eq!(epoch, highest, "an old hand-over is on its way from {from} to {to}");
            assert_eq!(self.files[&from].custody, Custody::InTransit, "{from} takes for signed what {to} has not seen");
        }
        self.check_history();
    }

    fn check_history(&mut self) {
        for case in self.files.values() {
            let epoch = self.epochs.entry(case.tenant_id).or_default();
            assert!(case.epoch >= *epoch, "the epoch of {} fell from {epoch} to {}", case.tenant_id, case.epoch);
            *epoch = case.epoch;
            let news_no = self.news_nos.entry(case.tenant_id).or_default();
            assert!(case.body.news_no >= *news_no, "{} went back to news {} from {news_no}", case.tenant_id, case.body.news_no);
            *news_no = case.body.news_no;
            if case.custody == Custody::Closed {
                self.closed.insert(case.tenant_id);
            } else {
                assert!(!self.closed.contains(&case.tenant_id), "{} opened a closed case", case.tenant_id);
            }
            if let Some(outcome) = case.outcome {
                let known = *self.outcome.get_or_insert(outcome);
                assert_eq!(outcome, known, "the outcome changed at {}", case.tenant_id);
            }
        }
    }

    fn check_end(&self) {
        for (tenant_id, case) in &self.files {
            assert_eq!(case.custody, Custody::Closed, "{tenant_id} still has it open: {:?}", case.state);
            assert_eq!(case.outcome, self.outcome, "{tenant_id} knows of another outcome");
            assert!(case.outcome.is_some() && !matches!(case.state, State::Draft | State::Received | State::Accepted | State::Correcting));
            let events = &self.events[tenant_id];
            assert_eq!(event::verify(events, &case.chain_head, case.event_count), Ok(()));
        }
        let origin = self.files.values().find(|case| case.is_origin()).expect("the origin has a file");
        assert_eq!(origin.body.withdrawal_asked, None, "a request to withdraw was never answered");
    }
}

fn perform(case: &mut CaseFile, act: Act, doer: &Doer) -> Result<Effects, Refusal> {
    let decision = |outcome: Outcome| DecisionInput {
        outcome,
        opinion: "符合条件".to_owned(),
        result_name: "告知书".to_owned(),
        result_number: None,
        delegation: None,
    };
    match act {
        Act::HandOn => lifecycle::hand_on(case, doer, ""),
        Act::Accept => lifecycle::accept(case, doer),
        Act::RefuseAcceptance => lifecycle::refuse_acceptance(case, doer, "不归本级"),
        Act::AskCorrection => {
            let item = CorrectionItem { material_code: "M2".to_owned(), message: "照片看不清".to_owned() };
            lifecycle::ask_correction(case, doer, vec![item], BTreeMap::new())
        }
        Act::SupplyCorrection => lifecycle::supply_correction(case, doer, Vec::new()),
        Act::Review => lifecycle::review(case, doer, "同意"),
        Act::Grant => lifecycle::decide(case, doer, decision(Outcome::Granted)),
        Act::Refuse => lifecycle::decide(case, doer, decision(Outcome::Refused)),
        Act::DecideAtOnce => lifecycle::decide_at_once(case, doer, decision(Outcome::Granted)),
        Act::Deliver => lifecycle::deliver(case, doer, ""),
        Act::SendBack => lifecycle::send_back(case, doer, "材料不实"),
        Act::Withdraw => lifecycle::withdraw(case, doer, "不办了"),
    }
}

/// What the step under way is there for.
fn natural_act(case: &CaseFile) -> Act {
    if case.state == State::Correcting {
        return Act::SupplyCorrection;
    }
    match case.step().kind {
        StepKind::Receive => Act::HandOn,
        StepKind::Accept => Act::Accept,
        StepKind::Review if case.body.accepted_at.is_none() => Act::HandOn,
        StepKind::Review => Act::Review,
        StepKind::Decide => Act::Grant,
        StepKind::Deliver => Act::Deliver,
    }
}

fn stored(event: event::ChainedEvent) -> StoredEvent {
    StoredEvent { seq: event.seq, kind: event.kind.to_owned(), at: event.at, canonical: event.canonical, hash: event.hash.to_vec() }
}

// -- Histories --------------------------------------------------------------------------------------------------------------------------------

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => (0..TENANTS.len(), 0..ACTS.len()).prop_map(|(tenant, act)| Happening::Try { tenant, act }),
        3 => Just(Happening::WorkOn),
        5 => (any::<usize>(), prop::bool::weighted(0.2)).prop_map(|(which, again)| Happening::Arrive { which, again }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_case_is_never_held_twice_never_lost_and_always_comes_home(
        route in 0..ROUTES.len(),
        happenings in prop::collection::vec(happening(), 0..60),
    ) {
        let mut network = Network::of(&ROUTES[route]);
        network.check();
        for happening in happenings {
            match happening {
                // A refusal is an answer too; that it changes nothing is checked where it is given.
                Happening::Try { tenant, act } => drop(network.try_act(TENANTS[tenant], ACTS[act])),
                Happening::WorkOn => network.work_on(),
                Happening::Arrive { which, again } => network.arrive(which, again),
            }
            network.check();
        }
        network.bring_home();
        network.check_end();
    }

    #[test]
    fn whoever_does_not_hold_a_case_cannot_change_it(route in 0..ROUTES.len(), steps in 0..12_usize, act in 0..ACTS.len()) {
        let mut network = Network::of(&ROUTES[route]);
        for _ in 0..steps {
            network.work_on();
            network.deliver_everything();
        }
        let (holder, act) = (network.holder(), ACTS[act]);
        for tenant_id in TENANTS.into_iter().filter(|tenant_id| Some(*tenant_id) != holder) {
            let asks_from_afar = matches!(act, Act::Withdraw) && network.files.get(&tenant_id).is_some_and(CaseFile::is_origin);
            if network.files.contains_key(&tenant_id) && !asks_from_afar {
                let refusal = network.try_act(tenant_id, act).expect_err("it is somebody else's");
                prop_assert!(matches!(refusal, Refusal::NotHeld | Refusal::Closed), "{refusal:?}");
            }
        }
    }
}

/// Without accidents every route ends granted, and each tenant's way is the one of the route.
#[test]
fn every_route_runs_through() {
    for route in ROUTES {
        let mut network = Network::of(route);
        network.bring_home();
        network.check_end();
        assert_eq!(network.outcome, Some(Outcome::Granted), "{}", route.name);
        let origin = network.files.values().find(|case| case.is_origin()).expect("the origin has a file");
        assert_eq!(origin.step_index, origin.body.route.len() - 1, "{}", route.name);
        assert_eq!(origin.state, State::Completed, "{}", route.name);
    }
}

/// A request to withdraw that the decision outran is answered, and the answer is on record.
#[test]
fn a_request_that_comes_too_late_is_refused_on_record() {
    let mut network = Network::of(&ROUTES[0]);
    while network.holder() != Some(COUNTY) {
        network.work_on();
        network.deliver_everything();
    }
    network.try_act(VILLAGE, Act::Withdraw).expect("it can be asked");
    while network.outcome.is_none() {
        network.work_on();
        network.check_history();
    }
    network.bring_home();
    network.check_end();
    assert_eq!(network.outcome, Some(Outcome::Granted));
    assert!(network.events[&VILLAGE].iter().any(|event| event.kind == "withdrawal_refused"));
}

/// The town's signature comes when the village has long handed the case to the county: it is not the county's.
#[test]
fn a_late_signature_is_not_taken_for_another() {
    let mut network = Network::of(&ROUTES[0]);
    network.work_on();
    network.pass_on(VILLAGE, TOWN);
    network.work_on();
    network.work_on();
    network.pass_on(TOWN, COUNTY);
    network.try_act(COUNTY, Act::AskCorrection).expect("the county may ask");
    network.pass_on(COUNTY, VILLAGE);
    network.work_on();
    // Everything that the town ever wrote to the village arrives only now.
    network.pass_on(TOWN, VILLAGE);
    assert_eq!(network.files[&VILLAGE].custody, Custody::InTransit);
    network.bring_home();
    network.check_end();
}

/// News that outlives the file it was made from, as a message in flight does.
fn kept(news: News<'_>) -> News<'static> {
    News { body: std::borrow::Cow::Owned(news.body.into_owned()), ..news }
}
