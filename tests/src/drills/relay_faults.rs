//! (to be written)

use super::{Outcome, Size};

pub async fn run(_: Size) -> anyhow::Result<Outcome> {
    anyhow::bail!("this drill is not written yet")
}
