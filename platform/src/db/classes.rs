//! Every table and its class, named in one place; `tests/` asks the database whether it is so.

/// Rows of one tenant: `tenant_id` first in every key, row-level security forced.
pub const TENANT_TABLES: &[&str] = &[
    "post",
    "case_counter",
    "case_file",
    "case_event",
    "case_material",
    "audit_entry",
    "idempotency_key",
    "job",
    "outbox",
    "inbox",
    "exchange_cursor",
];

/// Rows of one citizen: `citizen_id` first in every key, row-level security forced.
pub const CITIZEN_TABLES: &[&str] = &["citizen", "citizen_case", "citizen_access"];

/// Platform tables that every scope may read.
pub const PUBLISHED_TABLES: &[&str] = &["tenant", "department", "directory_matter", "offering", "delegation", "policy_version"];

/// Platform tables that only the platform scope may read.
pub const PLATFORM_TABLES: &[&str] = &["account", "account_post"];

/// Tables that the worker's scope reads across tenants.
pub const QUEUE_TABLES: &[&str] = &["job", "outbox"];
