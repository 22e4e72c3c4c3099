//! Pages that lead to a matter: choose a place, the front page, search results.

use askama::Template;
use askama_web::WebTemplate;

use crate::cases::relay::Relay;
use crate::divisions::code::{DivisionCode, Level};
use crate::portal::chrome::{Chrome, Link};
use crate::portal::components::{EmptyState, RelayMark};
use crate::portal::paths;

/// Choose a place by walking down from the province, or by name.
#[derive(Template, WebTemplate)]
#[template(path = "portal/place.html")]
pub struct PlacePage {
    pub chrome: Chrome,
    /// Where to go once chosen; must have passed `paths::is_inside`.
    pub back: String,
    /// Words searched for; empty when walking.
    pub query: String,
    /// What the search found, with full names. Only read when `query` is not empty.
    pub found: Vec<PlaceLink>,
    /// From the province down to the place being looked at, that one included.
    pub trail: Vec<PlaceLink>,
    /// The places below the last of the trail. Empty at a village.
    pub children: Vec<PlaceLink>,
}

/// A place that can be looked into or chosen.
#[derive(Debug, Clone)]
pub struct PlaceLink {
    pub division_id: i64,
    /// "前梁村"; in search results the whole: "利津县 汀罗镇 前梁村".
    pub name: String,
    /// "镇（街道）"
    pub level_name: String,
}

impl PlacePage {
    fn current(&self) -> Option<&PlaceLink> {
        self.trail.last()
    }

    /// A place that things can be done at: nothing is offered above the county.
    fn choosable(&self) -> Option<&PlaceLink> {
        self.current().filter(|place| DivisionCode::new(place.division_id).is_ok_and(|code| code.level() >= Level::County))
    }
}

/// The front page.
#[derive(Template, WebTemplate)]
#[template(path = "portal/home.html")]
pub struct HomePage {
    pub chrome: Chrome,
    /// Words people often search for, here.
    pub often: Vec<String>,
    /// An example of the mark that teaches how to read it: 村↑镇↑【县】↓镇↓村.
    pub example: Relay,
    /// Entries by kind; may be empty.
    pub entries: Vec<HomeEntry>,
    /// "汀罗镇可以办的事"
    pub matters_title: String,
    pub matters: Vec<MatterRow>,
    /// The places above and at the chosen one, nearest first.
    pub places: Vec<NearPlace>,
    /// "10月1日至7日放假，10月10日 (周六) 上班。"
    pub notice: Option<String>,
}

/// One of the ways in: 个人办事, 法人办事, 部门, ….
#[derive(Debug, Clone)]
pub struct HomeEntry {
    pub link: Link,
    /// "412 项"
    pub count_words: String,
    /// One line of everyday words.
    pub line: String,
}

/// A matter in a list.
#[derive(Debug, Clone)]
pub struct MatterRow {
    pub basic_code: String,
    pub short_name: String,
    /// One sentence for people.
    pub summary: String,
    /// "10 个工作日", "当场办完"
    pub promised_words: String,
    /// "到县再回村", "镇里办完"
    pub way_words: String,
    pub route: Relay,
    /// For the time being nobody may file it.
    pub suspended: bool,
}

/// A counter or station near the citizen.
#[derive(Debug, Clone)]
pub struct NearPlace {
    pub name: String,
    /// "今天 8:30—17:00，代办员在站"
    pub line: String,
    /// "村", "镇", "县", or a distance when it is known.
    pub note: String,
}

/// Search results and the list of all matters.
#[derive(Template, WebTemplate)]
#[template(path = "portal/matters.html")]
pub struct MattersPage {
    pub chrome: Chrome,
    /// Empty for the list of all matters.
    pub query: String,
    pub matters: Vec<MatterRow>,
    /// Other words to try when nothing was found.
    pub suggestions: Vec<String>,
}

impl MattersPage {
    fn nothing_found(&self) -> EmptyState {
        let links = self.suggestions.iter();
        EmptyState {
            title: if self.query.is_empty() {
                "这里还没有公布事项。".to_owned()
            } else {
                format!("没有找到“{}”。", self.query)
            },
            text: "换个说法试试，比如只写“残疾”“低保”；也可以打 12345 问，或到村服务站请代办员帮忙。".to_owned(),
            links: links.map(|words| Link { words: words.clone(), address: paths::matters_search(words) }).collect(),
        }
    }
}
