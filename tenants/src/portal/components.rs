//! The parts of the design system that pages are made of.
//!
//! A part is a struct with a template: its fields are its parameters, and it is escaped and compiled once however many
//! pages use it. In a template it is written `{{ RelayMark::full(relay) }}`. The head of each template in
//! `templates/components` says what it is for and shows what comes out.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::cases::relay::{Direction, Relay, StopState};
use crate::portal::chrome::Link;

/// Above this many stops the lying mark does not fit a telephone and the line of text takes its place there.
const STOPS_MAX_ON_TELEPHONE: usize = 6;
/// The ring of a light is drawn in this many parts, because a style may not carry a number of its own.
const LIGHT_PARTS: f64 = 8.0;

/// The custody mark, lying down.
#[derive(Template)]
#[template(path = "components/relay.html")]
pub struct RelayMark<'a> {
    pub relay: &'a Relay,
    pub size: MarkSize,
}

/// How large the mark is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkSize {
    /// 28 px a step: guide and follow page.
    Full,
    /// 20 px a step: receipts, beside text.
    Plain,
    /// 10 px a step: head of a case.
    Head,
    /// 6 px a step, 84 × 24 px: rows of a list, always with words beside it.
    Mini,
}

impl<'a> RelayMark<'a> {
    pub fn full(relay: &'a Relay) -> Self {
        RelayMark { relay, size: MarkSize::Full }
    }

    pub fn plain(relay: &'a Relay) -> Self {
        RelayMark { relay, size: MarkSize::Plain }
    }

    pub fn head(relay: &'a Relay) -> Self {
        RelayMark { relay, size: MarkSize::Head }
    }

    pub fn mini(relay: &'a Relay) -> Self {
        RelayMark { relay, size: MarkSize::Mini }
    }

    fn list_classes(&self) -> String {
        let mut classes = vec!["relay"];
        match self.size {
            MarkSize::Full => classes.push("relay--full"),
            MarkSize::Plain if self.relay.stops.iter().any(|stop| stop.under.is_some() || stop.late.is_some()) => {
                classes.push("relay--worded")
            }
            MarkSize::Plain => {}
            MarkSize::Head => classes.push("relay--head"),
            MarkSize::Mini => classes.push("relay--mini"),
        }
        let stops = &self.relay.stops;
        if stops.iter().any(|stop| stop.state == StopState::Route) {
            classes.push("relay--route");
        }
        if stops.iter().any(|stop| stop.level == 0) {
            classes.push("relay--low");
        }
        if stops.iter().any(|stop| stop.asked.is_some()) {
            classes.push("relay--asks");
        }
        classes.join(" ")
    }

    /// The frame swaps the drawing for the line of text where the drawing would not fit.
    fn frame_classes(&self) -> &'static str {
        if self.relay.stops.len() > STOPS_MAX_ON_TELEPHONE { "relay-frame relay-frame--many" } else { "relay-frame" }
    }

    fn stop_classes(&self, index: &usize) -> String {
        let stop = &self.relay.stops[*index];
        let by = self.relay.riser_levels(*index);
        let mut classes = StopLook { level: stop.level, direction: stop.direction, state: stop.state, end: stop.end, by }.classes();
        if stop.late.is_some() {
            classes.push_str(" is-late");
        }
        if stop.paused {
            classes.push_str(" is-paused");
        }
        classes
    }
}

/// The line of text with its brick in bold.
#[derive(Template)]
#[template(path = "components/relay_text.html")]
pub struct RelayLine<'a> {
    pub relay: &'a Relay,
}

/// The custody mark upright: a time line with words beside each place.
#[derive(Template)]
#[template(path = "components/relay_tall.html")]
pub struct RelayTall<'a> {
    pub entries: &'a [TimelineEntry],
}

/// One place of the upright mark.
#[derive(Debug, Clone)]
pub struct TimelineEntry {
    /// "汀罗镇便民服务中心"
    pub place: String,
    /// 0 applicant, 1 village, 2 town, 3 county.
    pub level: u8,
    pub state: StopState,
    /// "9月21日 14:05", or when it is due: "最迟 10月12日".
    pub when: String,
    /// What happened or will happen there.
    pub detail: String,
    pub late: bool,
    pub paused: bool,
}

impl TimelineEntry {
    fn has_brick(&self) -> bool {
        matches!(self.state, StopState::Now | StopState::Coming)
    }
}

impl RelayTall<'_> {
    fn list_classes(&self) -> &'static str {
        if self.entries.iter().any(|entry| entry.level == 0) { "relay-tall relay-tall--low" } else { "relay-tall" }
    }

    fn entry_classes(&self, index: &usize) -> String {
        let entry = &self.entries[*index];
        let before = index.checked_sub(1).map(|before| self.entries[before].level);
        let look = StopLook {
            level: entry.level,
            direction: before.map_or(Direction::Start, |level| Direction::between(level, entry.level)),
            state: entry.state,
            end: index + 1 == self.entries.len(),
            by: before.map_or(1, |level| level.abs_diff(entry.level).max(1)),
        };
        let late = if entry.late { " is-late" } else { "" };
        let paused = if entry.paused { " is-paused" } else { "" };
        format!("{}{late}{paused}", look.classes())
    }
}

/// What decides how one step of the mark is drawn, lying or upright.
struct StopLook {
    level: u8,
    direction: Direction,
    state: StopState,
    end: bool,
    by: u8,
}

impl StopLook {
    fn classes(&self) -> String {
        let mut classes = format!("lv-{}", self.level);
        classes.push_str(match self.direction {
            Direction::Start => "",
            Direction::Up => " up",
            Direction::Flat => " flat",
            Direction::Down => " down",
        });
        if self.by > 1 {
            classes.push_str(&format!(" by-{}", self.by));
        }
        classes.push_str(match self.state {
            StopState::Done => " is-done",
            StopState::Now => " is-now",
            StopState::Coming => " is-next is-coming",
            StopState::Next => " is-next",
            StopState::Route => "",
        });
        if self.end {
            classes.push_str(" is-end");
        }
        classes
    }
}

/// The light of a limit: a ring filled by what is spent, always with words.
#[derive(Template, Debug, Clone)]
#[template(path = "components/light.html")]
pub struct LightView {
    pub level: LightLevel,
    /// Spent part of the limit, 0 to 1; more counts as 1.
    pub spent_share: f64,
    /// "还剩 2 个工作日"
    pub words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LightLevel {
    /// No limit runs: nothing is drawn, the words stay.
    None,
    Fine,
    Near,
    Late,
    Paused,
    Done,
}

impl LightView {
    fn classes(&self) -> String {
        let parts = (self.spent_share.clamp(0.0, 1.0) * LIGHT_PARTS).round() as u8;
        match self.level {
            LightLevel::None => "light light--none".to_owned(),
            LightLevel::Fine => format!("light spent-{parts}"),
            LightLevel::Near => format!("light light--near spent-{parts}"),
            LightLevel::Late => "light light--late".to_owned(),
            LightLevel::Paused => "light light--paused".to_owned(),
            LightLevel::Done => "light light--done".to_owned(),
        }
    }
}

/// How far a citizen is in an application: "第 2 步，共 4 步".
#[derive(Template, Debug, Clone)]
#[template(path = "components/steps.html")]
pub struct ProgressSteps {
    pub names: Vec<&'static str>,
    /// Index of the current step.
    pub current: usize,
}

/// Nothing to show: says what is so, and what to do about it.
#[derive(Template, Debug, Clone)]
#[template(path = "components/empty.html")]
pub struct EmptyState {
    pub title: String,
    pub text: String,
    pub links: Vec<Link>,
}

impl HtmlSafe for RelayMark<'_> {}
impl HtmlSafe for RelayLine<'_> {}
impl HtmlSafe for RelayTall<'_> {}
impl HtmlSafe for LightView {}
impl HtmlSafe for ProgressSteps {}
impl HtmlSafe for EmptyState {}
