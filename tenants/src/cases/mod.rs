//! 办件: a case from filing to archive, as each tenant that touches it sees it.
//!
//! Words: a *case* is what the applicant asked for; a *file* is what one tenant keeps of it ([`case::CaseFile`]); the *origin* is where it was
//! filed and where its result comes home; the *route* is the way it takes, fixed at filing; *custody* says whether this tenant may act.
//!
//! Life: draft → received → accepted → decided → completed; besides: correcting (once), not accepted, returned, withdrawn. [`lifecycle`]
//! holds the rules and nothing else does. A use case is one file: it names its permit, calls one rule inside [`act::act`], answers a view.
//!
//! Invariants: at most one tenant holds a case ([`words::Custody`]); every change is an event in the file's chain ([`event`]); a file is
//! written in one place and by one statement ([`store::save`]), with its events, messages, jobs and audit entry; personal data is sealed, lists show masks.

pub mod accept;
pub mod act;
pub mod actions;
pub mod case;
pub mod correct;
pub mod deadlines;
pub mod decide;
pub mod deliver;
pub mod draft;
pub mod envelope;
pub mod event;
pub mod file;
pub mod hand_on;
pub mod history;
pub mod jobs;
pub mod letters;
pub mod lifecycle;
#[cfg(test)]
mod lifecycle_properties;
pub mod list;
pub mod papers;
pub mod relay;
pub mod review;
pub mod route;
pub mod row;
#[cfg(test)]
mod sample_files;
pub mod schema;
pub mod store;
pub mod submit;
pub mod upload;
pub mod view;
pub mod withdraw;
pub mod words;
pub mod write;

use utoipa_actix_web::service_config::ServiceConfig;

/// Every operation of this slice.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list_cases)
        .service(draft::create_draft)
        .service(draft::change_draft)
        .service(draft::get_case)
        .service(upload::add_material)
        .service(upload::get_material)
        .service(file::file_case)
        .service(hand_on::hand_on_case)
        .service(accept::accept_case)
        .service(accept::refuse_acceptance)
        .service(correct::ask_correction)
        .service(correct::supply_correction)
        .service(review::review_case)
        .service(decide::decide_case)
        .service(decide::decide_at_once)
        .service(deliver::deliver_case)
        .service(withdraw::withdraw_case)
        .service(withdraw::send_back_case)
        .service(history::list_events)
        .service(history::unmask_applicant);
}
