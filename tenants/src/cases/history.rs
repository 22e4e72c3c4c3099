//! What happened to a case, and looking behind the masks: both are for the record.

use actix_web::{get, post, web};
use chrono::{DateTime, Utc};
use platform::audit;
use platform::http::problem::Problem;
use platform::permit::{Action, Permit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::actions::{ReadEvents, UnmaskApplicant};
use super::case::Private;
use super::draft::visible;
use super::event::{Canonical, EventKind};
use super::file::matter_of;
use super::store;
use super::view::private::form_values;
use super::view::{FormValue, MemberView};
use crate::catalogue::matter::Matter;
use crate::context::SharedContext;

#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    pub seq: i32,
    pub at: DateTime<Utc>,
    pub kind: String,
    pub label: String,
    pub actor_name: String,
    pub step: String,
    pub detail: String,
    /// SM3, in hexadecimal; holds on to the one before it.
    pub hash: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct UnmaskRequest {
    /// Why it has to be seen; goes into the audit record and to the citizen.
    pub reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Unmasked {
    pub name: String,
    pub identity_number: String,
    pub telephone: String,
    pub address: String,
    pub members: Vec<MemberView>,
    pub form: Vec<FormValue>,
}

/// The events of this tenant's file, in the order of the chain.
#[utoipa::path(operation_id = "list_events", tag = "cases", responses((status = 200, body = Vec<EventView>), (status = 404, body = Problem)))]
#[get("/api/v1/cases/{case_id}/events")]
pub async fn list_events(
    context: SharedContext,
    permit: Permit<ReadEvents>,
    path: web::Path<Uuid>,
) -> Result<web::Json<Vec<EventView>>, Problem> {
    let case_id = path.into_inner();
    let tenant_id = permit.staff()?.tenant_id;
    let events = context
        .db
        .tenant(tenant_id, move |tx| {
            let case = store::get(tx, case_id)?;
            visible(&permit, &case)?;
            store::list_events(tx, case_id)
        })
        .await?;
    let views = events
        .into_iter()
        .map(|event| {
            let canonical: Canonical = serde_json::from_slice(&event.canonical).map_err(|error| Problem::internal(&error))?;
            Ok(EventView {
                seq: event.seq,
                at: event.at,
                label: EventKind::label_of(&event.kind).to_owned(),
                kind: event.kind,
                actor_name: canonical.actor,
                step: canonical.step,
                detail: canonical.detail,
                hash: hex::encode(event.hash),
            })
        })
        .collect::<Result<_, Problem>>()?;
    Ok(web::Json(views))
}

fn unmasked_of(matter: &Matter, private: Private) -> Unmasked {
    let form = form_values(matter, &private);
    let Private { applicant, members, .. } = private;
    Unmasked {
        name: applicant.name,
        identity_number: applicant.identity_number,
        telephone: applicant.telephone,
        address: applicant.address,
        members: members
            .into_iter()
            .map(|member| MemberView { name: member.name, identity_number: member.identity_number, relation: member.relation })
            .collect(),
        form,
    }
}

/// Shows the applicant's data without masks, once, with a reason.
#[utoipa::path(operation_id = "unmask_applicant", tag = "cases", request_body = UnmaskRequest,
    responses((status = 200, body = Unmasked), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/api/v1/cases/{case_id}/unmask")]
pub async fn unmask_applicant(
    context: SharedContext,
    permit: Permit<UnmaskApplicant>,
    path: web::Path<Uuid>,
    body: web::Json<UnmaskRequest>,
) -> Result<web::Json<Unmasked>, Problem> {
    let case_id = path.into_inner();
    let tenant_id = permit.staff()?.tenant_id;
    let reason = body.into_inner().reason.trim().to_owned();
    super::act::check_text("reason", &reason)?;
    if reason.is_empty() {
        return Err(Problem::invalid_field("reason", "请写明为什么要看，申请人会看到这条记录"));
    }
    let matter = matter_of(&context, &permit, case_id).await?;
    let at = context.now();
    let shared = context.clone();
    let unmasked = context
        .db
        .tenant(tenant_id, move |tx| {
            let case = store::get(tx, case_id)?;
            visible(&permit, &case)?;
            let basis = permit.grants(&case.basic_code, tenant_id, at)?;
            let private = store::open_private(&shared.keys, &case)?;
            audit::record(
                tx,
                at,
                permit.actor(),
                UnmaskApplicant::NAME,
                &format!("case {case_id}"),
                "shown",
                &format!("{basis}; {reason}"),
            )?;
            super::jobs::note_access(tx, at, &case, permit.actor(), &reason)?;
            Ok::<_, Problem>(unmasked_of(&matter, private))
        })
        .await?;
    context.announcer.announce();
    Ok(web::Json(unmasked))
}
