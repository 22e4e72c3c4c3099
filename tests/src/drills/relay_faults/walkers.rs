//! People who carry cases from the village to the county and back, and do not give up.
//!
//! An answer that does not come leaves open whether the act was done. So a walker looks at the case again: while its own button still works, the act
//! was not done and is done again; once the button is gone, it was. Creating a case needs no look: the same idempotency key is sent until it is answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Progress;
use super::steadfast::{Steadfast, Troubles};
use crate::relay::{PNG, missing, submission, submission_of_other_village};

/// Pause between two looks at a case that has not arrived yet: short at first, for it mostly comes soon.
const LOOK_AGAIN_FIRST: Duration = Duration::from_millis(60);
const LOOK_AGAIN_LONGEST: Duration = Duration::from_millis(300);
/// Who does a leg; a place in the lists of [`PATHS`].
#[derive(Debug, Clone, Copy)]
enum Post {
    Agent,
    Window,
    Civil,
    Federation,
    CountyReview,
    CountyDecide,
}

/// Two counties, so that relays do not all pass through the same hands; each in the order of [`Post`].
const PATHS: &[[&str; 6]] = &[
    ["qianliang.agent", "tingluo.window", "tingluo.civil", "lijin.federation", "lijin.civil.review", "lijin.civil.decide"],
    ["shiwang.agent", "shengtuo.window", "shengtuo.civil", "kenli.federation", "kenli.civil.review", "kenli.civil.decide"],
];

/// A relay, after its papers are scanned: who does what.
const WAY: &[(Post, &str)] = &[
    (Post::Agent, "file"),
    (Post::Agent, "hand_on"),
    (Post::Window, "accept"),
    (Post::Civil, "review"),
    (Post::Federation, "review"),
    (Post::CountyReview, "review"),
    (Post::CountyDecide, "decide"),
    (Post::Window, "deliver"),
    (Post::Agent, "deliver"),
];

/// Legs of one relay, the making of the draft included.
pub const LEGS: usize = WAY.len() + 1;

pub struct Walkers {
    paths: Vec<Vec<Steadfast>>,
    troubles: Arc<Troubles>,
    progress: Arc<Progress>,
    deadline: Instant,
}

/// What the walkers have to tell.
pub struct Walked {
    pub case_ids: Vec<Uuid>,
    /// Requests whose fate was unclear: no answer, or "come back later".
    pub unclear: usize,
    /// Answers that no fault explains.
    pub unexpected: Vec<String>,
}

impl Walkers {
    pub fn new(bases: &[String], deadline: Instant, progress: Arc<Progress>) -> Walkers {
        let troubles = Arc::new(Troubles::default());
        let person = |login_name: &&str| Steadfast::new(login_name, bases, deadline, troubles.clone());
        let paths = PATHS.iter().map(|path| path.iter().map(person).collect()).collect();
        Walkers { paths, troubles, progress, deadline }
    }

    pub fn people(&self) -> usize {
        self.paths.iter().map(Vec::len).sum()
    }

    pub async fn sign_in(&self) -> anyhow::Result<()> {
        for person in self.paths.iter().flatten() {
            person.sign_in().await?;
        }
        Ok(())
    }

    /// Walks all relays, some at once, and fails if one of them cannot be brought to its end in time.
    pub async fn walk(&self, relays: usize, at_once: usize) -> anyhow::Result<Walked> {
        let numbers = futures_util::stream::iter(1..=relays);
        let walks = numbers.map(|number| async move { self.relay(number).await.with_context(|| format!("relay {number}")) });
        let case_ids = walks.buffer_unordered(at_once).try_collect().await?;
        Ok(Walked { case_ids, unclear: self.troubles.unclear(), unexpected: self.troubles.unexpected() })
    }

    async fn relay(&self, number: usize) -> anyhow::Result<Uuid> {
        let (path, seed) = (number % self.paths.len(), number as u64);
        let submission = if path == 0 { submission(seed) } else { submission_of_other_village(seed) };
        let path = &self.paths[path];
        let agent = &path[Post::Agent as usize];
        let draft = agent.create_case(&format!("relay-{number}"), &submission).await?;
        let case_id: Uuid = draft["id"].as_str().unwrap_or_default().parse().context("the draft has no id")?;
        self.scan(agent, draft).await?;
        self.progress.leg_done();
        for (post, action) in WAY {
            self.leg(&path[*post as usize], case_id, action, number)
                .await
                .with_context(|| format!("case {case_id}, {action} by {post:?}"))?;
            self.progress.leg_done();
        }
        Ok(case_id)
    }

    /// Adds what is missing, one paper after the other.
    async fn scan(&self, agent: &Steadfast, draft: Value) -> anyhow::Result<()> {
        let mut case = draft;
        while let Some(material) = missing(&case).first() {
            case = match agent.try_upload(&case, material, PNG).await? {
                Some(changed) => changed,
                None => agent.get_case(case["id"].as_str().unwrap_or_default()).await?.context("the draft is gone")?,
            };
        }
        Ok(())
    }

    /// Waits for the case, acts, and comes back when it is certain that the act was done, once.
    async fn leg(&self, person: &Steadfast, case_id: Uuid, action: &str, number: usize) -> anyhow::Result<()> {
        let case_id = case_id.to_string();
        let mut tried = false;
        let mut pause = LOOK_AGAIN_FIRST;
        loop {
            let case = person.get_case(&case_id).await?;
            let Some(case) = case.filter(|case| may(case, action)) else {
                if tried {
                    return Ok(());
                }
                anyhow::ensure!(Instant::now() < self.deadline, "the case does not arrive");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LOOK_AGAIN_LONGEST);
                continue;
            };
            anyhow::ensure!(Instant::now() < self.deadline, "the act does not succeed");
            let mut input = input_of(action, number);
            input["version"] = case["version"].clone();
            tried = true;
            if person.try_act(&case_id, action, &input).await? {
                return Ok(());
            }
        }
    }
}

/// Whether the page would show this person a button that works.
fn may(case: &Value, action: &str) -> bool {
    let actions = case["actions"].as_array().map(Vec::as_slice).unwrap_or_default();
    actions.iter().any(|button| button["action"] == action && button["allowed"] == true)
}

fn input_of(action: &str, number: usize) -> Value {
    match action {
        "review" => json!({"opinion": "材料齐全，符合条件"}),
        "decide" => json!({"outcome": "granted", "opinion": "符合条件", "result_number": format!("民补〔2026〕{number}号")}),
        "deliver" => json!({"note": "已告知"}),
        _ => json!({}),
    }
}
