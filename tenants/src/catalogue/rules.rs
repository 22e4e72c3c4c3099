//! What has to be right in a matter before it is published.
//!
//! It promises to find everything at once, each finding with the place, the reason and the cure. An error forbids
//! publication; a warning is shown to whoever publishes, because real catalogues break those rules with a reason.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::choose::{applies, check_situations, chosen_steps, find_promised_limit};
use super::matter::{
    EvidenceTag, FieldKind, LimitStart, Matter, Necessity, Origin, ProjectType, SituationChoice, Step, StepKind, StepMethod, StepRole,
};
use crate::clock::due::LONGEST_LIMIT_DAYS;
use crate::clock::limit::LimitUnit;
use crate::divisions::code::Level;

/// Something the rules have against a matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// Where: `steps[2].half_days`.
    pub path: String,
    pub severity: Severity,
    pub message: String,
    pub cure: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
}

pub const BASIC_CODE_LENGTH: usize = 12;
/// More situations that combine freely could not be checked one by one, nor understood by an applicant.
pub const FREE_SITUATIONS_MAX: usize = 10;

/// The type of power that the licensing law binds.
const LICENCE: &str = "01";
const TASK_TYPES: [&str; 11] = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "20"];
/// Licensing law §42; a longer one needs a law of its own.
const LICENCE_LIMIT_DAYS: u32 = 20;
const USE_LEVELS: std::ops::RangeInclusive<u8> = 1..=7;

/// Everything the rules have against a matter, errors and warnings, in the order of the matter's parts.
pub fn check(matter: &Matter) -> Vec<Finding> {
    let mut findings = Findings::default();
    check_head(matter, &mut findings);
    check_codes(matter, &mut findings);
    check_limits(matter, &mut findings);
    check_materials_and_fields(matter, &mut findings);
    check_each_step(matter, &mut findings);
    // Order and sums mean something only where the references hold.
    if !findings.has_error() {
        for situations in possible_choices(matter) {
            check_order(matter, &situations, &mut findings);
            check_budget(matter, &situations, &mut findings);
        }
    }
    check_bases(matter, &mut findings);
    if matter.task_type == LICENCE {
        check_licence(matter, &mut findings);
    }
    findings.0
}

/// Whether nothing forbids publication.
pub fn is_publishable(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.severity != Severity::Error)
}

/// Every set of situations that an applicant can choose.
pub fn possible_choices(matter: &Matter) -> Vec<Vec<String>> {
    let codes: Vec<&String> = matter.situations.iter().map(|situation| &situation.code).collect();
    let candidates: Vec<Vec<String>> = match matter.situation_choice {
        SituationChoice::One if codes.is_empty() => vec![Vec::new()],
        SituationChoice::One => codes.iter().map(|code| vec![(*code).clone()]).collect(),
        SituationChoice::Many => {
            let free = codes.len().min(FREE_SITUATIONS_MAX);
            let chosen = |set: u32| (0..free).filter(|bit| set & (1 << bit) != 0).map(|bit| codes[bit].clone()).collect();
            (0..1u32 << free).map(chosen).collect()
        }
    };
    candidates.into_iter().filter(|situations| check_situations(matter, situations).is_empty()).collect()
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn error(&mut self, path: impl Into<String>, message: impl Into<String>, cure: impl Into<String>) {
        self.add(Severity::Error, path.into(), message.into(), cure.into());
    }

    fn warning(&mut self, path: impl Into<String>, message: impl Into<String>, cure: impl Into<String>) {
        self.add(Severity::Warning, path.into(), message.into(), cure.into());
    }

    /// Many choices share their steps; the same thing is said once.
    fn add(&mut self, severity: Severity, path: String, message: String, cure: String) {
        let finding = Finding { path, severity, message, cure };
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }

    fn has_error(&self) -> bool {
        !is_publishable(&self.0)
    }
}

fn check_head(matter: &Matter, findings: &mut Findings) {
    let code = &matter.basic_code;
    if code.len() != BASIC_CODE_LENGTH || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        findings.error("basic_code", format!("基本编码“{code}”不是 12 位数字或字母"), "照上级目录填 12 位基本编码");
    }
    if !TASK_TYPES.contains(&matter.task_type.as_str()) {
        findings.error("task_type", format!("没有类型“{}”", matter.task_type), "填 01 到 10，公共服务填 20");
    }
    if !USE_LEVELS.contains(&matter.use_level) {
        findings.error("use_level", format!("没有行使层级 {}", matter.use_level), "填 1 到 7");
    }
    for (path, text) in [("name", &matter.name), ("short_name", &matter.short_name), ("summary", &matter.summary)] {
        if text.trim().is_empty() {
            findings.error(path, "没有填写", "补上，群众要靠它认出这个事项");
        }
    }
    if matter.applicant_kinds.is_empty() {
        findings.error("applicant_kinds", "没有写谁可以申请", "至少写一种：个人、家庭、单位");
    }
    if matter.origins.is_empty() {
        findings.error("origins", "没有写在哪里申请", "至少写一处：村、网上、窗口");
    }
    if matter.proxy.agent_may_file && !matter.origins.contains(&Origin::Village) {
        findings.error("proxy.agent_may_file", "代办员可以代申请，但不在村里收件", "在 origins 里加上 village，或者不许代办");
    }
    if matter.fee.charged && matter.fee.basis.as_deref().unwrap_or_default().is_empty() {
        findings.error("fee.basis", "收费没有依据", "写明收费的法律或行政法规；没有依据就不能收");
    }
    if matter.visits == 0 && !matter.origins.contains(&Origin::Online) {
        findings.error("visits", "写了不用跑，但不能网上申请", "在 origins 里加上 online，或者写明要跑几次");
    }
    if matter.results.is_empty() {
        findings.error("results", "没有写办完给什么", "写上结果文书的名称");
    }
    for (path, text) in [("remedies.review", &matter.remedies.review), ("remedies.suit", &matter.remedies.suit)] {
        if text.trim().is_empty() {
            findings.error(path, "没有写不服怎么办", "写明期限和向谁提出");
        }
    }
}

fn check_codes(matter: &Matter, findings: &mut Findings) {
    let situations: Vec<&str> = matter.situations.iter().map(|situation| situation.code.as_str()).collect();
    let fields = matter.fields.iter().map(|field| field.code.as_str()).collect();
    let materials = matter.materials.iter().map(|material| material.code.as_str()).collect();
    let steps = matter.steps.iter().map(|step| step.code.as_str()).collect();
    let lists: [(&str, Vec<&str>); 4] =
        [("situations", situations.clone()), ("fields", fields), ("materials", materials), ("steps", steps)];
    for (list, codes) in lists {
        let mut seen = HashSet::new();
        for (index, code) in codes.into_iter().enumerate() {
            let path = format!("{list}[{index}].code");
            if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                findings.error(path, format!("编号“{code}”只能用字母、数字和下划线"), "换一个编号");
            } else if !seen.insert(code) {
                findings.error(path, format!("编号“{code}”用了两次"), "换一个编号");
            }
        }
    }
    let mut references: Vec<(String, &Vec<String>)> = Vec::new();
    let promised = matter.limits.promised.iter().map(|promised| &promised.when);
    references.extend(promised.enumerate().map(|(index, when)| (format!("limits.promised[{index}].when"), when)));
    references.extend(matter.fields.iter().enumerate().map(|(index, field)| (format!("fields[{index}].when"), &field.when)));
    let materials = matter.materials.iter().enumerate();
    references.extend(materials.map(|(index, material)| (format!("materials[{index}].when"), &material.when)));
    references.extend(matter.steps.iter().enumerate().map(|(index, step)| (format!("steps[{index}].when"), &step.when)));
    let excluding = matter.situations.iter().enumerate();
    references.extend(excluding.map(|(index, situation)| (format!("situations[{index}].excludes"), &situation.excludes)));
    for (path, codes) in references {
        for code in codes.iter().filter(|code| !situations.contains(&code.as_str())) {
            findings.error(path.clone(), format!("没有情形“{code}”"), "改成已有情形的编号，或者先加上这个情形");
        }
    }
    if matter.situation_choice == SituationChoice::Many && situations.len() > FREE_SITUATIONS_MAX {
        findings.error("situations", format!("可以多选的情形超过 {FREE_SITUATIONS_MAX} 种"), "分成几个事项，或者改成单选");
    }
}

fn check_limits(matter: &Matter, findings: &mut Findings) {
    let statutory = &matter.limits.statutory;
    if statutory.number.is_none() && statutory.note.is_none() && statutory.unit != LimitUnit::Immediate {
        findings.warning("limits.statutory.number", "没有写法定时限", "写上天数和依据；法律没有规定的，在 note 里说明");
    }
    let Some((default, special)) = matter.limits.promised.split_last() else {
        findings.error("limits.promised", "没有写承诺时限", "至少写一条 when 为空的承诺时限");
        return;
    };
    if !default.when.is_empty() || special.iter().any(|promised| promised.when.is_empty()) {
        findings.error("limits.promised", "承诺时限要有一条 when 为空的，并且放在最后", "把一般情形的时限放在最后");
    }
    for (index, promised) in matter.limits.promised.iter().enumerate() {
        let path = format!("limits.promised[{index}].number");
        if promised.number > LONGEST_LIMIT_DAYS || (promised.number == 0 && promised.unit != LimitUnit::Immediate) {
            findings.error(path, format!("承诺时限不能是 {}", promised.number), "写一个实际的数；当场办结的把单位写成 immediate");
        } else if statutory.number.is_some_and(|number| statutory.unit == promised.unit && promised.number > number) {
            findings.error(path, "承诺时限比法定时限还长", "承诺时限不能长于法定时限");
        }
    }
    if statutory.number.is_some() && statutory.basis.as_deref().unwrap_or_default().is_empty() && statutory.note.is_none() {
        findings.warning("limits.statutory.basis", "法定时限没有写依据", "写明文件和条款");
    }
}

fn check_materials_and_fields(matter: &Matter, findings: &mut Findings) {
    for (index, material) in matter.materials.iter().enumerate() {
        let path = format!("materials[{index}]");
        let is_asked = material.original > 0 || material.copy > 0;
        match material.necessity {
            Necessity::Internal if is_asked => {
                findings.error(path, format!("“{}”由部门内部核验，不能再向申请人要", material.name), "原件和复印件都写 0");
            }
            Necessity::Conditional if material.when.is_empty() && !material.by_proxy => {
                findings.error(path, format!("“{}”没有写在什么情形下需要", material.name), "写上 when 或 by_proxy，或者改成必要");
            }
            Necessity::Required | Necessity::Conditional | Necessity::Tolerant if !is_asked => {
                findings.warning(path, format!("“{}”要几份没有写", material.name), "写明原件或复印件的份数");
            }
            _ => {}
        }
    }
    for (index, field) in matter.fields.iter().enumerate() {
        if (field.kind == FieldKind::Choice) == field.choices.is_empty() {
            let cure = "选择题要有选项，其他题不能有";
            findings.error(format!("fields[{index}].choices"), format!("“{}”的选项不对", field.label), cure);
        }
    }
}

fn check_each_step(matter: &Matter, findings: &mut Findings) {
    let village = Level::Village.number();
    let filed_at_village = matter.origins.contains(&Origin::Village);
    let instant_places: HashSet<(u8, &str)> = matter
        .steps
        .iter()
        .filter(|step| matches!(step.kind, StepKind::Accept | StepKind::Review | StepKind::Decide))
        .map(|step| (step.level, step.department.as_str()))
        .collect();
    if matter.project_type == ProjectType::Instant && instant_places.len() > 1 {
        findings.error("steps", "即办件要在一处办完，现在经过几个部门", "改成承诺件，或者把受理到决定放在同一个部门");
    }
    if filed_at_village && !matter.steps.iter().any(|step| step.level == village) {
        findings.error("steps", "在村里收件，但没有村里的环节", "加上村里的收件环节，或者从 origins 里去掉 village");
    }
    for (index, step) in matter.steps.iter().enumerate() {
        let path = |field: &str| format!("steps[{index}].{field}");
        if Level::from_number(step.level).is_none() {
            findings.error(path("level"), format!("没有层级 {}", step.level), "填 2 省、3 市、4 县、5 镇、6 村");
        }
        if step.department.is_empty() {
            findings.error(path("department"), "没有写哪个部门办", "填部门编号");
        }
        if step.level == village && !filed_at_village {
            findings.error(path("level"), "有村里的环节，但不在村里收件", "在 origins 里加上 village，或者去掉这个环节");
        }
        if (step.level == village) != matches!(step.role, StepRole::Agent | StepRole::VillageHead) {
            findings.error(path("role"), "代办员和村集体负责人只在村里，其他岗位不在村里", "改岗位或者层级");
        }
        if step.level == village && matches!(step.kind, StepKind::Accept | StepKind::Decide) {
            findings.error(path("kind"), "村不是行政机关，不能受理或者决定", "村里只能收件、履行集体程序、送达");
        }
        if step.level == village && step.counted {
            findings.error(path("counted"), "村里的环节不在承诺时限之内", "counted 写 false，它有自己的时限");
        }
        if step.kind == StepKind::Receive && step.counted {
            findings.error(path("counted"), "收件不在承诺时限之内", "counted 写 false；时限从受理起算");
        }
        let decides_at_once = matter.project_type == ProjectType::Instant && step.role == StepRole::WindowClerk;
        if step.kind == StepKind::Decide && step.role != StepRole::Decider && !decides_at_once {
            findings.error(path("role"), "决定只能由决定人作出", "岗位写 decider；即办件可以由窗口人员当场办结");
        }
        if step.power_level.is_some_and(|power_level| power_level >= step.level) {
            findings.error(path("power_level"), "权力只能来自上级", "写拥有这项权力的上级的层级；本级自己的权力不用写");
        }
        if step.half_days == 0 || step.half_days > 2 * LONGEST_LIMIT_DAYS {
            findings.error(path("half_days"), format!("环节预算不能是 {} 个半天", step.half_days), "至少半天，写 1");
        }
        if step.asks.is_some() != (step.method == StepMethod::Inquiry) {
            findings.warning(path("asks"), "核对要写问谁，其他环节不写", "填 asks，或者改 method");
        }
    }
}

/// Papers are received, the case is accepted, examined, decided, and the result goes home: in this order.
fn check_order(matter: &Matter, situations: &[String], findings: &mut Findings) {
    let steps = chosen_steps(matter, situations, true);
    let which = choice_words(matter, situations);
    let position = |kind: StepKind| steps.iter().position(|step| step.kind == kind);
    let (accept, decide) = (position(StepKind::Accept), position(StepKind::Decide));
    if accept.is_none() {
        findings.error("steps", format!("{which}没有受理环节"), "加上 kind 为 accept 的环节");
    }
    if decide.is_none() {
        findings.error("steps", format!("{which}没有决定环节"), "加上 kind 为 decide 的环节");
    }
    let (Some(accept), Some(decide)) = (accept, decide) else { return };
    for kind in [StepKind::Accept, StepKind::Decide] {
        if steps.iter().filter(|step| step.kind == kind).count() > 1 {
            findings.error("steps", format!("{which}受理和决定各只能有一次"), "去掉多余的环节，或者用 when 分开");
        }
    }
    if decide < accept {
        findings.error("steps", format!("{which}决定在受理之前"), "受理放在决定之前");
    }
    for (index, step) in steps.iter().enumerate() {
        let fits = match step.kind {
            StepKind::Receive => index < accept,
            StepKind::Review => (index > accept || is_before_acceptance_in_village(step)) && index < decide,
            StepKind::Deliver => index > decide,
            StepKind::Accept | StepKind::Decide => true,
        };
        if !fits {
            let position = matter.steps.iter().position(|other| other.code == step.code).unwrap_or_default();
            let cure = "顺序应为收件、受理、审查、决定、送达；只有村集体自己的程序可以在受理之前";
            findings.error(format!("steps[{position}]"), format!("{which}“{}”的位置不对", step.name), cure);
        }
    }
}

fn is_before_acceptance_in_village(step: &Step) -> bool {
    step.level == Level::Village.number() && step.role == StepRole::VillageHead
}

/// The counted budgets add up to the promise. Budgets are working days, so other units are not compared.
fn check_budget(matter: &Matter, situations: &[String], findings: &mut Findings) {
    let Some(promised) = find_promised_limit(matter, situations) else { return };
    if promised.unit != LimitUnit::WorkingDay {
        return;
    }
    let counted = |step: &&Step| step.counted && applies(&step.when, situations);
    let half_days: u32 = matter.steps.iter().filter(counted).map(|step| step.half_days).sum();
    if half_days != 2 * promised.number {
        let days = f64::from(half_days) / 2.0;
        let message = format!("{}计入的环节一共 {days} 天，承诺时限是 {} 天", choice_words(matter, situations), promised.number);
        findings.error("steps", message, "调整环节的 half_days 或者承诺时限，让两边相等");
    }
}

fn choice_words(matter: &Matter, situations: &[String]) -> String {
    let titles: Vec<&str> =
        situations.iter().filter_map(|code| matter.find_situation(code)).map(|situation| situation.title.as_str()).collect();
    if titles.is_empty() { String::new() } else { format!("情形“{}”：", titles.join("、")) }
}

fn check_bases(matter: &Matter, findings: &mut Findings) {
    if matter.legal_bases.is_empty() {
        findings.error("legal_bases", "没有设定依据", "写上法律、法规或者文件；没有依据的事项不能公布");
    }
    for (index, basis) in matter.legal_bases.iter().enumerate() {
        if basis.document_number.is_none() || basis.article.is_none() {
            findings.warning(format!("legal_bases[{index}]"), format!("“{}”缺文号或者条款", basis.title), "补上文号和条款");
        }
        if basis.tag == Some(EvidenceTag::Memory) {
            findings.warning(
                format!("legal_bases[{index}].tag"),
                format!("“{}”凭记忆写下，没有核对原文", basis.title),
                "核对原文以后改标记",
            );
        }
    }
}

/// What the licensing law asks on top (type 01 only).
fn check_licence(matter: &Matter, findings: &mut Findings) {
    let statutory = &matter.limits.statutory;
    if statutory.number.is_none() && statutory.unit != LimitUnit::Immediate {
        findings.error("limits.statutory.number", "行政许可要有法定时限", "法律没有另外规定的，是 20 个工作日（行政许可法第四十二条）");
    }
    let is_long = statutory.unit == LimitUnit::WorkingDay && statutory.number.is_some_and(|number| number > LICENCE_LIMIT_DAYS);
    if is_long && statutory.basis.is_none() {
        findings.error("limits.statutory.basis", "行政许可超过 20 个工作日，要有法律、法规的依据", "写明依据，或者改成 20");
    }
    if statutory.starts != LimitStart::Acceptance {
        findings.error("limits.statutory.starts", "行政许可的时限从受理起算", "写 acceptance");
    }
    let has_full_basis = matter.legal_bases.iter().any(|basis| basis.document_number.is_some() && basis.article.is_some());
    if !has_full_basis {
        findings.error("legal_bases", "行政许可要有写明文号和条款的设定依据", "补上至少一条法律、法规的文号和条款");
    }
    let is_outside = |step: &&Step| step.power_level.is_some() && step.level == Level::Village.number();
    for step in matter.steps.iter().filter(is_outside) {
        findings.error("steps", format!("“{}”：行政许可只能委托给行政机关", step.name), "由镇、县的机关办（行政许可法第二十四条）");
    }
    if matter.questions.is_empty() {
        findings.warning("questions", "行政许可事项没有常见问题", "写上一两个群众常问的");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::examples::{disability_allowance, emergency_relief};
    use super::*;

    fn errors(matter: &Matter) -> Vec<String> {
        let errors = check(matter).into_iter().filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| finding.path).collect()
    }

    /// The example with one thing made wrong.
    fn spoilt(spoil: impl FnOnce(&mut Matter)) -> Vec<String> {
        let mut matter = disability_allowance();
        spoil(&mut matter);
        errors(&matter)
    }

    #[test]
    fn the_examples_can_be_published() {
        assert_eq!(check(&disability_allowance()), []);
        assert!(is_publishable(&check(&emergency_relief())), "{:?}", errors(&emergency_relief()));
    }

    #[test]
    fn each_rule_finds_its_fault() {
        assert_eq!(spoilt(|matter| matter.basic_code = "37-511014000".into()), ["basic_code"]);
        assert_eq!(spoilt(|matter| matter.task_type = "11".into()), ["task_type"]);
        assert_eq!(spoilt(|matter| matter.steps[2].half_days += 1), ["steps", "steps"]);
        assert_eq!(spoilt(|matter| matter.limits.statutory.number = Some(9)), ["limits.promised[0].number"]);
        assert_eq!(spoilt(|matter| matter.limits.promised[0].when = vec!["S1".into()]), ["limits.promised"]);
        assert_eq!(spoilt(|matter| matter.materials[2].when = vec!["S7".into()]), ["materials[2].when"]);
        assert_eq!(spoilt(|matter| matter.steps[3].code = "2".into()), ["steps[3].code"]);
        assert_eq!(spoilt(|matter| matter.materials[1].original = 1), ["materials[1]"]);
        assert_eq!(spoilt(|matter| matter.fee.charged = true), ["fee.basis"]);
        assert_eq!(spoilt(|matter| matter.steps[5].role = StepRole::Reviewer), ["steps[5].role"]);
        assert_eq!(spoilt(|matter| matter.project_type = ProjectType::Instant), ["steps"]);
        assert_eq!(spoilt(|matter| matter.steps[2].power_level = Some(6)), ["steps[2].power_level"]);
        assert_eq!(spoilt(|matter| matter.legal_bases.clear()), ["legal_bases"]);
        assert_eq!(spoilt(|matter| matter.origins = vec![Origin::Window]).first().map(String::as_str), Some("proxy.agent_may_file"));
        let without_decision = spoilt(|matter| {
            matter.steps.remove(5);
        });
        assert!(without_decision.contains(&"steps".to_string()));
        assert!(spoilt(|matter| matter.steps.swap(1, 5)).len() > 1);
        assert!(spoilt(|matter| matter.steps[0].kind = StepKind::Accept).contains(&"steps[0].kind".to_string()));
    }

    #[test]
    fn a_licence_is_held_to_its_law() {
        assert_eq!(
            spoilt(|matter| {
                matter.task_type = LICENCE.into();
                matter.limits.statutory.number = None;
                matter.limits.statutory.starts = LimitStart::Receipt;
                matter.legal_bases[0].article = None;
            }),
            ["limits.statutory.number", "limits.statutory.starts", "legal_bases"]
        );
    }

    #[test]
    fn choices_respect_exclusions() {
        let mut matter = disability_allowance();
        assert_eq!(possible_choices(&matter), [vec!["S1".to_string()], vec!["S2".to_string()]]);
        matter.situation_choice = SituationChoice::Many;
        assert_eq!(possible_choices(&matter).len(), 4);
        matter.situations[1].excludes = vec!["S1".to_string()];
        assert_eq!(possible_choices(&matter).len(), 3);
    }

    proptest! {
        #[test]
        fn any_order_of_steps_is_answered(order in Just((0..8usize).collect::<Vec<_>>()).prop_shuffle(), length in 0usize..=8) {
            let mut matter = disability_allowance();
            let sorted = length == 8 && order.is_sorted();
            let steps = order.iter().take(length).map(|index| matter.steps[*index].clone()).collect();
            matter.steps = steps;
            let findings = check(&matter);
            prop_assert!(!sorted || findings.is_empty());
            prop_assert!(findings.iter().all(|finding| !finding.message.is_empty() && !finding.cure.is_empty()));
        }
    }
}
