//! What one case needs of a matter, once its situations are chosen.
//!
//! It promises that the answer follows from the matter and the choice alone, that steps keep the order of the matter, and
//! that every material of the matter is in the answer with a word whether it is needed: a guide can show all of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::matter::{Field, Material, Matter, Necessity, Origin, PromisedLimit, Situation, SituationChoice, Step};
use crate::divisions::code::Level;

/// What remains of a matter for one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Choice {
    pub situations: Vec<Situation>,
    pub promised: PromisedLimit,
    /// In the order of work.
    pub steps: Vec<Step>,
    pub materials: Vec<MaterialNeed>,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MaterialNeed {
    pub material: Material,
    pub needed: Need,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Without it the case cannot be handed on.
    Required,
    /// 容缺: asked for, may follow.
    Tolerated,
    /// Checked among the organs, never asked.
    Internal,
    NotNeeded,
}

/// Why a choice is not possible, in words for whoever fills in the form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceProblem {
    #[error("请选一种情形")]
    NothingChosen,
    #[error("只能选一种情形，您选了 {0} 种")]
    MoreThanOne(usize),
    #[error("这个事项没有“{0}”这种情形，请重新选")]
    UnknownSituation(String),
    #[error("“{0}”选了两次")]
    ChosenTwice(String),
    #[error("“{0}”和“{1}”不能同时选，请留下一种")]
    Excluded(String, String),
    #[error("这个事项不能由代办员代为申请：{0}")]
    ProxyNotAllowed(String),
    #[error("这个事项不在村（社区）收件，请到受理的窗口办理")]
    NotFiledAtVillage,
    #[error("这个事项没有写明所选情形的承诺时限，请联系事项管理员")]
    NoPromisedLimit,
}

/// The steps, materials, questions and promised limit of a case.
///
/// `situations` are codes in any order. `by_proxy`: an agent files for the applicant. `from_village`: it is filed at a
/// village, so that the steps there belong to it.
pub fn choose(matter: &Matter, situations: &[String], by_proxy: bool, from_village: bool) -> Result<Choice, Vec<ChoiceProblem>> {
    let mut problems = check_situations(matter, situations);
    if by_proxy && !matter.proxy.agent_may_file {
        problems.push(ChoiceProblem::ProxyNotAllowed(matter.proxy.text.clone()));
    }
    if from_village && !matter.origins.contains(&Origin::Village) {
        problems.push(ChoiceProblem::NotFiledAtVillage);
    }
    let promised = find_promised_limit(matter, situations);
    let Some(promised) = promised.filter(|_| problems.is_empty()) else {
        if problems.is_empty() {
            problems.push(ChoiceProblem::NoPromisedLimit);
        }
        return Err(problems);
    };
    Ok(Choice {
        situations: matter.situations.iter().filter(|situation| situations.contains(&situation.code)).cloned().collect(),
        promised: promised.clone(),
        steps: chosen_steps(matter, situations, from_village),
        materials: material_needs(matter, situations, by_proxy),
        fields: matter.fields.iter().filter(|field| applies(&field.when, situations)).cloned().collect(),
    })
}

/// The steps of a case; those of a village only where it was filed there.
pub fn chosen_steps(matter: &Matter, situations: &[String], from_village: bool) -> Vec<Step> {
    let is_done = |step: &&Step| applies(&step.when, situations) && (from_village || step.level != Level::Village.number());
    matter.steps.iter().filter(is_done).cloned().collect()
}

/// Every material of the matter, in its order, and whether the case needs it.
pub fn material_needs(matter: &Matter, situations: &[String], by_proxy: bool) -> Vec<MaterialNeed> {
    let need = |material: &Material| MaterialNeed { material: material.clone(), needed: need_of(material, situations, by_proxy) };
    matter.materials.iter().map(need).collect()
}

/// The first promised limit all of whose situations are chosen.
pub fn find_promised_limit<'matter>(matter: &'matter Matter, situations: &[String]) -> Option<&'matter PromisedLimit> {
    matter.limits.promised.iter().find(|promised| promised.when.iter().all(|code| situations.contains(code)))
}

/// What is wrong with a choice of situations; empty where it is possible.
pub fn check_situations(matter: &Matter, situations: &[String]) -> Vec<ChoiceProblem> {
    let mut problems = Vec::new();
    for (index, code) in situations.iter().enumerate() {
        let Some(situation) = matter.find_situation(code) else {
            problems.push(ChoiceProblem::UnknownSituation(code.clone()));
            continue;
        };
        if situations[..index].contains(code) {
            problems.push(ChoiceProblem::ChosenTwice(situation.title.clone()));
        }
        for other in situations[index + 1..].iter().filter_map(|other| matter.find_situation(other)) {
            if other.excludes.contains(code) || situation.excludes.contains(&other.code) {
                problems.push(ChoiceProblem::Excluded(situation.title.clone(), other.title.clone()));
            }
        }
    }
    if matter.situation_choice == SituationChoice::One && !matter.situations.is_empty() {
        match situations.len() {
            0 => problems.push(ChoiceProblem::NothingChosen),
            1 => {}
            several => problems.push(ChoiceProblem::MoreThanOne(several)),
        }
    }
    problems
}

/// Whether something that names situations holds: none named, or any of them chosen.
pub fn applies(when: &[String], situations: &[String]) -> bool {
    when.is_empty() || when.iter().any(|code| situations.contains(code))
}

fn need_of(material: &Material, situations: &[String], by_proxy: bool) -> Need {
    if !applies(&material.when, situations) || (material.by_proxy && !by_proxy) {
        return Need::NotNeeded;
    }
    match material.necessity {
        Necessity::Required | Necessity::Conditional => Need::Required,
        Necessity::Tolerant => Need::Tolerated,
        Necessity::Internal => Need::Internal,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::examples::{disability_allowance, emergency_relief};
    use super::*;

    fn codes(codes: &[&str]) -> Vec<String> {
        codes.iter().map(|code| code.to_string()).collect()
    }

    #[test]
    fn the_whole_relay_from_a_village() {
        let choice = choose(&disability_allowance(), &codes(&["S1"]), true, true).expect("possible");
        let steps: Vec<&str> = choice.steps.iter().map(|step| step.code.as_str()).collect();
        assert_eq!(steps, ["0", "1", "2", "3", "4", "5", "6", "7"]);
        let needs: Vec<(&str, Need)> = choice.materials.iter().map(|need| (need.material.code.as_str(), need.needed)).collect();
        assert_eq!(needs, [("M1", Need::Required), ("M4", Need::Internal), ("M5", Need::Required), ("M6", Need::Tolerated)]);
    }

    #[test]
    fn without_agent_and_village_less_is_asked() {
        let choice = choose(&disability_allowance(), &codes(&["S2"]), false, false).expect("possible");
        assert!(choice.steps.iter().all(|step| step.level < Level::Village.number()));
        let needs: Vec<Need> = choice.materials.iter().map(|need| need.needed).collect();
        assert_eq!(needs, [Need::Required, Need::NotNeeded, Need::NotNeeded, Need::Tolerated]);
    }

    #[test]
    fn the_situation_decides_who_decides() {
        let level_of_decision = |situation: &str| {
            let choice = choose(&emergency_relief(), &codes(&[situation]), false, true).expect("possible");
            let decide = choice.steps.iter().find(|step| step.kind == super::super::matter::StepKind::Decide);
            (decide.expect("every choice is decided").level, choice.promised.number)
        };
        assert_eq!(level_of_decision("S2"), (5, 3));
        assert_eq!(level_of_decision("S3"), (4, 15));
    }

    #[test]
    fn impossible_choices_say_why() {
        let matter = disability_allowance();
        let problems = |chosen: &[&str], by_proxy: bool| choose(&matter, &codes(chosen), by_proxy, true).expect_err("impossible");
        assert_eq!(problems(&[], false), [ChoiceProblem::NothingChosen]);
        assert_eq!(problems(&["S1", "S2"], false), [ChoiceProblem::MoreThanOne(2)]);
        assert_eq!(problems(&["S9"], false), [ChoiceProblem::UnknownSituation("S9".to_string())]);
        let mut strict = disability_allowance();
        strict.proxy.agent_may_file = false;
        strict.origins = vec![Origin::Window];
        let problems = choose(&strict, &codes(&["S1"]), true, true).expect_err("impossible");
        assert_eq!(problems.len(), 2);
        let mut several = disability_allowance();
        several.situation_choice = SituationChoice::Many;
        several.situations[0].excludes = codes(&["S2"]);
        let problems = choose(&several, &codes(&["S2", "S1"]), false, true).expect_err("impossible");
        assert!(matches!(problems[..], [ChoiceProblem::Excluded(..)]));
    }

    proptest! {
        #[test]
        fn a_choice_never_invents_and_never_asks_for_internal_papers(
            chosen in prop::collection::vec("S[0-5]", 0..4), by_proxy: bool, from_village: bool
        ) {
            for matter in [disability_allowance(), emergency_relief()] {
                let Ok(choice) = choose(&matter, &chosen, by_proxy, from_village) else { continue };
                prop_assert!(choice.steps.iter().all(|step| matter.steps.contains(step)));
                prop_assert_eq!(choice.materials.len(), matter.materials.len());
                for need in &choice.materials {
                    let internal = need.material.necessity == Necessity::Internal;
                    prop_assert!(!internal || matches!(need.needed, Need::Internal | Need::NotNeeded));
                }
            }
        }
    }
}
