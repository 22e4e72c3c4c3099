//! What a receipt says, for the screen, for A5 paper and for the counters' printers.

use chrono::{DateTime, Datelike, Utc};
use platform::http::problem::Problem;
use qrcode::QrCode;
use qrcode::render::svg;

use super::check::promise_sentence;
use super::materials::{may_follow, received_words};
use super::own_cases::Opened;
use super::pages_receipt::{PrintReceiptPage, ReceiptFacts};
use super::paths;
use crate::cases::case::CaseFile;
use crate::cases::deadlines;
use crate::cases::view;
use crate::cases::words::Channel;
use crate::clock::china_time::date_in_china;
use crate::clock::light::due_words;
use crate::clock::words::{date_words, time_words};
use crate::context::Context;
use crate::people::person_name::PersonName;

/// The QR code is set this wide on paper; pixels of its own view box.
const QR_SIDE: u32 = 120;
/// A year that no receipt is from, so that its date always carries the year: it may be looked at much later.
const NO_YEAR: i32 = 0;

/// Nothing before filing: a draft has no receipt.
pub fn facts(context: &Context, opened: &Opened, secret: Option<String>) -> Option<ReceiptFacts> {
    let case = &opened.case;
    let (case_no, filed_at) = (case.case_no.clone()?, case.filed_at?);
    let situation = match case.body.situation_words.as_str() {
        "" => String::new(),
        words => format!("（{words}）"),
    };
    Some(ReceiptFacts {
        case_id: case.case_id.to_string(),
        case_no,
        secret: secret.map(|secret| super::chrome::in_groups(&secret)),
        matter_name: format!("{}{situation}", case.body.matter_short_name),
        applicant_name: case.applicant_masked.clone(),
        place_name: place_name(case),
        received_at_words: long_moment(filed_at),
        received: received_words(context, opened),
        missing: may_follow(opened).into_iter().map(|material| format!("{}，可以后补", material.name)).collect(),
        relay: view::relay(context, case, context.now()),
        next: next(context, case),
    })
}

/// On A5, with the QR code that leads to the follow page.
pub fn print_page(context: &Context, opened: &Opened, secret: Option<String>) -> Result<PrintReceiptPage, Problem> {
    let facts = facts(context, opened, secret).ok_or_else(Problem::not_found)?;
    let case = &opened.case;
    let agent = case.body.agent.as_ref();
    Ok(PrintReceiptPage {
        title: "提交回执".to_owned(),
        qr_svg: qr_svg(&follow_address(context, &facts.case_no))?,
        facts,
        receiver_name: agent.and_then(|agent| PersonName::parse(&agent.name).ok()).map(|name| name.masked()),
        seal_words: if case.channel == Channel::Online { "（网上收件）" } else { "（收件专用章）" }.to_owned(),
    })
}

fn follow_address(context: &Context, case_no: &str) -> String {
    format!("{}{}?case_no={case_no}", context.public_url, paths::FOLLOW)
}

fn qr_svg(text: &str) -> Result<String, Problem> {
    let code = QrCode::new(text.as_bytes()).map_err(|error| Problem::internal(&error))?;
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(QR_SIDE, QR_SIDE).build();
    // Inside a page the declaration of a file of its own has no place.
    Ok(drawn.split_once("?>").map_or(drawn.clone(), |(_, svg)| svg.to_owned()))
}

fn place_name(case: &CaseFile) -> String {
    match case.channel {
        Channel::Online => "网上申请".to_owned(),
        Channel::Village | Channel::Window => case.body.route[0].department_name.clone(),
    }
}

fn next(context: &Context, case: &CaseFile) -> Vec<String> {
    if let Some(due) = deadlines::promise_due(case, &context.calendar) {
        return vec![format!("已经受理，最迟 {}有结果。", due_words(context.now(), &due))];
    }
    let accepts = case.body.route.iter().find(|step| step.kind == crate::catalogue::matter::StepKind::Accept);
    let accepts = accepts.map(|step| format!("由{}受理。", step.department_name)).unwrap_or_default();
    vec![format!("{accepts}{}", promise_sentence(case))]
}

/// "2026年9月21日 (周一) 8:50"
fn long_moment(at: DateTime<Utc>) -> String {
    let date = date_in_china(at);
    debug_assert_ne!(date.year(), NO_YEAR);
    format!("{} {}", date_words(date, NO_YEAR), time_words(at))
}
