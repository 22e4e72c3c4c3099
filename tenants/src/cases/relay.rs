//! The custody mark 接力标: who has held a case, who holds it now, and where it still has to go.
//!
//! Pure: a list of places and a position in, a [`Relay`] out. Every face draws the same value (portal, console, paper,
//! text message), so what the drawing says and what the line of text says cannot differ. Promises:
//!
//! - an open case has exactly one brick, a closed case and a mere route have none;
//! - the text has exactly one 【 where there is a brick, and ends in 。 only when the case is closed;
//! - an arrow always tells how the level changes: ↑ up, → the same, ↓ down.
//!
//! Deliberately absent: dates, limits and the law. Callers write "9/21" or "超 1 天" themselves and pass the words.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The level of a person's own hands; villages are 1, towns 2, counties and everything above 3.
pub const APPLICANT_LEVEL: u8 = 0;
/// The highest step the mark draws. Cities and the province stand on the county's step: the mark has four heights.
pub const TOP_LEVEL: u8 = 3;
const APPLICANT_NAME: &str = "申请人";

/// Where a case went, is and will go, ready to be drawn or read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Relay {
    pub stops: Vec<Stop>,
    /// True once nobody holds the case any more.
    pub closed: bool,
    /// One line, for messages and logs: `村↑镇↑【县残联】→县民政局↓镇↓村`.
    pub text: String,
    /// A sentence for screen readers: `接力：现在在县残联`.
    pub label: String,
}

/// One place on the way. The same place appears again when the case comes back to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stop {
    /// As drawn: 前梁村.
    pub name: String,
    /// As written in the line of text: 村.
    pub short: String,
    /// 0 applicant, 1 village, 2 town, 3 county.
    pub level: u8,
    pub direction: Direction,
    pub state: StopState,
    /// Words below the name: a date, "第 2 天", "3 天".
    pub under: Option<String>,
    /// By how much the limit has passed, "超 1 天"; only at the brick.
    pub late: Option<String>,
    /// The clock is stopped here; only at the brick.
    pub paused: bool,
    /// Somebody was asked without being handed the case, "问县核对机构"; only at the brick.
    pub asked: Option<String>,
    /// The last stop of the way.
    pub end: bool,
}

/// How a stop is reached from the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Start,
    Up,
    Flat,
    Down,
}

/// What a stop is to the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopState {
    Done,
    /// Holds the case.
    Now,
    /// The case is on its way here and nobody has signed for it yet.
    Coming,
    Next,
    /// There is no case: the stop only belongs to a route.
    Route,
}

/// A place of the route, before anything is known about a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub name: String,
    pub short: String,
    /// 1 village, 2 town, 3 county; above 3 counts as 3.
    pub level: u8,
}

/// Where the case is. Indices count the places given to [`Relay::of_case`] and are clamped to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    Held(usize),
    /// Handed on and not yet signed for. Nothing is handed on to the first place, so `to: 0` counts as held there.
    InTransit {
        to: usize,
    },
    /// The applicant has it, because this place asked; it will come back to the same place.
    WithApplicant {
        asked_by: usize,
    },
    /// Closed at this place; places after it were never reached and are left out.
    Closed {
        at: usize,
    },
}

/// The words that come with a position. Nothing here changes where the brick stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Words below each place, by index of the place; missing entries are empty.
    pub under: Vec<Option<String>>,
    /// Words below the applicant, when the applicant has the case.
    pub under_applicant: Option<String>,
    /// "超 1 天". In transit this is the sender's lateness: its time runs until the receiver signs.
    pub late: Option<String>,
    pub paused: bool,
    /// "问县核对机构".
    pub asked: Option<String>,
}

impl Relay {
    /// The route of a matter, without a case.
    pub fn route(places: &[Place]) -> Relay {
        Relay::route_with(places, &[])
    }

    /// The route of a matter with words below its places ("您交材料", "3 天").
    pub fn route_with(places: &[Place], under: &[Option<String>]) -> Relay {
        let mut stops: Vec<Stop> = places
            .iter()
            .enumerate()
            .map(|(index, place)| Stop { under: under.get(index).cloned().flatten(), ..stop_of(place, StopState::Route) })
            .collect();
        connect(&mut stops);
        let names: Vec<&str> = stops.iter().map(|stop| stop.name.as_str()).collect();
        let label = match names.as_slice() {
            [] => "路线：未定".to_owned(),
            [only] => format!("路线：{only}一处办完"),
            several => format!("路线：{}", several.join("、")),
        };
        Relay { text: text_of(&stops, false), label, closed: false, stops }
    }

    /// The way of a case. Without places there is nothing to draw, and the mark is empty.
    pub fn of_case(places: &[Place], position: Position, marks: Marks) -> Relay {
        let Some(last) = places.len().checked_sub(1) else {
            return Relay { stops: Vec::new(), closed: false, text: String::new(), label: "接力：未定".to_owned() };
        };
        let position = position.within(last);
        let closed = matches!(position, Position::Closed { .. });
        let mut stops = stops_of_case(places, position, &marks);
        connect(&mut stops);
        let label = label_of(&stops);
        Relay { text: text_of(&stops, closed), label, closed, stops }
    }

    /// The line for text messages: gateways keep 【】 for the sender's signature, so the brick is ［］ here.
    pub fn message_text(&self) -> String {
        self.text.replace('【', "［").replace('】', "］")
    }

    /// The text in three parts, before the brick, the brick, after it, so that a page can set the brick in bold.
    /// The brick is empty when there is none.
    pub fn text_parts(&self) -> (&str, &str, &str) {
        let Some(start) = self.text.find('【') else {
            return (&self.text, "", "");
        };
        let end = self.text.find('】').map_or(self.text.len(), |at| at + '】'.len_utf8());
        (&self.text[..start], &self.text[start..end], &self.text[end..])
    }

    /// The stop that carries the brick, or that the brick is on its way to.
    pub fn brick(&self) -> Option<&Stop> {
        self.stops.iter().find(|stop| stop.has_brick())
    }

    /// How many levels the riser before the stop at `index` spans, at least 1.
    pub fn riser_levels(&self, index: usize) -> u8 {
        let before = index.checked_sub(1).and_then(|before| self.stops.get(before));
        match (before, self.stops.get(index)) {
            (Some(before), Some(stop)) => before.level.abs_diff(stop.level).max(1),
            _ => 1,
        }
    }
}

impl Stop {
    pub fn has_brick(&self) -> bool {
        matches!(self.state, StopState::Now | StopState::Coming)
    }
}

impl Direction {
    /// From one level to the next.
    pub fn between(before: u8, after: u8) -> Direction {
        match after.cmp(&before) {
            std::cmp::Ordering::Greater => Direction::Up,
            std::cmp::Ordering::Equal => Direction::Flat,
            std::cmp::Ordering::Less => Direction::Down,
        }
    }

    /// The arrow of the text; the start has none.
    pub fn arrow(self) -> &'static str {
        match self {
            Direction::Start => "",
            Direction::Up => "↑",
            Direction::Flat => "→",
            Direction::Down => "↓",
        }
    }
}

impl Position {
    fn within(self, last: usize) -> Position {
        match self {
            Position::Held(at) => Position::Held(at.min(last)),
            Position::InTransit { to } if to.min(last) == 0 => Position::Held(0),
            Position::InTransit { to } => Position::InTransit { to: to.min(last) },
            Position::WithApplicant { asked_by } => Position::WithApplicant { asked_by: asked_by.min(last) },
            Position::Closed { at } => Position::Closed { at: at.min(last) },
        }
    }
}

fn stops_of_case(places: &[Place], position: Position, marks: &Marks) -> Vec<Stop> {
    let (passed_until, brick) = match position {
        Position::Held(at) => (at, Some(StopState::Now)),
        Position::InTransit { to } => (to, Some(StopState::Coming)),
        Position::WithApplicant { asked_by } => (asked_by + 1, None),
        Position::Closed { at } => (at + 1, None),
    };
    let mut stops: Vec<Stop> = places
        .iter()
        .enumerate()
        .map(|(index, place)| {
            let state = match brick {
                Some(state) if index == passed_until => state,
                _ if index < passed_until => StopState::Done,
                _ => StopState::Next,
            };
            Stop { under: marks.under.get(index).cloned().flatten(), ..stop_of(place, state) }
        })
        .collect();
    match position {
        Position::WithApplicant { asked_by } => {
            let back = stop_of(&places[asked_by], StopState::Next);
            let applicant = Stop { under: marks.under_applicant.clone(), ..applicant_stop() };
            stops.splice(asked_by + 1..asked_by + 1, [applicant, back]);
        }
        Position::Closed { at } => stops.truncate(at + 1),
        Position::Held(_) | Position::InTransit { .. } => {}
    }
    for stop in stops.iter_mut().filter(|stop| stop.has_brick()) {
        stop.late = marks.late.clone();
        stop.paused = marks.paused;
        stop.asked = marks.asked.clone();
    }
    stops
}

fn stop_of(place: &Place, state: StopState) -> Stop {
    Stop {
        name: place.name.clone(),
        short: place.short.clone(),
        level: place.level.min(TOP_LEVEL),
        direction: Direction::Start,
        state,
        under: None,
        late: None,
        paused: false,
        asked: None,
        end: false,
    }
}

fn applicant_stop() -> Stop {
    let place = Place { name: APPLICANT_NAME.to_owned(), short: APPLICANT_NAME.to_owned(), level: APPLICANT_LEVEL };
    stop_of(&place, StopState::Now)
}

/// Writes directions and the end, which depend on the neighbours and so come last.
fn connect(stops: &mut [Stop]) {
    for index in 1..stops.len() {
        stops[index].direction = Direction::between(stops[index - 1].level, stops[index].level);
    }
    if let Some(last) = stops.last_mut() {
        last.end = true;
    }
}

fn text_of(stops: &[Stop], closed: bool) -> String {
    let mut text = String::new();
    for stop in stops {
        let arrow = stop.direction.arrow();
        match stop.state {
            StopState::Now => text.push_str(&format!("{arrow}【{}{}】", stop.short, marks_text(stop))),
            StopState::Coming => text.push_str(&format!("【{arrow}{}】{}", marks_text(stop), stop.short)),
            StopState::Done | StopState::Next | StopState::Route => {
                text.push_str(arrow);
                text.push_str(&stop.short);
            }
        }
    }
    if closed {
        text.push('。');
    }
    text
}

fn marks_text(stop: &Stop) -> String {
    let late = stop.late.as_ref().map(|late| format!("！{late}")).unwrap_or_default();
    let paused = if stop.paused { "‖" } else { "" };
    let asked = stop.asked.as_ref().map(|asked| format!("（{asked}）")).unwrap_or_default();
    format!("{late}{paused}{asked}")
}

fn label_of(stops: &[Stop]) -> String {
    let Some(at) = stops.iter().position(Stop::has_brick) else {
        return "接力：已办结".to_owned();
    };
    let stop = &stops[at];
    let mut label = match (stop.state, stop.level) {
        (StopState::Coming, _) => {
            let sender = at.checked_sub(1).map_or("", |before| stops[before].name.as_str());
            format!("接力：{sender}已交出，{}还没有签收", stop.name)
        }
        (_, APPLICANT_LEVEL) => "接力：现在在申请人手里".to_owned(),
        _ => format!("接力：现在在{}", stop.name),
    };
    for words in [stop.late.as_deref(), stop.paused.then_some("停时"), stop.asked.as_deref()].into_iter().flatten() {
        label.push('，');
        label.push_str(words);
    }
    label
}

#[cfg(test)]
mod tests;
