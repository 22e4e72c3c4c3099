//! Rows of both sides in every table: made by real work where it makes them, by a superuser's hand where it does not.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use platform::db::classes::{CITIZEN_TABLES, TENANT_TABLES};
use serde_json::json;
use uuid::Uuid;

use crate::house::House;
use crate::person::Person;
use crate::relay::{OTHER_VILLAGE, VILLAGE, file_submission, id, submission, submission_of_other_village};

/// One side of the wall.
#[derive(Debug, Clone, Copy)]
pub struct Party {
    pub tenant_id: i64,
    pub citizen_id: Uuid,
}

/// `a` tries; everything that is not `a`'s is out of bounds, and `b` certainly is.
#[derive(Debug, Clone, Copy)]
pub struct Parties {
    pub a: Party,
    pub b: Party,
}

pub async fn prepare(house: &House) -> anyhow::Result<Parties> {
    let agent = house.staff("qianliang.agent").await;
    let case = hand_on(house, &agent, "walls-a", &submission(1)).await;
    let other_agent = house.staff("shiwang.agent").await;
    let other_case = hand_on(house, &other_agent, "walls-b", &submission_of_other_village(2)).await;
    // Looking behind the masks is a job that writes to the citizen's log; the second look leaves its job waiting.
    for settles in [true, false] {
        for (agent, case) in [(&agent, &case), (&other_agent, &other_case)] {
            let path = format!("/api/v1/cases/{case}/unmask");
            agent.post(&path, &json!({"reason": "核对电话"})).await.expect(200);
        }
        if settles {
            house.settle().await;
        }
    }

    let mut conn = house.superuser();
    let parties = Parties { a: party(&mut conn, VILLAGE, &case)?, b: party(&mut conn, OTHER_VILLAGE, &other_case)? };
    complete(&mut conn, &parties)?;
    for table in TENANT_TABLES {
        for party in [parties.a, parties.b] {
            ensure_rows(house, table, &format!("tenant_id = {}", party.tenant_id))?;
        }
    }
    for table in CITIZEN_TABLES {
        for party in [parties.a, parties.b] {
            ensure_rows(house, table, &format!("citizen_id = '{}'", party.citizen_id))?;
        }
    }
    Ok(parties)
}

/// Files and hands on, and lets the town sign for it: numbers, events, papers, messages both ways, the citizen's view.
async fn hand_on(house: &House, agent: &Person, key: &str, submission: &serde_json::Value) -> String {
    let case = file_submission(agent, key, submission).await;
    let case_id = id(&case).to_owned();
    agent.act(&case_id, "hand_on", json!({})).await.expect(200);
    house.settle().await;
    case_id
}

fn party(conn: &mut PgConnection, tenant_id: i64, case_id: &str) -> anyhow::Result<Party> {
    #[derive(QueryableByName)]
    struct Owner {
        #[diesel(sql_type = SqlUuid)]
        citizen_id: Uuid,
    }
    let sql = format!("SELECT citizen_id FROM case_file WHERE tenant_id = {tenant_id} AND case_id = '{case_id}'");
    let Owner { citizen_id } = diesel::sql_query(sql).get_result(conn)?;
    Ok(Party { tenant_id, citizen_id })
}

/// Rows that the work above does not make: a citizen's profile comes with signing in.
fn complete(conn: &mut PgConnection, parties: &Parties) -> anyhow::Result<()> {
    for party in [parties.a, parties.b] {
        conn.batch_execute(&format!(
            "INSERT INTO citizen (citizen_id, sealed, created_at, last_seen_at) VALUES ('{}', '\\x00', now(), now()) ON CONFLICT DO NOTHING",
            party.citizen_id
        ))?;
    }
    Ok(())
}

fn ensure_rows(house: &House, table: &str, whose: &str) -> anyhow::Result<()> {
    let count = house.count(&format!("SELECT count(*) AS n FROM {table} WHERE {whose}"));
    anyhow::ensure!(count > 0, "table {table} has no row where {whose}: teach this drill to make one");
    Ok(())
}
