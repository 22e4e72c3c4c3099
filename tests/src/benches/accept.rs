//! (to be written)

use crate::drills::{Outcome, Size};

pub async fn run(_: Size) -> anyhow::Result<Outcome> {
    anyhow::bail!("this benchmark is not written yet")
}
