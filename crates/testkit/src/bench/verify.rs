//! Whether a result is right.

use anyhow::{Result, bail, ensure};

use super::bed::Bed;
use crate::invariants::{self, Rule};

impl Bed {
    /// Fails unless the query gives this number.
    pub(super) async fn verify(&self, what: &str, query: &str, expected: impl Into<i64>) -> Result<()> {
        let (found, expected) = (self.number(query).await?, expected.into());
        ensure!(found == expected, "wrong result, {what}: {found} instead of {expected}");
        Ok(())
    }

    /// Fails unless these rules hold.
    pub(super) async fn verify_rules(&self, rules: &[Rule]) -> Result<()> {
        let violations = invariants::violations(&self.client, rules).await?;
        if !violations.is_empty() {
            bail!("wrong result: {violations:#?}");
        }
        Ok(())
    }
}
