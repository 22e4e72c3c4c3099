//! Conventions of the source itself: a permit in every handler, imports in one direction, short files, one list of actions.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::openapi;

const LINES_MAX: usize = 500;

/// Handlers that need no permit, and why.
const WITHOUT_PERMIT: &[(&str, &str)] = &[("nothing_here", "answers 'not found' to everybody")];

/// Slices from the bottom up; each may use what stands before it. `context` is what use cases are handed and may be used from `catalogue` on.
const LAYERS: &[&str] =
    &["divisions", "people", "clock", "context", "catalogue", "materials", "staff", "cases", "exchange", "portal", "bundles", "app"];

/// Imports against the order, and why they are right.
const AGAINST_THE_ORDER: &[(&str, &str, &str)] = &[
    ("context.rs", "catalogue", "what use cases are handed includes the directory"),
    ("catalogue/api.rs", "cases", "a guide shows the way that a case would take"),
    ("cases/jobs.rs", "portal", "a job writes the citizen's list of who looked"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Source files of these kinds under a folder, with their path from it.
fn sources(folder: &Path, endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().filter_map(Result::ok) {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "node_modules" | "dist" | "target") && !name.starts_with('.') {
                    open.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                let from_folder = path.strip_prefix(folder).expect("it is inside").to_string_lossy().into_owned();
                found.push((from_folder, text));
            }
        }
    }
    found.sort();
    found
}

// -- Permits ----------------------------------------------------------------------------------------------------------------------------------

/// Routes that macros declare in a source: method, path, name of the handler and its signature.
struct Declared {
    route: String,
    handler: String,
    signature: String,
}

fn declared_routes(source: &str) -> Vec<Declared> {
    let mut declared = Vec::new();
    for (start, line) in line_starts(source) {
        let attribute = line.trim_start().trim_start_matches("#[").trim_start_matches("actix_web::");
        let is_attribute = line.trim_start().starts_with("#[");
        let method = ["get", "post", "put", "patch", "delete", "head"]
            .into_iter()
            .find(|method| is_attribute && attribute.strip_prefix(method).is_some_and(|rest| rest.starts_with('(')));
        let Some(method) = method else { continue };
        let path = attribute.split('"').nth(1).unwrap_or_default();
        let rest = &source[start..];
        let Some(function) = rest.find("fn ") else { continue };
        let signature: String = rest[function..].split('{').next().unwrap_or_default().to_owned();
        let handler = signature.trim_start_matches("fn ").split(['(', '<']).next().unwrap_or_default().trim().to_owned();
        declared.push(Declared { route: format!("{} {path}", method.to_uppercase()), handler, signature });
    }
    declared
}

/// Names of functions that are handed to a router by `.to(name)` or `web::to(name)`.
fn routed_names(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (index, _) in source.match_indices("to(") {
        let before = &source[..index];
        if !(before.ends_with('.') || before.ends_with("web::")) {
            continue;
        }
        let target = source[index + 3..].split(')').next().unwrap_or_default().trim();
        let is_name = !target.is_empty() && target.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | ':'));
        if is_name {
            names.push(target.rsplit("::").next().unwrap_or_default().to_owned());
        }
    }
    names
}

fn line_starts(source: &str) -> impl Iterator<Item = (usize, &str)> {
    source.split_inclusive('\n').scan(0, |start, line| {
        let here = *start;
        *start += line.len();
        Some((here, line))
    })
}

/// Handlers of these sources that no permit guards.
fn handlers_without_permit(sources: &[(String, String)]) -> Vec<String> {
    let exempt = |name: &str| WITHOUT_PERMIT.iter().any(|(handler, _)| *handler == name);
    let mut offenders = Vec::new();
    for (path, source) in sources {
        for declared in declared_routes(source) {
            if !declared.signature.contains("Permit<") && !exempt(&declared.handler) {
                offenders.push(format!("{path}: {}", declared.handler));
            }
        }
    }
    let routed: BTreeSet<String> = sources.iter().flat_map(|(_, source)| routed_names(source)).collect();
    for (path, source) in sources {
        for name in &routed {
            let Some(index) = source.find(&format!("async fn {name}(")) else { continue };
            let signature = source[index..].split('{').next().unwrap_or_default();
            if !signature.contains("Permit<") && !exempt(name) {
                offenders.push(format!("{path}: {name}"));
            }
        }
    }
    offenders
}

#[test]
fn every_handler_asks_for_a_permit() {
    let sources = sources(&root().join("tenants/src"), &[".rs"]);
    assert_eq!(handlers_without_permit(&sources), Vec::<String>::new());
    let handlers: usize = sources.iter().map(|(_, source)| declared_routes(source).len()).sum();
    assert!(handlers > 25, "the scan finds the handlers: {handlers}");
}

/// The scan is worth what it finds: made-up handlers without a permit are found, in every form in which one is declared.
#[test]
fn a_handler_without_a_permit_is_found() {
    let made_up = r#"
        #[utoipa::path(operation_id = "spill")]
        #[post("/api/v1/spill")]
        pub async fn spill(context: SharedContext, body: web::Json<Body>) -> Result<HttpResponse, Problem> { todo(body) }

        #[get("/api/v1/guarded")]
        pub async fn guarded(
            permit: Permit<ReadCase>,
        ) -> HttpResponse { ok() }

        #[actix_web::delete("/api/v1/raze")]
        async fn raze() -> HttpResponse { ok() }

        pub fn routes(config: &mut ServiceConfig) {
            config.route("/page", web::get().to(page)).default_service(web::to(nothing_here));
        }
        async fn page(context: SharedContext) -> HttpResponse { ok() }
        async fn nothing_here(_: HttpRequest) -> HttpResponse { ok() }
    "#;
    let found = handlers_without_permit(&[("made_up.rs".to_owned(), made_up.to_owned())]);
    assert_eq!(found, ["made_up.rs: spill", "made_up.rs: raze", "made_up.rs: page"]);
}

// -- Order, length, actions, document ---------------------------------------------------------------------------------------------------------

/// Imports of one file that go against the order of the slices.
fn imports_upwards(path: &str, source: &str) -> Vec<String> {
    let slice = path.split('/').next().unwrap_or_default().trim_end_matches(".rs");
    let Some(own) = LAYERS.iter().position(|layer| *layer == slice) else { return Vec::new() };
    let mut offenders = Vec::new();
    for (rank, layer) in LAYERS.iter().enumerate() {
        let allowed = AGAINST_THE_ORDER.iter().any(|(file, used, _)| *file == path && used == layer);
        if rank > own && !allowed && source.contains(&format!("crate::{layer}::")) {
            offenders.push(format!("{path} uses {layer}"));
        }
    }
    offenders
}

#[test]
fn slices_use_only_what_stands_below_them() {
    let sources = sources(&root().join("tenants/src"), &[".rs"]);
    let offenders: Vec<String> = sources.iter().flat_map(|(path, source)| imports_upwards(path, source)).collect();
    assert_eq!(offenders, Vec::<String>::new());
    assert_eq!(imports_upwards("people/telephone.rs", "use crate::cases::case::CaseFile;"), ["people/telephone.rs uses cases"]);
    for (path, layer, _) in AGAINST_THE_ORDER {
        let source = sources.iter().find(|(found, _)| found == path).map(|(_, source)| source.as_str()).unwrap_or_default();
        assert!(source.contains(&format!("crate::{layer}::")), "{path} no longer uses {layer}: take the exception away");
    }
}

#[test]
fn the_platform_knows_nothing_of_its_tenants() {
    let offenders: Vec<String> = sources(&root().join("platform"), &[".rs"])
        .into_iter()
        .filter(|(_, source)| source.contains("tenants::"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(offenders, Vec::<String>::new());
}

#[test]
fn files_are_short() {
    let long: Vec<String> = sources(&root(), &[".rs", ".ts", ".vue", ".mjs", ".sql"])
        .into_iter()
        .filter(|(path, _)| !path.contains("api/generated"))
        .map(|(path, source)| (path, source.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn the_policy_and_the_code_name_the_same_actions() {
    let in_policy: BTreeSet<String> = tenants::app::parts::role_rules().rows().iter().map(|row| row[2].clone()).collect();
    let in_code: BTreeSet<String> = sources(&root().join("tenants/src"), &["actions.rs"])
        .iter()
        .flat_map(|(_, source)| source.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>())
        .filter(|text| text.split_once('.').is_some_and(|(thing, act)| is_word(thing) && is_word(act)))
        .collect();
    assert_eq!(in_policy, in_code);
    assert!(tenants::app::parts::role_rules().rows().iter().all(|row| row.len() == 3), "role, matter, action");
}

/// A step whose role may not do what the step is for would hold every case that reaches it.
#[test]
fn every_step_of_the_sample_can_be_done_by_its_role() {
    use tenants::catalogue::matter::StepKind;
    let bundle = tenants::bundles::read::read(&root().join("tenants/bundles/dongying")).expect("the sample is sound");
    let rules = tenants::app::parts::role_rules();
    let mut missing = BTreeSet::new();
    for matter in bundle.matters.iter().map(|bundled| &bundled.matter) {
        let accepted_at = matter.steps.iter().position(|step| step.kind == StepKind::Accept).unwrap_or_default();
        for (index, step) in matter.steps.iter().enumerate() {
            let action = match step.kind {
                StepKind::Receive => "case.hand_on",
                StepKind::Review if index < accepted_at => "case.hand_on",
                StepKind::Accept => "case.accept",
                StepKind::Review => "case.review",
                StepKind::Decide => "case.decide",
                StepKind::Deliver => "case.deliver",
            };
            let role = tenants::cases::act::role_name(step.role);
            if !rules.rows().iter().any(|row| row[0] == role && row[2] == action) {
                missing.insert(format!("{role} may not {action}, as {} “{}” needs", matter.short_name, step.name));
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_ascii_lowercase() || character == '_')
}

#[test]
fn the_document_holds_every_route_of_the_interface() {
    let declared: BTreeSet<String> = sources(&root().join("tenants/src"), &[".rs"])
        .iter()
        .flat_map(|(_, source)| declared_routes(source))
        .map(|declared| declared.route)
        .filter(|route| route.contains(" /api/") && !route.ends_with("/openapi.json"))
        .collect();
    let document = openapi::document();
    let documented: BTreeSet<String> = openapi::operations(&document).into_iter().map(|(route, _)| route).collect();
    assert_eq!(declared, documented);
}
