//! Accounts as the scanner reads them.

use std::ops::Range;

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    account::{Contact, Vitals},
    ledger::Comparison,
};

use super::{Row, Table, bounds, in_order};
use crate::{
    error::Result,
    outbox::{RowId, Tid},
    sql::statement,
};

/// An account, and what tells whether something is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScannedAccount {
    block: u32,
    /// What tells whether something is wrong with it.
    pub vitals: Vitals,
}

type Columns = (
    (RowId, i64, i64),
    (i64, i64, Timestamp, i64, i64, Option<Timestamp>, Timestamp),
    (bool, Timestamp, bool, bool, Timestamp),
);

statement! {
    struct Read { from: RowId => Tid, to: RowId => Tid }
    -> (
        (Tid, BigInt, BigInt),
        (BigInt, BigInt, Timestamptz, BigInt, BigInt, Nullable<Timestamptz>, Timestamptz),
        (Bool, Timestamptz, Bool, Bool, Timestamptz),
    );
    "SELECT ctid, creditor_id, debtor_id, \
         principal, last_transfer_number, last_transfer_committed_at, ledger_principal, ledger_last_transfer_number, \
         ledger_pending_transfer_ts, ledger_latest_update_ts, \
         has_server_account, last_heartbeat_ts, is_config_effectual, config_error IS NOT NULL, last_config_ts \
     FROM account_data WHERE ctid >= $1 AND ctid < $2"
}

impl Row for ScannedAccount {
    const TABLE: Table = Table::Accounts;

    fn block(&self) -> u32 {
        self.block
    }

    async fn read(conn: &mut AsyncPgConnection, blocks: Range<u32>) -> Result<Vec<Self>> {
        let (from, to) = bounds(&blocks);
        let rows: Vec<Columns> = Read { from, to }.load(conn).await?;
        Ok(in_order(rows.into_iter().map(from_columns).collect()))
    }
}

fn from_columns(((row_id, creditor_id, debtor_id), ledger, contact): Columns) -> ScannedAccount {
    let (server_principal, server_last_transfer_number, server_last_transfer_committed_at, ..) = ledger;
    let (.., principal, last_transfer_number, pending_transfer_ts, latest_update_ts) = ledger;
    let (has_server_account, last_heartbeat_ts, is_config_effectual, has_config_error, last_config_ts) = contact;
    ScannedAccount {
        block: row_id.block(),
        vitals: Vitals {
            key: AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id)),
            ledger: Comparison {
                server_principal,
                server_last_transfer_number,
                server_last_transfer_committed_at,
                principal,
                last_transfer_number,
                pending_transfer_ts,
                latest_update_ts,
            },
            contact: Contact {
                has_server_account,
                last_heartbeat_ts,
                is_config_effectual,
                has_config_error,
                last_config_ts,
            },
        },
    }
}
