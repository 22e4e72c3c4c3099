//! Tables of the platform as diesel sees them. Written by hand: columns are few and their order is the statement's.

diesel::table! {
    tenant (id) { id -> BigInt, level -> SmallInt, parent_id -> Nullable<BigInt>, name -> Text, short_name -> Text, state -> Text, version -> BigInt, }
}
diesel::table! {
    department (tenant_id, code) { tenant_id -> BigInt, code -> Text, name -> Text, short_name -> Text, }
}
diesel::table! {
    delegation (id) {
        id -> BigInt, delegator_id -> BigInt, delegate_id -> BigInt, basic_code -> Text, powers -> Array<Text>, kind -> Text, legal_basis -> Text,
        published_text -> Text, valid_from -> Timestamptz, valid_until -> Timestamptz, state -> Text,
    }
}
diesel::table! {
    account (id) { id -> BigInt, login_name -> Text, display_name -> Text, password_hash -> Text, state -> Text, }
}
diesel::table! {
    account_post (account_id, tenant_id, post_id) { account_id -> BigInt, tenant_id -> BigInt, post_id -> BigInt, }
}
diesel::table! {
    policy_version (tenant_id) { tenant_id -> BigInt, version -> BigInt, }
}
diesel::table! {
    post (tenant_id, id) {
        tenant_id -> BigInt, id -> BigInt, account_id -> BigInt, holder_name -> Text, department_code -> Text, role -> Text, title -> Text, state -> Text,
    }
}
diesel::table! {
    audit_entry (tenant_id, id) {
        tenant_id -> BigInt, id -> Uuid, at -> Timestamptz, actor -> Text, action -> Text, object -> Text, outcome -> Text, basis -> Text,
    }
}
diesel::table! {
    job (tenant_id, id) {
        tenant_id -> BigInt, id -> Uuid, kind -> Text, payload -> Jsonb, run_at -> Timestamptz, tries -> Integer, state -> Text, last_error -> Nullable<Text>,
    }
}
diesel::table! {
    outbox (tenant_id, id) {
        tenant_id -> BigInt, id -> Uuid, receiver_id -> BigInt, case_id -> Uuid, seq -> Integer, kind -> Text, payload -> Binary, created_at -> Timestamptz,
        next_try_at -> Timestamptz, tries -> Integer, state -> Text, last_error -> Nullable<Text>,
    }
}
diesel::table! {
    inbox (tenant_id, id) {
        tenant_id -> BigInt, id -> Uuid, sender_id -> BigInt, case_id -> Uuid, seq -> Integer, kind -> Text, payload -> Binary, received_at -> Timestamptz, state -> Text,
    }
}
diesel::table! {
    exchange_cursor (tenant_id, peer_id, case_id) { tenant_id -> BigInt, peer_id -> BigInt, case_id -> Uuid, sent -> Integer, applied -> Integer, }
}
