//! 网上申请, third step: everything that was filled in, once more, and what happens after filing.

use actix_web::{HttpRequest, HttpResponse, get, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use uuid::Uuid;

use super::chrome::{Chrome, Fact};
use super::materials::{may_follow, received_words};
use super::own_cases::{Opened, get_own, open};
use super::pages_apply::{ApplyCheckPage, CheckSection};
use super::reply::{go_to, own_page};
use super::{paths, visitor};
use crate::cases::actions::FileOwnCase;
use crate::cases::case::CaseFile;
use crate::cases::papers;
use crate::cases::route;
use crate::cases::view::{self, CaseView, Sources};
use crate::cases::words::State;
use crate::clock::limit::Limit;
use crate::context::{Context, SharedContext};

/// What the applicant declares by filing.
const DECLARATION: &str = "我填写的内容和交的材料都是真实的；办理这件事的部门可以为此核对有关情况。";

#[get("/drafts/{case_id}/check")]
pub async fn show_check(
    context: SharedContext,
    permit: Permit<FileOwnCase>,
    request: HttpRequest,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let case = get_own(&context, permit.citizen()?, *path).await?;
    if case.state != State::Draft {
        return Ok(go_to(&paths::case(&case.case_id.to_string())));
    }
    let chrome = visitor::chrome(&context, &request, &permit).await?;
    own_page(&page(&context, chrome, &open(&context, case).await?))
}

/// "受理的第二天起，10 个工作日有结果。"
pub fn promise_sentence(case: &CaseFile) -> String {
    let words = case.body.promised.words();
    match case.body.promised {
        Limit::Immediate => "材料齐全，受理当天就有结果。".to_owned(),
        Limit::Hours(_) => format!("受理以后 {words}内有结果。"),
        _ => format!("受理的第二天起，{words}有结果。"),
    }
}

fn page(context: &Context, chrome: Chrome, opened: &Opened) -> ApplyCheckPage {
    let Opened { case, private, materials, matter } = opened;
    let view = view::build(context, &Sources { case, private, materials, matter, now: context.now() });
    ApplyCheckPage {
        chrome,
        case_id: case.case_id.to_string(),
        version: i64::from(case.version),
        idempotency_key: Uuid::new_v4().to_string(),
        matter_name: case.body.matter_short_name.clone(),
        errors: Vec::new(),
        sections: sections(&view, received_words(context, opened)),
        may_follow: may_follow(opened).into_iter().map(|material| material.name).collect(),
        missing: papers::missing(case, matter, materials),
        route: route::relay_of_route(&case.body.route),
        promise: promise_sentence(case),
        declaration: DECLARATION.to_owned(),
    }
}

fn sections(view: &CaseView, received: Vec<String>) -> Vec<CheckSection> {
    let case_id = view.id.to_string();
    let form_address = paths::draft(&case_id);
    let section =
        |title: &str, address: &str, rows: Vec<Fact>| CheckSection { title: title.to_owned(), change_address: address.to_owned(), rows };
    let mut asked: Vec<Fact> = Vec::new();
    if !view.situations.is_empty() {
        let titles: Vec<&str> = view.situations.iter().map(|situation| situation.title.as_str()).collect();
        asked.push(Fact::new("申请", titles.join("、")));
    }
    asked.extend(view.form.iter().map(|value| Fact::new(value.label.clone(), value.value.clone())));
    if !view.applicant.address.is_empty() {
        asked.push(Fact::new("现在住的地方", view.applicant.address.clone()));
    }
    let applicant = vec![
        Fact::new("姓名", view.applicant.name.clone()),
        Fact::new("身份证号", view.applicant.identity_number.clone()),
        Fact::new("手机号", view.applicant.telephone.clone()),
    ];
    let mut sections = vec![section("情况", &form_address, asked), section("申请人", &form_address, applicant)];
    if !view.members.is_empty() {
        let members = view.members.iter().map(|member| {
            let relation = if member.relation.is_empty() { "家人".to_owned() } else { member.relation.clone() };
            Fact::new(relation, format!("{}　{}", member.name, member.identity_number))
        });
        sections.push(section("一起生活的家人", &form_address, members.collect()));
    }
    if !received.is_empty() {
        let rows = received.into_iter().enumerate().map(|(index, words)| Fact::new(format!("第 {} 样", index + 1), words)).collect();
        sections.push(section("材料", &paths::draft_materials(&case_id), rows));
    }
    sections
}
