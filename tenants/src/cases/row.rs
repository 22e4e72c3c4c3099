//! The rows of a case file and of its papers, as diesel reads and writes them.

use std::io::Write;

use chrono::{DateTime, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Jsonb;
use platform::http::problem::Problem;
use uuid::Uuid;

use super::case::CaseFile;
use super::envelope::EnvelopeMaterial;
use super::schema::{case_file, case_material};
use super::words::{Channel, Custody, Outcome, State};

/// First byte of a jsonb value on the wire; PostgreSQL knows no other version.
const JSONB_VERSION: u8 = 1;

/// What the row holds; [`CaseFile`] is what it means.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = case_file)]
pub struct Row {
    pub tenant_id: i64,
    pub case_id: Uuid,
    pub case_no: Option<String>,
    pub origin_tenant_id: i64,
    pub basic_code: String,
    pub matter_version: i32,
    pub channel: String,
    pub state: String,
    pub outcome: Option<String>,
    pub custody: String,
    pub epoch: i32,
    pub step_index: i32,
    pub department_code: String,
    pub applicant_masked: String,
    pub applicant_index: Vec<u8>,
    pub citizen_id: Uuid,
    pub sealed: Vec<u8>,
    pub secret_index: Option<Vec<u8>>,
    pub bucket: String,
    pub sort_at: DateTime<Utc>,
    pub step_due_at: Option<DateTime<Utc>>,
    pub promise_due_at: Option<DateTime<Utc>>,
    pub filed_at: Option<DateTime<Utc>>,
    pub body: BodyText,
    pub chain_head: Vec<u8>,
    pub event_count: i32,
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

impl Row {
    pub fn of(case: &CaseFile) -> Result<Row, Problem> {
        Ok(Row {
            tenant_id: case.tenant_id,
            case_id: case.case_id,
            case_no: case.case_no.clone(),
            origin_tenant_id: case.origin_tenant_id,
            basic_code: case.basic_code.clone(),
            matter_version: case.matter_version,
            channel: case.channel.as_str().to_owned(),
            state: case.state.as_str().to_owned(),
            outcome: case.outcome.map(|outcome| outcome.as_str().to_owned()),
            custody: case.custody.as_str().to_owned(),
            epoch: case.epoch,
            step_index: i32::try_from(case.step_index).map_err(|error| Problem::internal(&error))?,
            department_code: case.department_code().to_owned(),
            applicant_masked: case.applicant_masked.clone(),
            applicant_index: case.applicant_index.clone(),
            citizen_id: case.citizen_id,
            sealed: case.sealed.clone(),
            secret_index: case.secret_index.clone(),
            bucket: case.bucket().as_str().to_owned(),
            sort_at: case.sort_at(),
            step_due_at: case.step_due_at,
            promise_due_at: case.promise_due_at,
            filed_at: case.filed_at,
            body: BodyText(serde_json::to_vec(&case.body).map_err(|error| Problem::internal(&error))?),
            chain_head: case.chain_head.clone(),
            event_count: case.event_count,
            version: case.version,
            created_at: case.created_at,
        })
    }

    pub fn into_case(self) -> Result<CaseFile, Problem> {
        let unknown = |what: &str, text: &str| Problem::internal(&format!("unknown {what} {text} in a case file"));
        Ok(CaseFile {
            channel: Channel::parse(&self.channel).ok_or_else(|| unknown("channel", &self.channel))?,
            state: State::parse(&self.state).ok_or_else(|| unknown("state", &self.state))?,
            outcome: self.outcome.as_deref().map(|text| Outcome::parse(text).ok_or_else(|| unknown("outcome", text))).transpose()?,
            custody: Custody::parse(&self.custody).ok_or_else(|| unknown("custody", &self.custody))?,
            tenant_id: self.tenant_id,
            case_id: self.case_id,
            case_no: self.case_no,
            origin_tenant_id: self.origin_tenant_id,
            basic_code: self.basic_code,
            matter_version: self.matter_version,
            epoch: self.epoch,
            step_index: usize::try_from(self.step_index).map_err(|error| Problem::internal(&error))?,
            applicant_masked: self.applicant_masked,
            applicant_index: self.applicant_index,
            citizen_id: self.citizen_id,
            sealed: self.sealed,
            secret_index: self.secret_index,
            step_due_at: self.step_due_at,
            promise_due_at: self.promise_due_at,
            filed_at: self.filed_at,
            body: serde_json::from_slice(&self.body.0).map_err(|error| Problem::internal(&error))?,
            chain_head: self.chain_head,
            event_count: self.event_count,
            version: self.version,
            created_at: self.created_at,
        })
    }
}

/// The JSON text of a body, as its column sends and takes it: no tree of JSON values in between.
#[derive(Debug, FromSqlRow, AsExpression)]
#[diesel(sql_type = Jsonb)]
pub struct BodyText(pub Vec<u8>);

impl FromSql<Jsonb, Pg> for BodyText {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<BodyText> {
        match value.as_bytes() {
            [JSONB_VERSION, text @ ..] => Ok(BodyText(text.to_vec())),
            _ => Err("a jsonb value of an unknown version".into()),
        }
    }
}

impl ToSql<Jsonb, Pg> for BodyText {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[JSONB_VERSION])?;
        out.write_all(&self.0)?;
        Ok(IsNull::No)
    }
}

/// A paper as its row holds it.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = case_material)]
pub struct MaterialRow {
    pub tenant_id: i64,
    pub case_id: Uuid,
    pub material_code: String,
    pub version_no: i32,
    pub file_name: String,
    pub media_type: String,
    pub size_bytes: i64,
    pub pages: i32,
    pub sha256: String,
    pub original_seen: bool,
    pub added_by: String,
    pub added_in: i64,
    pub added_at: DateTime<Utc>,
}

impl From<MaterialRow> for EnvelopeMaterial {
    fn from(row: MaterialRow) -> EnvelopeMaterial {
        EnvelopeMaterial {
            material_code: row.material_code,
            version_no: row.version_no,
            file_name: row.file_name,
            media_type: row.media_type,
            size_bytes: row.size_bytes,
            pages: row.pages,
            sha256: row.sha256,
            original_seen: row.original_seen,
            added_by: row.added_by,
            added_in: row.added_in,
            added_at: row.added_at,
        }
    }
}
