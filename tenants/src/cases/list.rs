//! The work list: heaps with counts, what turns red first on top, pages by key.

use std::collections::BTreeMap;

use actix_web::{get, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use platform::actor::Staff;
use platform::db::TenantTx;
use platform::http::problem::Problem;
use platform::permit::Permit;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::actions::ListCases;
use super::case::CaseFile;
use super::deadlines;
use super::relay::Relay;
use super::schema::case_file;
use super::store;
use super::view::{self, moment_words};
use super::words::{Bucket, Custody, State};
use crate::clock::china_time::in_china;
use crate::clock::light::{Light, due_words};
use crate::context::{Context, SharedContext};
use crate::divisions::case_number::CaseNumber;
use crate::people::identity_number::IdentityNumber;
use crate::people::person_name::PersonName;

pub const PAGE_DEFAULT: i64 = 30;
pub const PAGE_MAX: i64 = 100;
/// "Due soon" on the filter chip.
pub const DUE_SOON_DAYS: i64 = 3;

#[derive(Debug, Deserialize, IntoParams)]
pub struct ListQuery {
    /// One of the heaps; the first with work in it when absent.
    pub bucket: Option<String>,
    /// `transit` (handed on, not yet signed for) or `due3` (due within three days).
    pub filter: Option<String>,
    /// Number of a case, identity number or name of an applicant, or part of the matter's name.
    pub q: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CaseList {
    pub bucket: String,
    pub items: Vec<CaseRow>,
    pub next_cursor: Option<String>,
    pub counts: BTreeMap<String, BucketCount>,
    pub buckets: Vec<BucketInfo>,
}

#[derive(Debug, Default, Clone, Copy, Serialize, ToSchema)]
pub struct BucketCount {
    pub total: i64,
    pub late: i64,
    pub near: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BucketInfo {
    pub code: String,
    pub label: String,
    pub hint: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CaseRow {
    pub id: Uuid,
    pub case_no: Option<String>,
    pub matter_short_name: String,
    pub situation_words: String,
    pub applicant_name: String,
    pub from_name: String,
    pub relay: Relay,
    pub holder_name: String,
    pub holder_note: String,
    pub light: Light,
    pub step_due_words: Option<String>,
    pub next_action: Option<NextAction>,
    pub next_words: String,
    pub version: i32,
    pub state: State,
    pub state_label: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NextAction {
    pub action: String,
    pub label: String,
}

#[utoipa::path(operation_id = "list_cases", tag = "cases", params(ListQuery), responses((status = 200, body = CaseList), (status = 422, body = Problem)))]
#[get("/api/v1/cases")]
pub async fn list_cases(
    context: SharedContext,
    permit: Permit<ListCases>,
    query: web::Query<ListQuery>,
) -> Result<web::Json<CaseList>, Problem> {
    let staff = permit.staff()?.clone();
    let query = query.into_inner();
    let now = context.now();
    let wanted = Wanted::read(&context, &staff, &query, now)?;
    let limit = wanted.limit;
    let (bucket, cases, counts) = context.db.tenant(staff.tenant_id, move |tx| read_page(tx, &wanted, now)).await?;

    let has_more = i64::try_from(cases.len()).is_ok_and(|count| count > limit);
    let shown = &cases[..cases.len().min(usize::try_from(limit).unwrap_or(usize::MAX))];
    let next_cursor = if has_more { shown.last().map(Cursor::of) } else { None };
    let items = shown.iter().map(|case| row(&context, &permit, case, now)).collect();
    Ok(web::Json(CaseList { bucket: bucket.as_str().to_owned(), items, next_cursor, counts, buckets: bucket_infos(&staff) }))
}

/// What is asked for, checked.
struct Wanted {
    staff: Staff,
    bucket: Option<Bucket>,
    in_transit: bool,
    due_before: Option<DateTime<Utc>>,
    search: Option<Search>,
    cursor: Option<Cursor>,
    limit: i64,
}

enum Search {
    Number(String),
    Identity(Vec<u8>),
    Text(String),
}

impl Wanted {
    fn read(context: &Context, staff: &Staff, query: &ListQuery, now: DateTime<Utc>) -> Result<Wanted, Problem> {
        let bucket = match query.bucket.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => Some(Bucket::parse(text).ok_or_else(|| Problem::invalid_field("bucket", "没有这一堆，请从工作台上方选"))?),
            None => None,
        };
        let (in_transit, due_before) = match query.filter.as_deref().unwrap_or_default() {
            "" | "all" => (false, None),
            "transit" => (true, None),
            "due3" => (false, Some(now + Duration::days(DUE_SOON_DAYS))),
            _ => return Err(Problem::invalid_field("filter", "筛选只有 transit 和 due3")),
        };
        let limit = query.limit.unwrap_or(PAGE_DEFAULT);
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(Problem::invalid_field("limit", format!("每页 1 到 {PAGE_MAX} 件")));
        }
        let cursor = query.cursor.as_deref().filter(|text| !text.is_empty()).map(Cursor::parse).transpose()?;
        let search = query.q.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(|text| Search::read(context, text));
        Ok(Wanted { staff: staff.clone(), bucket, in_transit, due_before, search, cursor, limit })
    }
}

impl Search {
    fn read(context: &Context, text: &str) -> Search {
        if let Ok(number) = CaseNumber::parse(text) {
            return Search::Number(number.digits());
        }
        match IdentityNumber::parse(text) {
            Ok(number) => Search::Identity(context.keys.index("applicant", number.as_str()).to_vec()),
            Err(_) => Search::Text(text.chars().take(50).collect()),
        }
    }
}

/// Place in the list: what it is ordered by, and the id to tell equals apart.
struct Cursor {
    sort_at: DateTime<Utc>,
    case_id: Uuid,
}

impl Cursor {
    fn of(case: &CaseFile) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}|{}", case.sort_at().timestamp_micros(), case.case_id))
    }

    fn parse(text: &str) -> Result<Cursor, Problem> {
        let wrong = || Problem::invalid_field("cursor", "翻页的位置不对，请从第一页开始");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let plain = String::from_utf8(bytes).map_err(|_| wrong())?;
        let (micros, id) = plain.split_once('|').ok_or_else(wrong)?;
        let sort_at = micros.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or_else(wrong)?;
        Ok(Cursor { sort_at, case_id: id.parse().map_err(|_| wrong())? })
    }
}

type Page = (Bucket, Vec<CaseFile>, BTreeMap<String, BucketCount>);

fn read_page(tx: &mut TenantTx<'_>, wanted: &Wanted, now: DateTime<Utc>) -> Result<Page, Problem> {
    let counts = count_buckets(tx, &wanted.staff, now)?;
    let bucket = wanted.bucket.unwrap_or_else(|| default_bucket(&wanted.staff, &counts));

    let mut query = case_file::table.filter(case_file::tenant_id.eq(tx.tenant_id)).into_boxed();
    match &wanted.search {
        Some(Search::Number(number)) => query = query.filter(case_file::case_no.eq(number)),
        Some(Search::Identity(index)) => {
            query = query.filter(case_file::applicant_index.eq(index)).filter(case_file::state.ne(State::Draft.as_str()))
        }
        Some(Search::Text(text)) => {
            let like = format!("%{}%", text.replace(['%', '_', '\\'], ""));
            // Names are stored masked: a whole name finds those that look like it with the mask on.
            let masked = PersonName::parse(text).map(|name| name.masked()).unwrap_or_default();
            query = query
                .filter(
                    case_file::applicant_masked.like(like.clone()).or(case_file::applicant_masked.eq(masked)).or(diesel::dsl::sql::<
                        diesel::sql_types::Bool,
                    >(
                        "body->>'matter_short_name' LIKE ",
                    )
                    .bind::<diesel::sql_types::Text, _>(like)),
                )
                .filter(case_file::state.ne(State::Draft.as_str()));
        }
        None => query = query.filter(case_file::bucket.eq(bucket.as_str())),
    }
    if wanted.search.is_none() {
        if bucket == Bucket::Draft {
            query = query.filter(
                diesel::dsl::sql::<diesel::sql_types::Bool>("(body->>'created_by')::bigint = ")
                    .bind::<diesel::sql_types::BigInt, _>(wanted.staff.post_id),
            );
        } else if sees_own_department_only(&wanted.staff) {
            query = query.filter(case_file::department_code.eq_any([wanted.staff.department_code.clone(), String::new()]));
        }
    }
    if wanted.in_transit {
        query = query.filter(case_file::custody.eq(Custody::InTransit.as_str()));
    }
    if let Some(due_before) = wanted.due_before {
        query = query.filter(case_file::step_due_at.lt(due_before));
    }
    if let Some(cursor) = &wanted.cursor {
        query = query.filter(
            case_file::sort_at.gt(cursor.sort_at).or(case_file::sort_at.eq(cursor.sort_at).and(case_file::case_id.gt(cursor.case_id))),
        );
    }
    let cases = store::load_page(tx, query.order((case_file::sort_at, case_file::case_id)).limit(wanted.limit + 1))?;
    Ok((bucket, cases, counts))
}

/// The first heap with work in it; what lies elsewhere or is over is nobody's work. Without work, the post's first heap.
fn default_bucket(staff: &Staff, counts: &BTreeMap<String, BucketCount>) -> Bucket {
    let mine = buckets_of(staff);
    let first = mine.first().copied().unwrap_or(Bucket::ToComplete);
    mine.into_iter()
        .filter(|bucket| !matches!(bucket, Bucket::Elsewhere | Bucket::Closed))
        .find(|bucket| counts.get(bucket.as_str()).is_some_and(|count| count.total > 0))
        .unwrap_or(first)
}

/// Midnight in China: on its last day a light is amber, and the counts must say what the rows show.
fn end_of_day(now: DateTime<Utc>) -> DateTime<Utc> {
    let local = in_china(now);
    now + Duration::days(1) - local.time().signed_duration_since(chrono::NaiveTime::MIN)
}

fn count_buckets(tx: &mut TenantTx<'_>, staff: &Staff, now: DateTime<Utc>) -> Result<BTreeMap<String, BucketCount>, Problem> {
    use diesel::dsl::case_when;
    use diesel::sql_types::{BigInt, Nullable};
    let late = case_when::<_, _, Nullable<BigInt>>(case_file::step_due_at.lt(now), Some(1_i64).into_sql::<Nullable<BigInt>>());
    let near = case_when::<_, _, Nullable<BigInt>>(
        case_file::step_due_at.ge(now).and(case_file::step_due_at.lt(end_of_day(now))),
        Some(1_i64).into_sql::<Nullable<BigInt>>(),
    );
    let departments = if sees_own_department_only(staff) { Some([staff.department_code.clone(), String::new()]) } else { None };
    let every_department = departments.is_none();
    let rows: Vec<(String, i64, i64, i64)> = case_file::table
        .filter(case_file::tenant_id.eq(tx.tenant_id))
        .filter(case_file::state.ne(State::Draft.as_str()))
        .filter(
            case_file::department_code.eq_any(departments.unwrap_or_default()).or(every_department.into_sql::<diesel::sql_types::Bool>()),
        )
        .group_by(case_file::bucket)
        .select((case_file::bucket, count_star(), diesel::dsl::count(late), diesel::dsl::count(near)))
        .load(tx.conn)?;
    let mut counts: BTreeMap<String, BucketCount> =
        buckets_of(staff).into_iter().map(|bucket| (bucket.as_str().to_owned(), BucketCount::default())).collect();
    for (bucket, total, late, near) in rows {
        counts.insert(bucket, BucketCount { total, late, near });
    }
    let drafts: i64 = case_file::table
        .filter(case_file::tenant_id.eq(tx.tenant_id))
        .filter(case_file::bucket.eq(Bucket::Draft.as_str()))
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("(body->>'created_by')::bigint = ").bind::<BigInt, _>(staff.post_id))
        .select(count_star())
        .first(tx.conn)?;
    counts.insert(Bucket::Draft.as_str().to_owned(), BucketCount { total: drafts, ..BucketCount::default() });
    Ok(counts)
}

/// Heads, admins and supervisors see the whole tenant's desk; the others their department's.
fn sees_own_department_only(staff: &Staff) -> bool {
    !matches!(staff.role.as_str(), "admin" | "supervisor")
}

/// Heaps in the order in which this post meets them.
fn buckets_of(staff: &Staff) -> Vec<Bucket> {
    match staff.role.as_str() {
        "agent" | "village_head" => {
            vec![Bucket::Draft, Bucket::ToHandOn, Bucket::Correcting, Bucket::ToDeliver, Bucket::Elsewhere, Bucket::Closed]
        }
        "reviewer" | "decider" => {
            vec![Bucket::ToComplete, Bucket::Correcting, Bucket::Paused, Bucket::ToDeliver, Bucket::Elsewhere, Bucket::Closed]
        }
        _ => vec![
            Bucket::PreReview,
            Bucket::ToAccept,
            Bucket::Correcting,
            Bucket::Paused,
            Bucket::ToComplete,
            Bucket::ToDeliver,
            Bucket::Elsewhere,
            Bucket::Closed,
            Bucket::Draft,
        ],
    }
}

fn bucket_infos(staff: &Staff) -> Vec<BucketInfo> {
    buckets_of(staff)
        .into_iter()
        .map(|bucket| BucketInfo { code: bucket.as_str().to_owned(), label: bucket.label().to_owned(), hint: hint(bucket).to_owned() })
        .collect()
}

fn hint(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Draft => "只有您看得到",
        Bucket::ToHandOn => "收了件，还没交出去",
        Bucket::PreReview => "网上来的，先看材料",
        Bucket::ToAccept => "下面交上来的",
        Bucket::Correcting => "等申请人",
        Bucket::Paused => "依法停时",
        Bucket::ToComplete => "要审查或决定",
        Bucket::ToDeliver => "结果要送出去",
        Bucket::Elsewhere => "交出去的，在别处",
        Bucket::Closed => "办完的",
    }
}

fn row(context: &Context, permit: &Permit<ListCases>, case: &CaseFile, now: DateTime<Utc>) -> CaseRow {
    let (step_light, _) = deadlines::lights(case, &context.calendar, now);
    let step = case.step();
    let next_action = view::buttons::next_action(permit, case, now).map(|(action, label)| NextAction { action: action.to_owned(), label });
    let here = case.custody == Custody::Held && case.state != State::Correcting;
    let next_words = match (&next_action, case.custody) {
        (Some(action), _) => action.label.clone(),
        (None, Custody::Closed) => view::state_words(case),
        (None, _) if case.state == State::Correcting => "等申请人补正".to_owned(),
        (None, Custody::InTransit) => format!("等{}签收", step.holder()),
        (None, _) => format!("等{}", step.holder()),
    };
    CaseRow {
        id: case.case_id,
        case_no: case.case_no.clone(),
        matter_short_name: case.body.matter_short_name.clone(),
        situation_words: case.body.situation_words.clone(),
        applicant_name: case.applicant_masked.clone(),
        from_name: case.body.route[0].tenant_name.clone(),
        relay: view::relay(context, case, now),
        holder_name: if case.custody == Custody::InTransit {
            "在途".to_owned()
        } else if here {
            "本单位".to_owned()
        } else {
            step.holder().to_owned()
        },
        holder_note: if case.custody == Custody::InTransit {
            format!("交往{}", step.holder())
        } else {
            format!("{}　{}", step.department_short, step.name)
        },
        light: step_light,
        step_due_words: deadlines::step_due(case, &context.calendar)
            .map(|due| due_words(now, &due))
            .or_else(|| case.body.closed_at.map(|at| moment_words(at, now))),
        next_action,
        next_words,
        version: case.version,
        state: case.state,
        state_label: view::state_words(case),
    }
}
