//! What the files of a bundle say together: references, the tree, the rules of the catalogue, and who may lend what to whom.

use std::collections::{HashMap, HashSet};

use super::bundle::Bundle;
use super::parts::{DelegatedPower, DelegationKind, DelegationRule, PlaceSet, Places, PostRole, StaffPost};
use super::problem::BundleProblem;
use super::read::{DELEGATIONS_FILE, DEPARTMENTS_FILE, DIVISIONS_FILE, OFFERINGS_FILE, STAFF_FILE};
use crate::catalogue::matter::StepKind;
use crate::catalogue::rules;
use crate::divisions::code::{DivisionCode, Level};
use crate::people::person_name::PersonName;

/// The type of power that only an administrative organ may be entrusted with, and never passes on.
const LICENCE: &str = "01";
pub const LOGIN_NAME_MAX_CHARACTERS: usize = 64;

impl Bundle {
    /// Everything that is wrong, errors and warnings. A bundle with an error is not applied.
    pub fn validate(&self) -> Vec<BundleProblem> {
        let mut problems = Vec::new();
        check_divisions(self, &mut problems);
        check_departments(self, &mut problems);
        check_matters(self, &mut problems);
        check_offerings(self, &mut problems);
        check_delegations(self, &mut problems);
        check_staff(self, &mut problems);
        problems
    }
}

fn check_divisions(bundle: &Bundle, problems: &mut Vec<BundleProblem>) {
    let levels: HashMap<DivisionCode, u8> = bundle.divisions.iter().map(|row| (row.id, row.level)).collect();
    let mut seen = HashSet::new();
    for (index, row) in bundle.divisions.iter().enumerate() {
        let mut wrong = |message: String, cure: &str| {
            problems.push(BundleProblem::error(DIVISIONS_FILE, format!("第 {} 行", index + 2), message, cure));
        };
        if !seen.insert(row.id) {
            wrong(format!("{} 出现了两次", row.id), "去掉一行");
        }
        if row.level != row.id.level().number() {
            wrong(format!("{} 是第 {} 级，写成了第 {} 级", row.id, row.id.level().number(), row.level), "level 照代码填");
        }
        if row.name.is_empty() || row.short_name.is_empty() {
            wrong(format!("{} 没有名称", row.id), "填 name 和 short_name");
        }
        if row.id.is_statistical() {
            wrong(format!("{} 是统计用的虚拟单位，没有机关", row.id), "去掉这一行和它下面的村");
        }
        match row.parent_id {
            None if row.id != bundle.head.root => wrong(format!("{} 没有上级", row.id), "填 parent_id"),
            Some(parent) if !levels.contains_key(&parent) => wrong(format!("上级 {parent} 不在表里"), "加上它的上级，或者改 parent_id"),
            Some(parent) if parent == row.id || !parent.contains(row.id) => {
                wrong(format!("{} 不在 {parent} 之下", row.id), "上级的代码要包含下级的代码");
            }
            _ => {}
        }
    }
    if !levels.contains_key(&bundle.head.root) {
        problems.push(BundleProblem::error(
            DIVISIONS_FILE,
            "",
            format!("没有根 {}", bundle.head.root),
            "加上 bundle.yaml 写的 root 这一行",
        ));
    }
}

fn check_departments(bundle: &Bundle, problems: &mut Vec<BundleProblem>) {
    let mut seen = HashSet::new();
    for department in &bundle.departments {
        let place = format!("{}（层级 {}）", department.code, department.level);
        if !seen.insert((department.level, department.code.as_str())) {
            problems.push(BundleProblem::error(DEPARTMENTS_FILE, place.clone(), "同一层级出现了两次", "去掉一个"));
        }
        if Level::from_number(department.level).is_none() {
            problems.push(BundleProblem::error(DEPARTMENTS_FILE, place.clone(), "没有这个层级", "填 2 到 6"));
        }
        if let Some(owner) = department.outpost_of.as_deref().filter(|owner| bundle.find_department(department.level, owner).is_none()) {
            problems.push(BundleProblem::error(DEPARTMENTS_FILE, place, format!("没有部门“{owner}”"), "outpost_of 填同一层级的部门"));
        }
    }
}

fn check_matters(bundle: &Bundle, problems: &mut Vec<BundleProblem>) {
    let mut seen = HashSet::new();
    for bundled in &bundle.matters {
        let (file, matter) = (bundled.file.as_str(), &bundled.matter);
        let findings = rules::check(matter).into_iter().map(|finding| BundleProblem {
            file: file.to_string(),
            place: finding.path,
            severity: finding.severity,
            message: finding.message,
            cure: finding.cure,
        });
        problems.extend(findings);
        if !seen.insert(matter.basic_code.as_str()) {
            problems.push(BundleProblem::error(file, "basic_code", "和另一个事项的基本编码相同", "改成自己的编码"));
        }
        for (index, step) in matter.steps.iter().enumerate() {
            if bundle.find_department(step.level, &step.department).is_none() {
                let message = format!("第 {} 级没有部门“{}”", step.level, step.department);
                let cure = "改成 departments.yaml 里的编号，或者先加上这个部门";
                problems.push(BundleProblem::error(file, format!("steps[{index}].department"), message, cure));
            }
            if let Some(power_level) = step.power_level
                && !has_delegation(bundle, &matter.basic_code, step.level, power_level, step.kind, &step.when)
            {
                let message = format!("“{}”用的是第 {power_level} 级的权力，但没有委托", step.name);
                problems.push(BundleProblem::error(file, format!("steps[{index}].power_level"), message, "在 delegations.yaml 里写上委托"));
            }
        }
    }
}

fn has_delegation(bundle: &Bundle, basic_code: &str, doer_level: u8, power_level: u8, kind: StepKind, when: &[String]) -> bool {
    let power = match kind {
        StepKind::Receive | StepKind::Accept => DelegatedPower::Accept,
        StepKind::Review => DelegatedPower::Review,
        StepKind::Decide => DelegatedPower::Decide,
        StepKind::Deliver => DelegatedPower::Deliver,
    };
    bundle.delegations.iter().any(|rule| {
        let covers = rule.situations.is_empty() || (!when.is_empty() && when.iter().all(|code| rule.situations.contains(code)));
        rule.matter == basic_code
            && rule.delegate_level == doer_level
            && rule.delegator_level == power_level
            && rule.powers.contains(&power)
            && covers
    })
}

fn check_offerings(bundle: &Bundle, problems: &mut Vec<BundleProblem>) {
    let mut offered = HashSet::new();
    for (index, rule) in bundle.offerings.iter().enumerate() {
        let place = format!("第 {} 条", index + 1);
        if bundle.find_matter(&rule.matter).is_none() {
            let message = format!("没有事项“{}”", rule.matter);
            problems.push(BundleProblem::error(OFFERINGS_FILE, place.clone(), message, "填 matters 里有的基本编码"));
        }
        if !offered.insert(rule.matter.as_str()) {
            problems.push(BundleProblem::error(OFFERINGS_FILE, place.clone(), "同一个事项写了两条", "合成一条"));
        }
        if rule.counties == Places::Named(PlaceSet::WithoutSubDistricts) {
            problems.push(BundleProblem::error(OFFERINGS_FILE, place.clone(), "街道不是县的分类", "counties 写 all、none 或者代码的列表"));
        }
        for (places, level) in [(&rule.counties, Level::County), (&rule.towns, Level::Town)] {
            let Places::Listed(ids) = places else { continue };
            let is_known = |id: &DivisionCode| id.level() == level && bundle.find_division(*id).is_some();
            for id in ids.iter().filter(|id| !is_known(id)) {
                let message = format!("{id} 不是这里的{}", level.name());
                problems.push(BundleProblem::error(OFFERINGS_FILE, place.clone(), message, "改成 divisions.csv 里的代码"));
            }
        }
    }
}

fn check_delegations(bundle: &Bundle, problems: &mut Vec<BundleProblem>) {
    let mut seen = HashSet::new();
    for rule in &bundle.delegations {
        if !seen.insert(rule.code.as_str()) {
            problems.push(BundleProblem::error(DELEGATIONS_FILE, &rule.code, "编号用了两次", "换一个编号"));
        }
        for (message, cure) in delegation_faults(bundle, rule) {
            problems.push(BundleProblem::error(DELEGATIONS_FILE, &rule.code, message, cure));
        }
    }
}

fn delegation_faults(bundle: &Bundle, rule: &DelegationRule) -> Vec<(String, &'static str)> {
    let mut faults = Vec::new();
    if rule.delegator_level >= rule.delegate_level {
        faults.push(("只能由上级给下级".to_string(), "delegator_level 要小于 delegate_level"));
    }
    for (level, code) in [(rule.delegator_level, &rule.delegator_department), (rule.delegate_level, &rule.delegate_department)] {
        if bundle.find_department(level, code).is_none() {
            faults.push((format!("第 {level} 级没有部门“{code}”"), "填 departments.yaml 里的编号"));
        }
    }
    if rule.valid_until < rule.valid_from {
        faults.push(("到期在生效之前".to_string(), "改 valid_from 或者 valid_until"));
    }
    if rule.basis.is_empty() || rule.published_text.is_empty() {
        faults.push(("没有依据或者公布的文字".to_string(), "填 basis 和 published_text；没有公布的委托不能用"));
    }
    if rule.powers.is_empty() {
        faults.push(("没有写给了什么权力".to_string(), "至少写一种"));
    }
    let gives_judgement = rule.powers.iter().any(|power| !matches!(power, DelegatedPower::Deliver));
    let collects_only = rule.kind == DelegationKind::CollectOnBehalf;
    if rule.delegate_level == Level::Village.number() && gives_judgement && !collects_only {
        faults.push(("村不是行政机关，不能受理、审查或者决定".to_string(), "改成给镇，或者改成代收"));
    }
    let Some(matter) = bundle.find_matter(&rule.matter) else {
        faults.push((format!("没有事项“{}”", rule.matter), "填 matters 里有的基本编码"));
        return faults;
    };
    for code in rule.situations.iter().filter(|code| matter.find_situation(code).is_none()) {
        faults.push((format!("“{}”没有情形“{code}”", matter.short_name), "改成已有情形的编号"));
    }
    if matter.task_type == LICENCE && rule.may_be_passed_on {
        faults.push(("行政许可的委托不能再转给别人".to_string(), "may_be_passed_on 写 false（行政许可法第二十四条）"));
    }
    faults
}

fn check_staff(bundle: &Bundle, problems: &mut Vec<BundleProblem>) {
    let mut names: HashMap<&str, &str> = HashMap::new();
    let mut posts = HashSet::new();
    for post in &bundle.staff {
        let mut wrong = |message: String, cure: &str| {
            problems.push(BundleProblem::error(STAFF_FILE, &post.login_name, message, cure));
        };
        if !posts.insert((&post.login_name, post.tenant_id, &post.department, post.role)) {
            wrong("同一个岗位写了两次".to_string(), "去掉一个");
        }
        if *names.entry(&post.login_name).or_insert(&post.name) != post.name {
            wrong("同一个登录名有两个姓名".to_string(), "一人一个登录名");
        }
        if !is_login_name(&post.login_name) {
            wrong("登录名只能用小写字母、数字、点和连字符".to_string(), "换一个登录名");
        }
        if let Err(error) = PersonName::parse(&post.name) {
            wrong(error.to_string(), "改姓名");
        }
        for (message, cure) in post_faults(bundle, post) {
            wrong(message, cure);
        }
    }
}

fn post_faults(bundle: &Bundle, post: &StaffPost) -> Vec<(String, &'static str)> {
    let Some(tenant) = bundle.find_division(post.tenant_id) else {
        return vec![(format!("没有 {} 这个地方", post.tenant_id), "tenant_id 填 divisions.csv 里的代码")];
    };
    let mut faults = Vec::new();
    if bundle.find_department(tenant.level, &post.department).is_none() {
        faults.push((format!("{}没有部门“{}”", tenant.short_name, post.department), "填这一级有的部门"));
    }
    let in_village = tenant.level == Level::Village.number();
    if in_village != matches!(post.role, PostRole::Agent | PostRole::VillageHead) {
        faults.push(("代办员和村集体负责人只在村里，其他岗位不在村里".to_string(), "改 role 或者 tenant_id"));
    }
    faults
}

fn is_login_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    text.len() <= LOGIN_NAME_MAX_CHARACTERS && text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::super::folder::default_dir;
    use super::super::read::read;
    use super::*;
    use crate::catalogue::choose::choose;
    use crate::catalogue::matter::{Matter, Origin};
    use crate::catalogue::rules::possible_choices;

    fn sample() -> Bundle {
        let folder = default_dir().expect("the sample lies in the source tree");
        read(&folder).unwrap_or_else(|problems| panic!("{}", words(&problems)))
    }

    fn words(problems: &[BundleProblem]) -> String {
        problems.iter().map(|problem| format!("{problem}\n")).collect()
    }

    fn errors(bundle: &Bundle) -> Vec<BundleProblem> {
        bundle.validate().into_iter().filter(BundleProblem::is_error).collect()
    }

    fn code(value: i64) -> DivisionCode {
        DivisionCode::new(value).expect("a code written in a test is valid")
    }

    #[test]
    fn the_sample_is_without_errors() {
        let bundle = sample();
        let errors = errors(&bundle);
        assert!(errors.is_empty(), "{}", words(&errors));
        let count = |level: u8| bundle.divisions.iter().filter(|row| row.level == level).count();
        assert_eq!([2, 3, 4, 5, 6].map(count), [1, 1, 5, 40, 1890]);
        assert_eq!(bundle.matters.len(), 8);
        assert_eq!(bundle.divisions.iter().filter(|row| row.is_sub_district()).count(), 15);
    }

    #[test]
    fn offerings_follow_the_law() {
        let bundle = sample();
        let offerings = bundle.expanded_offerings();
        let count = |basic_code: &str, level: Level| {
            offerings.iter().filter(|offering| offering.basic_code == basic_code && offering.tenant.level() == level).count()
        };
        assert_eq!([Level::County, Level::Town, Level::Village].map(|level| count("370511014000", level)), [5, 40, 1890]);
        // Homesteads: 23 towns and 2 townships.
        assert_eq!([Level::County, Level::Town].map(|level| count("370119016000", level)), [5, 25]);
        assert!(count("370119016000", Level::Village) < 1890);
        // Never in a town or a village.
        assert_eq!([Level::County, Level::Town, Level::Village].map(|level| count("370125001000", level)), [5, 0, 0]);
        assert_eq!(count("372023001000", Level::Village), 0);
        assert_eq!(bundle.expanded_delegations().len(), 40);
        assert!(bundle.expanded_delegations().iter().all(|delegation| delegation.delegator.contains(delegation.delegate)));
    }

    #[test]
    fn departments_are_called_as_people_call_them() {
        let bundle = sample();
        let named = |tenant: i64, department: &str| {
            let tenant = bundle.find_division(code(tenant)).expect("a place of the sample");
            let template = bundle.find_department(tenant.level, department).expect("a department of its level");
            (template.full_name(tenant), template.mark_name(tenant))
        };
        let pair = |full: &str, mark: &str| (full.to_string(), mark.to_string());
        assert_eq!(named(370522000000, "disabled_federation"), pair("利津县残疾人联合会", "县残联"));
        assert_eq!(named(370505000000, "disabled_federation"), pair("垦利区残疾人联合会", "区残联"));
        assert_eq!(named(370505000000, "public_security_bureau"), pair("东营市公安局垦利区分局", "区公安分局"));
        assert_eq!(named(370522104000, "town_government"), pair("汀罗镇人民政府", "镇政府"));
        assert_eq!(named(370522001000, "town_government"), pair("利津街道办事处", "街道办"));
        assert_eq!(named(370522104202, "village_committee"), pair("前梁村村民委员会", "村集体"));
    }

    /// The levels and departments through which a case goes, one entry for each change of hands.
    fn course(bundle: &Bundle, basic_code: &str, situation: &[&str]) -> Vec<String> {
        let matter = bundle.find_matter(basic_code).expect("a matter of the sample");
        let situations: Vec<String> = situation.iter().map(|code| code.to_string()).collect();
        let from_village = matter.origins.contains(&Origin::Village);
        let choice = choose(matter, &situations, false, from_village).expect("a possible choice");
        let mut course: Vec<String> = choice
            .steps
            .iter()
            .map(|step| match step.level {
                6 => "村".to_string(),
                5 => "镇".to_string(),
                _ => step.department.clone(),
            })
            .collect();
        course.dedup();
        course
    }

    #[test]
    fn matters_take_their_true_course() {
        let bundle = sample();
        let course = |basic_code: &str, situations: &[&str]| course(&bundle, basic_code, situations).join(" ");
        assert_eq!(course("370511014000", &["S3"]), "村 镇 disabled_federation civil_affairs_bureau 镇 村");
        assert_eq!(course("370511001000", &[]), "村 镇 civil_affairs_bureau 镇 村");
        assert_eq!(course("370511008000", &["S1"]), "村 镇 村");
        assert_eq!(course("370511008000", &["S2"]), "村 镇 村");
        assert_eq!(course("370511008000", &["S3"]), "村 镇 civil_affairs_bureau 镇 村");
        assert_eq!(course("370119016000", &["S1"]), "村 镇 natural_resources_bureau 镇 村");
        assert_eq!(course("372023001000", &["S1"]), "镇");
        assert_eq!(course("370125001000", &["S1"]), "administrative_approval_bureau");
        assert_eq!(course("370709012000", &["S2"]), "residence_police_station");
        assert_eq!(course("372023005000", &["S2"]), "村 镇 health_bureau 镇 村");
    }

    /// Whether each step of each choice has somebody in the tenants of one path.
    fn unmanned(bundle: &Bundle, matter: &Matter, path: &[DivisionCode]) -> Vec<String> {
        let mut unmanned = Vec::new();
        for situations in possible_choices(matter) {
            let from_village = matter.origins.contains(&Origin::Village);
            for step in choose(matter, &situations, false, from_village).expect("a possible choice").steps {
                let does = |post: &&StaffPost| {
                    path.contains(&post.tenant_id)
                        && post.tenant_id.level().number() == step.level
                        && post.department == step.department
                        && post.role == PostRole::from(step.role)
                };
                if bundle.staff.iter().find(does).is_none() {
                    unmanned.push(format!("{} {}", matter.short_name, step.name));
                }
            }
        }
        unmanned
    }

    #[test]
    fn two_paths_have_somebody_for_every_step() {
        let bundle = sample();
        for path in [[370522104202, 370522104000, 370522000000], [370505101201, 370505101000, 370505000000]] {
            let path = path.map(code);
            for bundled in &bundle.matters {
                assert_eq!(unmanned(&bundle, &bundled.matter, &path), Vec::<String>::new());
            }
        }
    }

    #[test]
    fn faults_are_named_with_file_and_cure() {
        let mut bundle = sample();
        bundle.divisions[5].level = 5;
        bundle.staff[0].department = "nobody".to_string();
        bundle.delegations[0].powers = vec![DelegatedPower::Review];
        bundle.offerings[0].matter = "370000000000".to_string();
        bundle.matters[0].matter.steps[0].department = "nobody".to_string();
        let errors = errors(&bundle);
        for file in [DIVISIONS_FILE, STAFF_FILE, OFFERINGS_FILE, "matters/emergency_relief.yaml", "matters/birth_registration.yaml"] {
            assert!(errors.iter().any(|problem| problem.file == file), "{file}: {}", words(&errors));
        }
        assert!(errors.iter().all(|problem| !problem.cure.is_empty()));
    }

    #[test]
    fn a_missing_folder_is_a_problem_and_no_panic() {
        assert!(read(std::path::Path::new("/nowhere/at/all")).is_err());
    }
}
