//! The outbox: one "signal" table for each kind of outgoing message (database §4, processing §14).
//!
//! Rows are inserted in the transaction of their cause and removed by the flusher after the broker has confirmed the
//! message. They are never updated, so a locked row is found again by its `ctid`.

mod configure_account;
mod finalize_transfer;
mod look;
mod prepare_transfer;
mod rejected_config;
mod row_id;
mod updated_flags;
mod updated_ledger;
mod updated_policy;

use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection as _};
use domain::signal::{Kind, Signal};

use crate::{
    error::{Error, Result},
    sql::statement,
    tx::{SharedTx, Tx},
    wake::Wake,
};

pub use look::{Depth, depths, waiting};
pub use row_id::RowId;
pub(crate) use row_id::Tid;

/// Which rows to take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only rows at later places. Who takes a long table part by part passes the highest place of the last part, and so
    /// does not read again and again what is already done.
    pub after: RowId,
    /// No rows for these destinations ([`Claimed::destination`]).
    pub skip: Vec<i64>,
    /// At most so many.
    pub limit: i64,
}

/// A row taken for sending; locked until the transaction ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// Its place in the table of its kind.
    pub row_id: RowId,
    /// The number that its routing key is made of (smp §6): the id of its debtor or of its creditor, depending on the
    /// kind. What the broker does to one message, it does to all of the same kind and destination.
    pub destination: i64,
    /// The message.
    pub signal: Signal,
}

/// Inserts messages of any kinds, with one statement for each kind; with the commit.
pub fn insert(tx: &mut Tx, signals: impl IntoIterator<Item = Signal>) {
    let mut sorted = Sorted::default();
    for signal in signals {
        sorted.push(signal);
    }
    sorted.insert(tx);
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

    fn insert(self, tx: &mut Tx) {
        macro_rules! insert {
            ($($kind:ident),*) => {$(
                if !self.$kind.creditor_ids.is_empty() {
                    tx.later(self.$kind);
                    tx.wake(Wake::Outbox);
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
    }
}

/// Locks rows that nobody else holds, in the order of their places if PostgreSQL is version 14 or newer.
///
/// Fewer than the limit, from the start of the table, means that nothing is left to take.
pub async fn claim(tx: SharedTx<'_>, kind: Kind, wanted: Wanted) -> Result<Vec<Claimed>> {
    match kind {
        Kind::ConfigureAccount => configure_account::claim(tx, wanted).await,
        Kind::PrepareTransfer => prepare_transfer::claim(tx, wanted).await,
        Kind::FinalizeTransfer => finalize_transfer::claim(tx, wanted).await,
        Kind::UpdatedLedger => updated_ledger::claim(tx, wanted).await,
        Kind::UpdatedPolicy => updated_policy::claim(tx, wanted).await,
        Kind::UpdatedFlags => updated_flags::claim(tx, wanted).await,
        Kind::RejectedConfig => rejected_config::claim(tx, wanted).await,
    }
}

macro_rules! delete {
    ($name:ident, $table:literal) => {
        statement! {
            struct $name { row_ids: Vec<RowId> => Array<Tid> }
            concat!("DELETE FROM ", $table, " WHERE ctid = ANY($1)")
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

/// Removes rows that this transaction has claimed.
///
/// Fails if one of them is not there: then something has changed the rows behind the back of their locks.
pub async fn settle(tx: &mut Tx, kind: Kind, row_ids: Vec<RowId>) -> Result<()> {
    let expected = row_ids.len();
    if expected == 0 {
        return Ok(());
    }
    let removed = match kind {
        Kind::ConfigureAccount => DeleteConfigureAccount { row_ids }.execute(&mut **tx).await?,
        Kind::PrepareTransfer => DeletePrepareTransfer { row_ids }.execute(&mut **tx).await?,
        Kind::FinalizeTransfer => DeleteFinalizeTransfer { row_ids }.execute(&mut **tx).await?,
        Kind::UpdatedLedger => DeleteUpdatedLedger { row_ids }.execute(&mut **tx).await?,
        Kind::UpdatedPolicy => DeleteUpdatedPolicy { row_ids }.execute(&mut **tx).await?,
        Kind::UpdatedFlags => DeleteUpdatedFlags { row_ids }.execute(&mut **tx).await?,
        Kind::RejectedConfig => DeleteRejectedConfig { row_ids }.execute(&mut **tx).await?,
    };
    if removed != expected {
        return Err(Error::Inconsistent {
            table: table(kind),
            key: format!("{expected} rows were locked, {removed} found again"),
        });
    }
    Ok(())
}

/// Has the traces of removed rows of one kind removed, and statistics renewed: these tables swing between empty and
/// huge. Does nothing if somebody else is doing it, or has the table locked. Must not run inside of a transaction.
pub async fn vacuum(conn: &mut AsyncPgConnection, kind: Kind) -> Result<()> {
    Ok(conn.batch_execute(&format!("VACUUM (ANALYZE, SKIP_LOCKED) {}", table(kind))).await?)
}

const fn table(kind: Kind) -> &'static str {
    match kind {
        Kind::ConfigureAccount => "configure_account_signal",
        Kind::PrepareTransfer => "prepare_transfer_signal",
        Kind::FinalizeTransfer => "finalize_transfer_signal",
        Kind::UpdatedLedger => "updated_ledger_signal",
        Kind::UpdatedPolicy => "updated_policy_signal",
        Kind::UpdatedFlags => "updated_flags_signal",
        Kind::RejectedConfig => "rejected_config_signal",
    }
}
