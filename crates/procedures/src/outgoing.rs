//! Lines about the outgoing messages that clients' requests cause.
//!
//! The signal tables have no place for the id of the request. These lines are written within the request's span, which
//! has it, and name the message as the lines of the services that send and receive do.

use domain::{
    AccountKey,
    signal::{Kind, Signal},
};
use persistence::{Tx, outbox};

/// Puts messages into the outbox, with the commit, and tells about each.
pub(crate) fn enqueue(tx: &mut Tx, signals: impl IntoIterator<Item = Signal>) {
    outbox::insert(tx, signals.into_iter().inspect(tell));
}

fn tell(signal: &Signal) {
    let (account, request_id) = match signal {
        Signal::ConfigureAccount(s) => (s.account, None),
        Signal::PrepareTransfer(s) => (s.account, Some(s.coordinator_request_id)),
        Signal::FinalizeTransfer(s) => (s.account, Some(s.coordinator_request_id)),
        Signal::UpdatedLedger(s) => (s.account, None),
        Signal::UpdatedPolicy(s) => (s.account, None),
        Signal::UpdatedFlags(s) => (s.account, None),
        Signal::RejectedConfig(s) => (s.account, None),
    };
    enqueued(signal.kind(), account, request_id);
}

/// Leaves a line. At levels that do not show it, nothing is made of it: the macro looks at the level first.
pub(crate) fn enqueued(kind: Kind, account: AccountKey, coordinator_request_id: Option<i64>) {
    let AccountKey { creditor_id, debtor_id } = account;
    tracing::info!(
        message_type = ?kind,
        creditor_id = creditor_id.unsigned(),
        debtor_id = debtor_id.unsigned(),
        coordinator_request_id,
        "A {kind:?} message of the creditor {} is in the outbox.",
        creditor_id.unsigned(),
    );
}
