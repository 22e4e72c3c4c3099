//! Tables of this slice as diesel sees them.

diesel::table! {
    case_counter (tenant_id, year) { tenant_id -> BigInt, year -> Integer, last_used -> Integer, }
}
diesel::table! {
    case_file (tenant_id, case_id) {
        tenant_id -> BigInt, case_id -> Uuid, case_no -> Nullable<Text>, origin_tenant_id -> BigInt, basic_code -> Text, matter_version -> Integer, channel -> Text,
        state -> Text, outcome -> Nullable<Text>, custody -> Text, epoch -> Integer, step_index -> Integer, department_code -> Text, applicant_masked -> Text,
        applicant_index -> Binary, citizen_id -> Uuid, sealed -> Binary, secret_index -> Nullable<Binary>, bucket -> Text, sort_at -> Timestamptz,
        step_due_at -> Nullable<Timestamptz>, promise_due_at -> Nullable<Timestamptz>, filed_at -> Nullable<Timestamptz>, body -> Jsonb, chain_head -> Binary,
        event_count -> Integer, version -> Integer, created_at -> Timestamptz,
    }
}
diesel::table! {
    case_event (tenant_id, case_id, seq) {
        tenant_id -> BigInt, case_id -> Uuid, seq -> Integer, at -> Timestamptz, kind -> Text, canonical -> Binary, salts -> Jsonb, hash -> Binary,
    }
}
diesel::table! {
    case_material (tenant_id, case_id, material_code, version_no) {
        tenant_id -> BigInt, case_id -> Uuid, material_code -> Text, version_no -> Integer, file_name -> Text, media_type -> Text, size_bytes -> BigInt, pages -> Integer,
        sha256 -> Text, original_seen -> Bool, added_by -> Text, added_in -> BigInt, added_at -> Timestamptz,
    }
}
diesel::table! {
    idempotency_key (tenant_id, key_hash) { tenant_id -> BigInt, key_hash -> Binary, request_hash -> Binary, case_id -> Uuid, created_at -> Timestamptz, }
}
diesel::table! {
    citizen_case (citizen_id, case_id) {
        citizen_id -> Uuid, case_id -> Uuid, origin_tenant_id -> BigInt, case_no -> Nullable<Text>, matter_name -> Text, view -> Jsonb, news_epoch -> Integer,
        news_version -> Integer, updated_at -> Timestamptz,
    }
}
