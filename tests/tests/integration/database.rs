//! Asks PostgreSQL itself whether the walls stand: classes, row-level security, keys, grants, scopes, migrations.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl};
use platform::db::DbError;
use platform::db::bootstrap;
use platform::db::classes::{CITIZEN_TABLES, PLATFORM_TABLES, PUBLISHED_TABLES, QUEUE_TABLES, TENANT_TABLES};
use tests::house::House;
use tests::relay::{People, VILLAGE, walk};

const SCOPES: [&str; 5] = ["zt_tenant", "zt_subtree", "zt_citizen", "zt_work", "zt_platform"];
const MIGRATIONS_TABLE: &str = "__diesel_schema_migrations";

fn every_table() -> Vec<&'static str> {
    [TENANT_TABLES, CITIZEN_TABLES, PUBLISHED_TABLES, PLATFORM_TABLES].concat()
}

#[tokio::test]
async fn every_table_has_its_class_and_there_is_no_other() {
    let house = House::new().await;
    let found: BTreeSet<String> = house
        .texts(&format!("SELECT tablename::text AS t FROM pg_tables WHERE schemaname = 'public' AND tablename <> '{MIGRATIONS_TABLE}'"))
        .into_iter()
        .collect();
    let named: BTreeSet<String> = every_table().into_iter().map(str::to_owned).collect();
    assert_eq!(found, named);
    assert_eq!(named.len(), every_table().len(), "a table has one class");
    assert!(QUEUE_TABLES.iter().all(|table| TENANT_TABLES.contains(table)), "queues are tenant tables too");
    let others = "SELECT count(*) AS n FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace \
                  WHERE s.nspname = 'public' AND c.relkind IN ('v', 'm', 'f')";
    assert_eq!(house.count(others), 0, "no view opens a way around a table's policies");
}

#[tokio::test]
async fn rows_of_tenants_and_citizens_are_walled_even_for_their_owner() {
    let house = House::new().await;
    let walled: BTreeSet<String> = house
        .texts("SELECT relname::text AS t FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity")
        .into_iter()
        .collect();
    let wanted: BTreeSet<String> = TENANT_TABLES.iter().chain(CITIZEN_TABLES).map(|table| (*table).to_owned()).collect();
    assert_eq!(walled, wanted);
    let exempt = house.texts(
        "SELECT rolname::text AS t FROM pg_roles WHERE rolname LIKE 'zt\\_%' AND rolname <> 'zt_super' AND (rolsuper OR rolbypassrls)",
    );
    assert_eq!(exempt, Vec::<String>::new());
}

/// Every unique index of a walled table begins with the wall's column, so that no value of one tenant can collide with another's.
#[tokio::test]
async fn keys_begin_with_whose_they_are() {
    let house = House::new().await;
    for (tables, column) in [(TENANT_TABLES, "tenant_id"), (CITIZEN_TABLES, "citizen_id")] {
        for table in tables {
            let firsts = house.texts(&format!(
                "SELECT a.attname::text AS t FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
                 WHERE i.indrelid = '{table}'::regclass AND i.indisunique"
            ));
            assert!(!firsts.is_empty() && firsts.iter().all(|first| first == column), "{table}: {firsts:?}");
            let primary = house.count(&format!("SELECT count(*) AS n FROM pg_index WHERE indrelid = '{table}'::regclass AND indisprimary"));
            assert_eq!(primary, 1, "{table}");
            let nullable = format!(
                "SELECT count(*) AS n FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attname = '{column}' AND NOT attnotnull"
            );
            assert_eq!(house.count(&nullable), 0, "{table}");
        }
    }
}

#[tokio::test]
async fn references_stay_within_the_tenant() {
    let house = House::new().await;
    let references = house.texts(
        "SELECT c.conrelid::regclass || ' ' || c.confrelid::regclass || ' ' \
         || (SELECT string_agg(a.attname::text, ',') FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)) || ' ' \
         || (SELECT string_agg(a.attname::text, ',') FROM pg_attribute a WHERE a.attrelid = c.confrelid AND a.attnum = ANY (c.confkey)) AS t \
         FROM pg_constraint c WHERE c.contype = 'f'",
    );
    let mut seen = 0;
    for reference in references {
        let parts: Vec<&str> = reference.split(' ').collect();
        let [from, to, from_columns, to_columns] = parts[..] else { panic!("{reference}") };
        let column = if TENANT_TABLES.contains(&from) {
            "tenant_id"
        } else if CITIZEN_TABLES.contains(&from) {
            "citizen_id"
        } else {
            assert!(!TENANT_TABLES.contains(&to) && !CITIZEN_TABLES.contains(&to), "{reference} looks over a wall");
            continue;
        };
        seen += 1;
        let within = from_columns.split(',').any(|name| name == column) && to_columns.split(',').any(|name| name == column);
        assert!(within || PUBLISHED_TABLES.contains(&to), "{reference} leaves its {column}");
    }
    assert!(seen >= 3, "the references of tenant tables are found: {seen}");
}

#[tokio::test]
async fn whoever_logs_in_may_do_nothing_before_taking_a_scope() {
    let house = House::new().await;
    assert_eq!(house.count("SELECT count(*) AS n FROM pg_roles WHERE rolname = 'zt_login' AND NOT rolinherit AND rolcanlogin"), 1);
    assert_eq!(house.count("SELECT count(*) AS n FROM information_schema.role_table_grants WHERE grantee IN ('zt_login', 'PUBLIC') AND table_schema = 'public'"), 0);
    assert_eq!(house.count("SELECT count(*) AS n FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = 'zt_login'"), 0);
    let mut conn = PgConnection::establish(&house.config.database.url).expect("it may log in");
    for table in every_table() {
        for statement in [
            format!("SELECT * FROM public.{table}"),
            format!("DELETE FROM public.{table}"),
            format!("INSERT INTO public.{table} DEFAULT VALUES"),
        ] {
            let error = conn.batch_execute(&statement).expect_err(&statement).to_string();
            assert!(error.contains("permission denied"), "{statement}: {error}");
        }
    }
    let error = conn.batch_execute("CREATE TABLE public.own (x int)").expect_err("it owns nothing").to_string();
    assert!(error.contains("permission denied"), "{error}");
}

#[tokio::test]
async fn what_was_recorded_cannot_be_changed_by_any_scope() {
    let house = House::new().await;
    let people = People::of(&house).await;
    walk(&house, &people, 1).await;
    for table in ["case_event", "audit_entry"] {
        for scope in SCOPES {
            for privilege in ["UPDATE", "DELETE", "TRUNCATE"] {
                let sql = format!("SELECT has_table_privilege('{scope}', '{table}', '{privilege}')::int::bigint AS n");
                assert_eq!(house.count(&sql), 0, "{scope} may {privilege} {table}");
            }
        }
        let columns = format!("SELECT has_any_column_privilege('zt_tenant', '{table}', 'UPDATE')::int::bigint AS n");
        assert_eq!(house.count(&columns), 0);
        for statement in [format!("UPDATE {table} SET at = now()"), format!("DELETE FROM {table}")] {
            let tried = statement.clone();
            let outcome =
                house.parts.context.db.tenant(VILLAGE, move |tx| Ok::<_, DbError>(diesel::sql_query(tried).execute(tx.conn)?)).await;
            let error = outcome.expect_err(&statement).to_string();
            assert!(error.contains("permission denied"), "{statement}: {error}");
        }
    }
}

/// The citizens' scope sees no staff tables, the tenants' scope no citizens' tables; the register is read by all and written by one.
#[tokio::test]
async fn scopes_have_the_tables_of_their_class_and_no_others() {
    let house = House::new().await;
    let may = |scope: &str, table: &str, privilege: &str| {
        house.count(&format!("SELECT has_table_privilege('{scope}', '{table}', '{privilege}')::int::bigint AS n")) == 1
    };
    for table in CITIZEN_TABLES.iter().chain(PLATFORM_TABLES) {
        assert!(!may("zt_tenant", table, "SELECT") && !may("zt_subtree", table, "SELECT") && !may("zt_work", table, "SELECT"), "{table}");
    }
    for table in TENANT_TABLES {
        assert!(!may("zt_citizen", table, "SELECT") && !may("zt_platform", table, "SELECT"), "{table}");
        assert_eq!(may("zt_work", table, "SELECT"), QUEUE_TABLES.contains(table), "{table}");
        assert!(
            !may("zt_subtree", table, "INSERT") && !may("zt_subtree", table, "UPDATE") && !may("zt_subtree", table, "DELETE"),
            "{table}"
        );
    }
    for table in PUBLISHED_TABLES {
        for scope in ["zt_tenant", "zt_subtree", "zt_citizen", "zt_work"] {
            assert!(may(scope, table, "SELECT") && !may(scope, table, "UPDATE") && !may(scope, table, "INSERT"), "{scope} {table}");
        }
    }
}

#[tokio::test]
async fn a_scope_sees_its_own_rows_and_writes_no_others() {
    let house = House::new().await;
    let people = People::of(&house).await;
    walk(&house, &people, 1).await;
    let elsewhere = 370_505_101_201_i64;
    for table in TENANT_TABLES {
        let count = format!("SELECT 1 FROM {table} WHERE tenant_id <> {elsewhere}");
        let seen = house.parts.context.db.tenant(elsewhere, move |tx| Ok::<_, DbError>(diesel::sql_query(count).execute(tx.conn)?)).await;
        assert_eq!(seen.expect("it may look"), 0, "{table}");
    }
    let move_away = format!("UPDATE case_file SET tenant_id = {elsewhere}");
    let outcome = house.parts.context.db.tenant(VILLAGE, move |tx| Ok::<_, DbError>(diesel::sql_query(move_away).execute(tx.conn)?)).await;
    assert!(outcome.expect_err("a row cannot be moved over the wall").to_string().contains("row-level security"));
}

/// Columns, constraints, indexes, policies and grants, as one listing.
fn schema(house: &House) -> Vec<String> {
    let listings = [
        "SELECT concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default) AS t FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS t FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
        "SELECT concat_ws(' ', 'index', indexdef) AS t FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT concat_ws(' ', 'policy', tablename, policyname, roles, cmd, qual, with_check) AS t FROM pg_policies WHERE schemaname = 'public'",
        "SELECT concat_ws(' ', 'grant', table_name, grantee, privilege_type) AS t FROM information_schema.role_table_grants WHERE table_schema = 'public'",
        "SELECT concat_ws(' ', 'security', relname, relrowsecurity, relforcerowsecurity) AS t FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
        "SELECT concat_ws(' ', 'sequence', sequencename) AS t FROM pg_sequences WHERE schemaname = 'public'",
    ];
    let mut lines: Vec<String> = listings.iter().flat_map(|listing| house.texts(listing)).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn migrations_can_be_taken_back_and_run_again() {
    let house = House::new().await;
    let before = schema(&house);
    assert!(before.len() > 200, "{}", before.len());
    bootstrap::revert_all(&house.config.database.owner_url).expect("they can be taken back");
    let left = house
        .texts(&format!("SELECT tablename::text AS t FROM pg_tables WHERE schemaname = 'public' AND tablename <> '{MIGRATIONS_TABLE}'"));
    assert_eq!(left, Vec::<String>::new());
    let ran = bootstrap::migrate(&house.config.database.owner_url).expect("they run again");
    assert!(!ran.is_empty());
    assert_eq!(schema(&house), before);
    assert_eq!(bootstrap::migrate(&house.config.database.owner_url).expect("and again"), Vec::<String>::new());
    assert_eq!(schema(&house), before, "policies can be applied again");
    assert_eq!(bootstrap::pending(&house.config.database.owner_url).expect("it can be asked"), Vec::<String>::new());
}
