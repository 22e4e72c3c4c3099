//! Tables of this slice as diesel sees them.

diesel::table! {
    citizen (citizen_id) { citizen_id -> Uuid, sealed -> Binary, created_at -> Timestamptz, last_seen_at -> Timestamptz, }
}
diesel::table! {
    citizen_access (citizen_id, id) { citizen_id -> Uuid, id -> Uuid, at -> Timestamptz, case_id -> Uuid, who -> Text, what -> Text, }
}
