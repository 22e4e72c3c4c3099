//! Two matters in their shortest true form, for the tests of this slice.

use super::matter::Matter;

/// 残疾人两项补贴: village, town, two departments of the county, and home.
pub fn disability_allowance() -> Matter {
    parse(
        r#"
basic_code: "370511014000"
name: 困难残疾人生活补贴和重度残疾人护理补贴资格认定
short_name: 残疾人两项补贴
task_type: "05"
project_type: promised
applicant_kinds: [person]
use_level: 4
exercised_by_text: 县（区）民政局（会同县残联）
summary: 有残疾人证的低保家庭成员，或一、二级重度残疾人，可以按月领补贴。
synonyms: [残疾补贴, 护理补贴]
origins: [village, online, window]
proxy: {agent_may_file: true, text: 村（居）委会可以代办, basis: 国发〔2015〕52号}
limits:
  statutory: {number: 10, unit: working_day, starts: acceptance, basis: 国发〔2015〕52号}
  promised: [{number: 10, unit: working_day}]
visits: 1
fee: {charged: false, text: 不收费}
situation_choice: one
situations:
  - {code: S1, title: 困难残疾人生活补贴}
  - {code: S2, title: 重度残疾人护理补贴}
materials:
  - {code: M1, name: 申请审核表, necessity: required, original: 1, source: 系统生成, source_text: 看过签字}
  - {code: M4, name: 困难身份, necessity: internal, source: 民政共享, source_text: 不用带, when: [S1]}
  - {code: M5, name: 委托证明, necessity: conditional, original: 1, source: 申请人自备, source_text: 带原件, by_proxy: true}
  - {code: M6, name: 社会保障卡账户, necessity: tolerant, copy: 1, source: 申请人自备, source_text: 可以后补}
steps:
  - {code: "0", name: 收件, kind: receive, method: paper, level: 6, department: village_station, role: agent, half_days: 1, counted: false, place_text: 村服务站}
  - {code: "1", name: 受理, kind: accept, method: paper, level: 5, department: town_center, role: window_clerk, half_days: 1, counted: false, place_text: 镇便民服务中心}
  - {code: "2", name: 初审, kind: review, method: paper, level: 5, department: civil_affairs_office, role: reviewer, half_days: 6, counted: true, place_text: 镇民政办}
  - {code: "3", name: 审核等级, kind: review, method: paper, level: 4, department: disabled_federation, role: reviewer, half_days: 6, counted: true, place_text: 县残联}
  - {code: "4", name: 审定, kind: review, method: paper, level: 4, department: civil_affairs_bureau, role: reviewer, half_days: 6, counted: true, place_text: 县民政局}
  - {code: "5", name: 签发, kind: decide, method: paper, level: 4, department: civil_affairs_bureau, role: decider, half_days: 2, counted: true, place_text: 县民政局}
  - {code: "6", name: 告知, kind: deliver, method: paper, level: 5, department: town_center, role: window_clerk, half_days: 4, counted: false, place_text: 镇便民服务中心}
  - {code: "7", name: 送达, kind: deliver, method: paper, level: 6, department: village_station, role: agent, half_days: 2, counted: false, place_text: 村服务站}
results: [{name: 资格认定结果告知书}]
legal_bases: [{title: 国务院关于全面建立两项补贴制度的意见, document_number: 国发〔2015〕52号, article: 申请审核程序, tag: 指}]
questions: [{question: 从什么时候开始算, answer: 从递交的当月算起}]
remedies: {review: 收到告知书起 60 日内申请行政复议, suit: 收到告知书起 6 个月内向人民法院提起诉讼}
"#,
    )
}

/// 临时救助: small sums decided in the town by entrustment, others in the county.
pub fn emergency_relief() -> Matter {
    let mut matter = disability_allowance();
    let steps = r#"
- {code: "0", name: 收件, kind: receive, method: paper, level: 6, department: village_station, role: agent, half_days: 1, counted: false, place_text: 村服务站}
- {code: "1", name: 受理, kind: accept, method: paper, level: 5, department: town_center, role: window_clerk, half_days: 1, counted: false, place_text: 镇便民服务中心}
- {code: "2", name: 调查, kind: review, method: survey, level: 5, department: civil_affairs_office, role: reviewer, half_days: 4, counted: true, place_text: 镇民政办}
- {code: "3", name: 审批, kind: decide, method: paper, level: 5, department: town_government, role: decider, half_days: 2, counted: true, when: [S2], power_level: 4, place_text: 镇政府}
- {code: "4", name: 审批, kind: review, method: paper, level: 4, department: civil_affairs_bureau, role: reviewer, half_days: 24, counted: true, when: [S3], place_text: 县民政局}
- {code: "5", name: 签发, kind: decide, method: paper, level: 4, department: civil_affairs_bureau, role: decider, half_days: 2, counted: true, when: [S3], place_text: 县民政局}
- {code: "6", name: 发放, kind: deliver, method: paper, level: 5, department: town_center, role: window_clerk, half_days: 2, counted: false, place_text: 镇便民服务中心}
"#;
    matter.basic_code = "370511008000".to_string();
    matter.name = "临时救助".to_string();
    matter.short_name = "临时救助".to_string();
    matter.summary = "家里遇上急难，可以申请一次性救助。".to_string();
    matter.synonyms = vec!["急难救助".to_string()];
    matter.situations = parse("- {code: S2, title: 限额以内}\n- {code: S3, title: 超过限额}");
    matter.limits.promised = parse("- {when: [S2], number: 3, unit: working_day}\n- {number: 15, unit: working_day}");
    matter.limits.statutory.number = None;
    matter.materials = parse("- {code: M1, name: 申请表, necessity: required, original: 1, source: 系统生成, source_text: 看过签字}");
    matter.steps = parse(steps);
    matter
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_norway::from_str(text).expect("an example written in a test is valid")
}
