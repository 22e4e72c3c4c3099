//! Somebody in the portal: gets pages, posts forms with their hidden fields, reads the code on their telephone.

use std::collections::HashSet;
use std::sync::Arc;

use reqwest::cookie::Jar;
use reqwest::multipart::{Form, Part};
use reqwest::{RequestBuilder, StatusCode};
use tenants::people::identity_number::IdentityNumber;
use tenants::people::person_name::PersonName;
use tenants::people::telephone::Telephone;

use crate::house::House;

/// What a browser says that it takes.
const ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

pub struct Visitor {
    client: reqwest::Client,
    base: String,
}

/// A page, or the way to another one.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: StatusCode,
    pub location: String,
    pub text: String,
}

/// The three facts of somebody made up.
#[derive(Debug, Clone)]
pub struct Facts {
    pub name: String,
    pub identity_number: String,
    pub telephone: String,
}

impl Facts {
    pub fn of(seed: u64) -> Facts {
        Facts {
            name: PersonName::new_synthetic(seed).as_str().to_owned(),
            identity_number: IdentityNumber::new_synthetic(seed).as_str().to_owned(),
            telephone: Telephone::new_synthetic(seed).as_str().to_owned(),
        }
    }
}

impl Page {
    #[track_caller]
    pub fn expect(self, status: u16) -> Page {
        assert_eq!(self.status.as_u16(), status, "to {:?}: {}", self.location, self.text);
        self
    }

    /// See other: the address that follows.
    #[track_caller]
    pub fn onward(self) -> String {
        self.expect(303).location
    }

    #[track_caller]
    pub fn says(self, words: &str) -> Page {
        assert!(self.text.contains(words), "no “{words}” in {}", self.text);
        self
    }

    #[track_caller]
    pub fn is_silent_about(self, words: &str) -> Page {
        assert!(!self.text.contains(words), "“{words}” in {}", self.text);
        self
    }

    /// Value of the first hidden field of this name.
    #[track_caller]
    pub fn hidden(&self, name: &str) -> String {
        let start = format!("type=\"hidden\" name=\"{name}\" value=\"");
        let (_, rest) = self.text.split_once(&start).unwrap_or_else(|| panic!("no hidden field {name} in {}", self.text));
        rest.split('"').next().unwrap_or_default().to_owned()
    }

    /// What stands in the element after these words: `<dt>办件编号</dt><dd class="num">…</dd>`.
    #[track_caller]
    pub fn fact(&self, label: &str) -> String {
        let (_, rest) = self.text.split_once(&format!("<dt>{label}</dt>")).unwrap_or_else(|| panic!("no {label} in {}", self.text));
        let rest = rest.split_once('>').map(|(_, rest)| rest).unwrap_or_default();
        rest.split('<').next().unwrap_or_default().to_owned()
    }
}

impl Visitor {
    pub fn new(house: &House) -> Visitor {
        let client = reqwest::Client::builder()
            .cookie_provider(Arc::new(Jar::default()))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Visitor { client, base: house.base.clone() }
    }

    /// Has chosen a place already.
    pub async fn at(house: &House, place_id: i64) -> Visitor {
        let visitor = Visitor::new(house);
        visitor.get(&format!("/places/choose?id={place_id}&back=/")).await.expect(303);
        visitor
    }

    /// Signed in, at a place.
    pub async fn signed_in(house: &House, facts: &Facts, place_id: i64) -> Visitor {
        let visitor = Visitor::at(house, place_id).await;
        visitor.sign_in(house, facts, "/my").await.expect(303);
        visitor
    }

    pub async fn get(&self, path: &str) -> Page {
        read(self.client.get(format!("{}{path}", self.base))).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        read(self.client.post(format!("{}{path}", self.base)).form(fields)).await
    }

    /// Uploads a file with the hidden fields of the page it is on.
    pub async fn upload(&self, page: &Page, path: &str, media_type: &str, bytes: Vec<u8>) -> Page {
        let file = Part::bytes(bytes).file_name("照片.png").mime_str(media_type).expect("a media type");
        let form = Form::new().text("csrf", page.hidden("csrf")).text("version", page.hidden("version")).part("file", file);
        read(self.client.post(format!("{}{path}", self.base)).multipart(form)).await
    }

    /// A form of several parts without a file.
    pub async fn post_parts(&self, path: &str, fields: &[(&'static str, String)]) -> Page {
        let form = fields.iter().fold(Form::new(), |form, (name, value)| form.text(*name, value.clone()));
        read(self.client.post(format!("{}{path}", self.base)).multipart(form)).await
    }

    /// Asks for a code and enters it.
    pub async fn sign_in(&self, house: &House, facts: &Facts, back: &str) -> Page {
        let (asked, code) = self.ask_for_code(house, facts, back).await;
        self.enter_code(&asked, &code).await
    }

    /// The page that asks for the code, and the code that came.
    pub async fn ask_for_code(&self, house: &House, facts: &Facts, back: &str) -> (Page, String) {
        let before: HashSet<String> = house.messages().into_iter().collect();
        let fields = [
            ("name", facts.name.as_str()),
            ("identity_number", &facts.identity_number),
            ("telephone", &facts.telephone),
            ("back", back),
            ("csrf", ""),
        ];
        let asked = self.post("/sign-in", &fields).await.expect(200);
        let came = house.messages().into_iter().find(|message| !before.contains(message) && message.starts_with(&facts.telephone));
        (asked, code_in(&came.expect("a message came")))
    }

    pub async fn enter_code(&self, asked: &Page, code: &str) -> Page {
        let (ticket, back) = (asked.hidden("ticket"), asked.hidden("back"));
        self.post("/sign-in/code", &[("code", code), ("ticket", &ticket), ("back", &back), ("csrf", "")]).await
    }
}

fn code_in(message: &str) -> String {
    let (_, rest) = message.split_once("验证码 ").expect("a code");
    rest.chars().take_while(char::is_ascii_digit).collect()
}

async fn read(request: RequestBuilder) -> Page {
    let response = request.header("Accept", ACCEPT).send().await.expect("the server answers");
    let status = response.status();
    let location = response.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    Page { status, location, text: response.text().await.unwrap_or_default() }
}
