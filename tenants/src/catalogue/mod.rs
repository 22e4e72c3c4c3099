//! The catalogue: what can be applied for, under which conditions, with which papers, by which steps.
//!
//! Words: **matter** (事项) – one thing a citizen can apply for · **situation** (情形) – a variant the applicant chooses ·
//! **material** (材料) – a paper or a proof · **step** (环节) – one piece of work by one post of one department ·
//! **limit** (时限) – statutory (what the law allows) and promised (what this government undertakes) · **choice** – the
//! steps, materials and limit that remain once the situations are chosen · **finding** – what the rules have against a
//! matter, with its cure.
//!
//! Invariants
//! - A matter with an error among its findings is never published.
//! - The order of steps in a matter is the order of work; a route is derived from it and never written by hand.
//! - What is marked `internal` is never asked from an applicant.
//! - A running case keeps the matter it started with, word for word.

pub mod actions;
pub mod api;
pub mod choose;
pub mod directory;
pub mod matter;
pub mod rules;
pub mod schema;
pub mod search;

/// Operations of this slice.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    api::routes(config);
}

#[cfg(test)]
pub mod examples;
