//! The outbox: one "signal" table for each kind of outgoing message (database §4, processing §14).
//!
//! Rows are inserted in the transaction of their cause and removed by the flusher after the broker has confirmed the
//! message. They are never updated, so a locked row is found again by its `ctid`.

mod configure_account;
mod finalize_transfer;
mod prepare_transfer;
mod rejected_config;
mod updated_flags;
mod updated_ledger;
mod updated_policy;

use diesel_async::RunQueryDsl;
use domain::signal::{Kind, Signal};

use crate::{error::Result, sql::statement, tx::Tx, wake::Wake};

/// Where a row stands in its table, as text of PostgreSQL's type `tid`. Valid as long as the row exists.
pub type RowId = String;

/// A row taken for sending; locked until the transaction ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// Its place in the table of its kind.
    pub row_id: RowId,
    /// The message.
    pub signal: Signal,
}

/// Inserts messages of any kinds, with one statement for each kind.
pub async fn insert(tx: &mut Tx, signals: impl IntoIterator<Item = Signal>) -> Result<()> {
    let mut sorted = Sorted::default();
    for signal in signals {
        sorted.push(signal);
    }
    sorted.insert(tx).await
}

#[derive(Default)]
struct Sorted {
    configure_account: configure_account::Insert,
    prepare_transfer: prepare_transfer::Insert,
    finalize_transfer: finalize_transfer::Insert,
    updated_ledger: updated_ledger::Insert,
    updated_policy: updated_policy::Insert,
    updated_flags: updated_flags::Insert,
    rejected_config: rejected_config::Insert,
}

impl Sorted {
    fn push(&mut self, signal: Signal) {
        match signal {
            Signal::ConfigureAccount(s) => self.configure_account.push(s),
            Signal::PrepareTransfer(s) => self.prepare_transfer.push(s),
            Signal::FinalizeTransfer(s) => self.finalize_transfer.push(s),
            Signal::UpdatedLedger(s) => self.updated_ledger.push(s),
            Signal::UpdatedPolicy(s) => self.updated_policy.push(s),
            Signal::UpdatedFlags(s) => self.updated_flags.push(&s),
            Signal::RejectedConfig(s) => self.rejected_config.push(s),
        }
    }

    async fn insert(self, tx: &mut Tx) -> Result<()> {
        let mut inserted = 0;
        macro_rules! insert {
            ($($kind:ident),*) => {$(
                if !self.$kind.creditor_ids.is_empty() {
                    inserted += self.$kind.execute(&mut **tx).await?;
                }
            )*};
        }
        insert!(
            configure_account,
            prepare_transfer,
            finalize_transfer,
            updated_ledger,
            updated_policy,
            updated_flags,
            rejected_config
        );
        if inserted > 0 {
            tx.wake(Wake::Outbox);
        }
        Ok(())
    }
}

/// Locks up to `limit` rows that nobody else holds, passing over those at the places `skip`.
pub async fn claim(tx: &mut Tx, kind: Kind, limit: i64, skip: &[RowId]) -> Result<Vec<Claimed>> {
    let skip = skip.to_vec();
    match kind {
        Kind::ConfigureAccount => configure_account::claim(tx, limit, skip).await,
        Kind::PrepareTransfer => prepare_transfer::claim(tx, limit, skip).await,
        Kind::FinalizeTransfer => finalize_transfer::claim(tx, limit, skip).await,
        Kind::UpdatedLedger => updated_ledger::claim(tx, limit, skip).await,
        Kind::UpdatedPolicy => updated_policy::claim(tx, limit, skip).await,
        Kind::UpdatedFlags => updated_flags::claim(tx, limit, skip).await,
        Kind::RejectedConfig => rejected_config::claim(tx, limit, skip).await,
    }
}

macro_rules! delete {
    ($name:ident, $table:literal) => {
        statement! {
            struct $name { row_ids: Vec<String> => Array<Text> }
            concat!("DELETE FROM ", $table, " WHERE ctid = ANY($1::text[]::tid[])")
        }
    };
}

delete!(DeleteConfigureAccount, "configure_account_signal");
delete!(DeletePrepareTransfer, "prepare_transfer_signal");
delete!(DeleteFinalizeTransfer, "finalize_transfer_signal");
delete!(DeleteUpdatedLedger, "updated_ledger_signal");
delete!(DeleteUpdatedPolicy, "updated_policy_signal");
delete!(DeleteUpdatedFlags, "updated_flags_signal");
delete!(DeleteRejectedConfig, "rejected_config_signal");

/// Removes rows that this transaction has claimed. Returns how many were removed.
pub async fn settle(tx: &mut Tx, kind: Kind, row_ids: Vec<RowId>) -> Result<usize> {
    if row_ids.is_empty() {
        return Ok(0);
    }
    Ok(match kind {
        Kind::ConfigureAccount => DeleteConfigureAccount { row_ids }.execute(&mut **tx).await?,
        Kind::PrepareTransfer => DeletePrepareTransfer { row_ids }.execute(&mut **tx).await?,
        Kind::FinalizeTransfer => DeleteFinalizeTransfer { row_ids }.execute(&mut **tx).await?,
        Kind::UpdatedLedger => DeleteUpdatedLedger { row_ids }.execute(&mut **tx).await?,
        Kind::UpdatedPolicy => DeleteUpdatedPolicy { row_ids }.execute(&mut **tx).await?,
        Kind::UpdatedFlags => DeleteUpdatedFlags { row_ids }.execute(&mut **tx).await?,
        Kind::RejectedConfig => DeleteRejectedConfig { row_ids }.execute(&mut **tx).await?,
    })
}
