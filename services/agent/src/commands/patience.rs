//! Trying again, because the database or the broker may still be starting.

use std::time::Duration;

use tokio::time::sleep;
use tracing::warn;

/// Between the five tries of `configure` (operations §4). The peer implementation's last pause, of 16 s, has no try after
/// it.
pub(super) const PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

/// Why a try failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Trying again cannot help.
    Final(anyhow::Error),
    /// Trying again may help.
    Passing(anyhow::Error),
}

/// Tries, and after each passing failure tries again after the next of the pauses. The last failure is the result.
pub(super) async fn tries<T>(
    pauses: &[Duration],
    mut attempt: impl AsyncFnMut() -> Result<T, Failure>,
) -> anyhow::Result<T> {
    let mut pauses = pauses.iter();
    loop {
        match (attempt().await, pauses.next()) {
            (Ok(done), _) => return Ok(done),
            (Err(Failure::Passing(cause)), Some(pause)) => {
                warn!("Trying again in {} s: {cause:#}", pause.as_secs());
                sleep(*pause).await;
            }
            (Err(Failure::Final(cause) | Failure::Passing(cause)), _) => return Err(cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    const SHORT: [Duration; 4] = [Duration::from_millis(1); 4];

    async fn count(outcome: impl Fn(u32) -> Result<u32, Failure>) -> (u32, Result<u32, String>) {
        let mut made = 0;
        let ended = tries(&SHORT, async || {
            made += 1;
            outcome(made)
        })
        .await;
        (made, ended.map_err(|cause| cause.to_string()))
    }

    #[tokio::test]
    async fn there_are_five_tries_unless_one_succeeds_or_shows_that_none_can() {
        let passing = |n: u32| Failure::Passing(anyhow!("failure {n}"));
        assert_eq!(count(|n| Err(passing(n))).await, (5, Err("failure 5".to_owned())));
        assert_eq!(count(|n| if n < 3 { Err(passing(n)) } else { Ok(n) }).await, (3, Ok(3)));
        assert_eq!(count(|_| Err(Failure::Final(anyhow!("never")))).await, (1, Err("never".to_owned())));
    }
}
