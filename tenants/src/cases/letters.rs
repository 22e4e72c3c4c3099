//! Letters to the applicant: what has happened, where the case is, what comes next and by when. In plain words, with the custody mark as text.
//!
//! Mail and messages pass through other people's hands: they hold the masked name and the number, never the identity number or the matter's details.

use super::case::CaseFile;
use super::deadlines;
use super::lifecycle::Letter;
use super::view;
use crate::clock::light::due_words;
use crate::context::Context;
use crate::divisions::case_number::CaseNumber;

pub struct LetterText {
    pub subject: String,
    pub body: String,
    /// For a text message; the brick is in ［］ because gateways keep 【】 for the sender's signature.
    pub short: String,
}

pub fn write(context: &Context, case: &CaseFile, letter: Letter) -> LetterText {
    let now = context.now();
    let matter = &case.body.matter_short_name;
    let number = case.case_no.as_deref().unwrap_or_default();
    let number = CaseNumber::parse(number).map_or_else(|_| number.to_owned(), |number| number.to_string());
    let relay = view::relay(context, case, now);
    let promise = deadlines::promise_due(case, &context.calendar).map(|due| due_words(now, &due));
    let (happened, next) = match letter {
        Letter::Filed => (format!("您的“{matter}”申请已经收件"), "受理以后会再告诉您。".to_owned()),
        Letter::Accepted => (format!("您的“{matter}”申请已经受理"), promise.map_or_else(String::new, |due| format!("最迟 {due} 有结果。"))),
        Letter::NotAccepted => {
            (format!("您的“{matter}”申请不予受理"), format!("理由：{}。", case.body.closing_reasons.as_deref().unwrap_or_default()))
        }
        Letter::CorrectionAsked => (format!("您的“{matter}”申请要补材料"), correction_words(case)),
        Letter::Decided => (format!("您的“{matter}”申请已经有决定"), "结果正在送回您申请的地方，送到会再告诉您。".to_owned()),
        Letter::ReadyToCollect => {
            (format!("您的“{matter}”结果到了，可以领取"), format!("请到{}领取，带上身份证件。", case.body.route[0].tenant_name))
        }
    };
    let follow = format!("{}/follow", context.public_url);
    let body = format!(
        "{}：\n\n{happened}。{next}\n\n办件编号　{number}\n现在　　　{}\n\n想知道办到哪儿了：打开 {follow} ，输入办件编号和回执上的查询密码；或者打 12345 报编号。\n\n这封信由系统发出，请不要回复。\n",
        case.applicant_masked, relay.text
    );
    let short = format!("{happened}。{next}编号 {number}。{}", relay.message_text());
    LetterText { subject: format!("{happened}（{number}）"), body, short }
}

fn correction_words(case: &CaseFile) -> String {
    let items = case
        .body
        .correction
        .as_ref()
        .map(|correction| correction.items.iter().map(|item| item.message.clone()).collect::<Vec<_>>().join("；"))
        .unwrap_or_default();
    format!("要补的是：{items}。可以在网上补，也可以到{}补。", case.body.route[0].tenant_name)
}
