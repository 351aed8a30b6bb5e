//! Server accounts nobody here holds (processing §4.2 step 3).

use super::{SCHEDULED_FOR_DELETION, is_expired};
use crate::{
    Timestamp,
    incoming::AccountUpdate,
    signal::ConfigureAccount,
    tolerance::{self, HUGE},
};

/// Asks the server to delete an account that does not exist here; `None` if the update shows that it will, or is
/// expired.
pub fn orphan_reaction(update: &AccountUpdate, now: Timestamp) -> Option<ConfigureAccount> {
    let is_discarded =
        update.config_flags & SCHEDULED_FOR_DELETION != 0 && tolerance::is_huge(update.negligible_amount);
    (!is_discarded && !is_expired(update, now)).then(|| ConfigureAccount {
        account: update.account,
        ts: now,
        seqnum: 0,
        negligible_amount: HUGE,
        config_data: String::new(),
        config_flags: SCHEDULED_FOR_DELETION,
    })
}
