//! Tables of this slice as diesel sees them.

diesel::table! {
    directory_matter (basic_code, version) { basic_code -> Text, version -> Integer, province_id -> BigInt, definition -> Jsonb, published_at -> Timestamptz, }
}
diesel::table! {
    offering (tenant_id, basic_code) { tenant_id -> BigInt, basic_code -> Text, version -> Integer, state -> Text, }
}
