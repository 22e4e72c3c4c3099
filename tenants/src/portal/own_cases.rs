//! A citizen's way to their own cases: the index in the citizen's scope names the origin, the file itself is read in the origin's scope and must
//! name the same citizen. Both have to agree; anything else is "not found", whether it is absent or somebody else's.

use diesel::prelude::*;
use diesel::query_dsl::methods::FilterDsl;
use diesel::upsert::excluded;
use platform::actor::Citizen;
use platform::audit;
use platform::db::TenantTx;
use platform::http::problem::Problem;
use platform::permit::{Action, Permit};
use uuid::Uuid;

use crate::cases::case::{CaseFile, Private};
use crate::cases::deadlines;
use crate::cases::envelope::EnvelopeMaterial;
use crate::cases::jobs::CitizenCaseView;
use crate::cases::lifecycle::{Doer, Effects};
use crate::cases::schema::citizen_case;
use crate::cases::store;
use crate::cases::words::{Custody, State};
use crate::catalogue::matter::Matter;
use crate::clock::light::Light;
use crate::context::{Context, SharedContext};

/// Cases and drafts listed for one citizen, newest first.
pub const OWN_CASES_LISTED: i64 = 100;

/// A case with all that its pages are made from.
pub struct Opened {
    pub case: CaseFile,
    pub private: Private,
    pub materials: Vec<EnvelopeMaterial>,
    pub matter: std::sync::Arc<Matter>,
}

pub async fn get_own(context: &Context, citizen: &Citizen, case_id: Uuid) -> Result<CaseFile, Problem> {
    let citizen_id = citizen.citizen_id;
    let origin_id: Option<i64> = context
        .db
        .citizen(citizen_id, move |tx| {
            let row = citizen_case::table.find((citizen_id, case_id)).select(citizen_case::origin_tenant_id);
            Ok::<_, Problem>(row.first(tx.conn).optional()?)
        })
        .await?;
    let origin_id = origin_id.ok_or_else(Problem::not_found)?;
    let case = context.db.tenant(origin_id, move |tx| store::get(tx, case_id)).await?;
    if case.citizen_id == citizen_id { Ok(case) } else { Err(Problem::not_found()) }
}

/// The same for drafts only: what was filed is changed by other ways.
pub async fn get_own_draft(context: &Context, citizen: &Citizen, case_id: Uuid) -> Result<CaseFile, Problem> {
    let case = get_own(context, citizen, case_id).await?;
    if case.state == State::Draft { Ok(case) } else { Err(Problem::not_found()) }
}

pub async fn open(context: &Context, case: CaseFile) -> Result<Opened, Problem> {
    let matter = context.directory.get_version(&case.basic_code, case.matter_version).await?;
    let case_id = case.case_id;
    let materials = context.db.tenant(case.tenant_id, move |tx| store::list_materials(tx, case_id)).await?;
    let private = store::open_private(&context.keys, &case)?;
    Ok(Opened { case, private, materials, matter })
}

/// Everything the citizen has filed or begun, as it is now at its origins; newest first.
pub async fn list_own(context: &Context, citizen: &Citizen) -> Result<Vec<CaseFile>, Problem> {
    let citizen_id = citizen.citizen_id;
    let rows: Vec<(i64, Uuid)> = context
        .db
        .citizen(citizen_id, move |tx| {
            let rows = citizen_case::table
                .order(citizen_case::updated_at.desc())
                .select((citizen_case::origin_tenant_id, citizen_case::case_id))
                .limit(OWN_CASES_LISTED);
            Ok::<_, Problem>(rows.load(tx.conn)?)
        })
        .await?;
    let mut origins: Vec<i64> = rows.iter().map(|(origin_id, _)| *origin_id).collect();
    origins.sort_unstable();
    origins.dedup();
    let mut cases = Vec::with_capacity(rows.len());
    for origin_id in origins {
        let ids: Vec<Uuid> = rows.iter().filter(|(origin, _)| *origin == origin_id).map(|(_, case_id)| *case_id).collect();
        let found = context
            .db
            .tenant(origin_id, move |tx| ids.into_iter().map(|case_id| store::find(tx, case_id)).collect::<Result<Vec<_>, Problem>>())
            .await?;
        cases.extend(found.into_iter().flatten().filter(|case| case.citizen_id == citizen_id));
    }
    cases.sort_by_key(|case| rows.iter().position(|(_, case_id)| *case_id == case.case_id));
    Ok(cases)
}

/// Puts a draft into the citizen's index. From filing on a job keeps the row.
pub async fn note_draft(context: &Context, case: &CaseFile) -> Result<(), Problem> {
    let shown = CitizenCaseView {
        case_no: String::new(),
        matter_name: case.body.matter_short_name.clone(),
        state_words: case.state.label().to_owned(),
        relay_text: String::new(),
        light: Light::none(),
        filed_words: String::new(),
        closed: false,
    };
    let shown = serde_json::to_value(shown).map_err(|error| Problem::internal(&error))?;
    let (case, now) = (case.clone(), context.now());
    context
        .db
        .citizen(case.citizen_id, move |tx| {
            diesel::insert_into(citizen_case::table)
                .values((
                    citizen_case::citizen_id.eq(case.citizen_id),
                    citizen_case::case_id.eq(case.case_id),
                    citizen_case::origin_tenant_id.eq(case.origin_tenant_id),
                    citizen_case::matter_name.eq(&case.body.matter_short_name),
                    citizen_case::view.eq(&shown),
                    citizen_case::news_epoch.eq(case.epoch),
                    citizen_case::news_version.eq(case.version),
                    citizen_case::updated_at.eq(now),
                ))
                .on_conflict((citizen_case::citizen_id, citizen_case::case_id))
                .do_update()
                .set((
                    citizen_case::news_version.eq(excluded(citizen_case::news_version)),
                    citizen_case::updated_at.eq(excluded(citizen_case::updated_at)),
                ))
                .filter(citizen_case::news_version.lt(excluded(citizen_case::news_version)))
                .execute(tx.conn)?;
            Ok::<_, Problem>(())
        })
        .await
}

/// The frame of a citizen's act on their own case, as `cases::act::act_in` is for staff: version, pure rule, dates, save, record.
/// `known` is the file as [`get_own`] found it.
pub async fn act_on_own<A: Action>(
    context: &SharedContext,
    permit: &Permit<A>,
    known: &CaseFile,
    version: i32,
    rule: impl FnOnce(&mut TenantTx<'_>, &mut CaseFile, &Doer) -> Result<Effects, Problem> + Send + 'static,
) -> Result<CaseFile, Problem> {
    let citizen_id = permit.citizen()?.citizen_id;
    let at = context.now();
    let basis = permit.grants(&known.basic_code, known.tenant_id, at)?;
    let (shared, actor, case_id) = (context.clone(), permit.actor().clone(), known.case_id);
    let case = context
        .db
        .tenant(known.tenant_id, move |tx| {
            let mut case = store::get(tx, case_id)?;
            if case.citizen_id != citizen_id {
                return Err(Problem::not_found());
            }
            if case.version != version {
                return Err(Problem::stale_version());
            }
            let was_custodian = case.custody == Custody::Held;
            let effects = rule(tx, &mut case, &Doer::of(&actor, at))?;
            deadlines::schedule(&mut case, &shared.calendar);
            store::save(tx, &shared.keys, Some(version), was_custodian, &mut case, effects, at)?;
            audit::record(tx, at, &actor, A::NAME, &format!("case {case_id}"), "done", &basis.to_string())?;
            Ok::<_, Problem>(case)
        })
        .await?;
    context.announcer.announce();
    Ok(case)
}
