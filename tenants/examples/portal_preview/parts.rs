//! The parts by themselves: the custody mark in every state and size, lights, fields, steps, empty state.

use askama::Template;
use tenants::cases::relay::{Marks, Place, Position, Relay};
use tenants::portal::assets;
use tenants::portal::components::{EmptyState, LightLevel, LightView, ProgressSteps, RelayLine, RelayMark};
use tenants::portal::forms::{ErrorSummary, FieldError, FieldKind, FormField};

use crate::samples::way;

pub fn page(large_text: bool) -> anyhow::Result<String> {
    let mut body = String::from("<h1>构件</h1>");
    for (title, relay) in marks() {
        body.push_str(&format!("<h2>{title}</h2>"));
        for mark in [RelayMark::full(&relay), RelayMark::plain(&relay), RelayMark::head(&relay), RelayMark::mini(&relay)] {
            body.push_str(&format!("<div class=\"page-gap\">{}</div>", mark.render()?));
        }
        body.push_str(&format!("<p>{}</p>", RelayLine { relay: &relay }.render()?));
    }
    body.push_str("<h2>时限灯</h2>");
    for (level, spent_share, words) in [
        (LightLevel::None, 0.0, "不计时"),
        (LightLevel::Fine, 0.3, "还剩 4 个工作日"),
        (LightLevel::Near, 0.8, "还剩 1 个工作日"),
        (LightLevel::Late, 1.2, "超 1 个工作日"),
        (LightLevel::Paused, 0.5, "停时，听证中"),
        (LightLevel::Done, 1.0, "已办结"),
    ] {
        body.push_str(&format!("<p>{}</p>", LightView { level, spent_share, words: words.to_owned() }.render()?));
    }
    body.push_str("<h2>表单</h2>");
    let errors = [FieldError::new("telephone", "手机号要 11 位数字，现在是 10 位")];
    body.push_str(&ErrorSummary { errors: &errors }.render()?);
    let telephone = FormField::new("telephone", "手机号", FieldKind::Telephone).with_value("1380546041").with_errors(&errors);
    let level = FormField {
        choices: ["一级", "二级", "三级", "四级"].map(str::to_owned).to_vec(),
        ..FormField::new("level", "残疾等级", FieldKind::Choice).with_value("二级")
    };
    let income = FormField {
        unit: Some("元".to_owned()),
        required: false,
        ..FormField::new("income", "家庭月收入", FieldKind::Money).with_hint("去年平均每月的")
    };
    for field in [telephone, level, income, FormField::new("why", "说明", FieldKind::LongText)] {
        body.push_str(&field.render()?);
    }
    body.push_str("<h2>步骤</h2>");
    body.push_str(&ProgressSteps { names: vec!["情况", "材料", "核对", "回执"], current: 1 }.render()?);
    body.push_str("<h2>空</h2>");
    body.push_str(&EmptyState { title: "您还没有办过事。".to_owned(), text: "到首页说说您要办什么。".to_owned(), links: vec![] }.render()?);
    let density = if large_text { "large" } else { "portal" };
    let sheets: String = ["tokens.css", "relay.css", "portal.css"]
        .map(|name| format!("<link rel=\"stylesheet\" href=\"{}\">", assets::address(name)))
        .concat();
    Ok(format!(
        "<!doctype html><html lang=\"zh-CN\" data-density=\"{density}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>构件</title>{sheets}</head><body><main class=\"wrap\">{body}</main></body></html>"
    ))
}

fn marks() -> Vec<(&'static str, Relay)> {
    let plain = |position| Relay::of_case(&way(), position, Marks::default());
    let marked = |position, marks| Relay::of_case(&way(), position, marks);
    let late = || Marks { late: Some("超 1 天".to_owned()), ..Marks::default() };
    let town = [Place { name: "汀罗镇".to_owned(), short: "镇".to_owned(), level: 2 }];
    let county = [Place { name: "县审批局".to_owned(), short: "县审批局".to_owned(), level: 3 }];
    vec![
        ("在手里", plain(Position::Held(2))),
        ("在途，上行", plain(Position::InTransit { to: 2 })),
        ("在途，同级", plain(Position::InTransit { to: 3 })),
        ("在途，下行", plain(Position::InTransit { to: 4 })),
        ("超时", marked(Position::Held(2), late())),
        ("在途超时", marked(Position::InTransit { to: 2 }, late())),
        ("停时", marked(Position::Held(2), Marks { paused: true, ..Marks::default() })),
        ("问别处", marked(Position::Held(3), Marks { asked: Some("问县核对机构".to_owned()), ..Marks::default() })),
        ("等申请人", plain(Position::WithApplicant { asked_by: 1 })),
        ("办结", plain(Position::Closed { at: 5 })),
        ("只到镇，在办", Relay::of_case(&town, Position::Held(0), Marks::default())),
        ("只到镇，路线", Relay::route(&town)),
        ("只到县，路线", Relay::route(&county)),
        ("路线", Relay::route(&way())),
    ]
}
