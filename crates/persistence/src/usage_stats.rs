//! Counters against abuse (database §4 `usage_stats`, §7; processing §10).

use domain::{
    CreditorId,
    usage::{Counters, EventCount, Hour},
};

use crate::{sql::statement, tx::Tx};

/// What a client has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An account was created, which is a configuration change too.
    AccountCreated,
    /// An account was deleted.
    AccountDeleted,
    /// A configuration, a PIN, … was changed.
    Reconfigured,
    /// A transfer was initiated.
    TransferCreated,
    /// A transfer was deleted.
    TransferDeleted,
}

impl Event {
    /// How much is added to accounts, transfers, configuration changes, initiations.
    pub(crate) const fn changes(self) -> [i16; 4] {
        match self {
            Self::AccountCreated => [1, 0, 1, 0],
            Self::AccountDeleted => [-1, 0, 0, 0],
            Self::Reconfigured => [0, 0, 1, 0],
            Self::TransferCreated => [0, 1, 0, 1],
            Self::TransferDeleted => [0, -1, 0, 0],
        }
    }
}

/// When something is counted, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The present hour.
    pub hour: Hour,
    /// How many hours a new count of events lasts.
    pub clear_hours: i32,
}

/// The columns of [`Row`], of a table aliased `u`.
macro_rules! columns {
    () => {
        "u.accounts_count, u.transfers_count, u.reconfigs_count, u.reconfigs_reset_at, u.initiations_count, \
         u.initiations_reset_at"
    };
}

/// The SQL types of `columns!`, where there may be no row.
macro_rules! row_type {
    () => {
        (
            Nullable<SmallInt>,
            Nullable<SmallInt>,
            Nullable<SmallInt>,
            Nullable<Integer>,
            Nullable<SmallInt>,
            Nullable<Integer>,
        )
    };
}

pub(crate) use {columns, row_type};

/// A row that may not exist.
pub(crate) type Row = (Option<i16>, Option<i16>, Option<i16>, Option<i32>, Option<i16>, Option<i32>);

/// A missing row means that nothing was counted.
pub(crate) fn from_row(
    (accounts, transfers, reconfigs, reconfigs_reset, initiations, initiations_reset): Row,
) -> Counters {
    let events = |count: Option<i16>, reset_at: Option<i32>| EventCount {
        count: count.unwrap_or_default(),
        reset_at: reset_at.unwrap_or_default(),
    };
    Counters {
        accounts: accounts.unwrap_or_default(),
        transfers: transfers.unwrap_or_default(),
        reconfigs: events(reconfigs, reconfigs_reset),
        initiations: events(initiations, initiations_reset),
    }
}

/// Adds the row of `n(creditor_id, accounts, transfers, reconfigs, initiations, hour, clear_hours)`, if there is one.
macro_rules! upsert {
    () => {
        "INSERT INTO usage_stats AS u \
             (creditor_id, accounts_count, transfers_count, reconfigs_count, reconfigs_reset_at, initiations_count, \
              initiations_reset_at) \
         SELECT n.creditor_id, n.accounts, n.transfers, \
             n.reconfigs, CASE WHEN n.reconfigs = 0 THEN 0 ELSE LEAST(n.hour::bigint + n.clear_hours, 2147483647) END, \
             n.initiations, CASE WHEN n.initiations = 0 THEN 0 ELSE LEAST(n.hour::bigint + n.clear_hours, 2147483647) END \
         FROM n WHERE EXISTS (SELECT FROM creditor AS c WHERE c.creditor_id = n.creditor_id) \
         ON CONFLICT (creditor_id) DO UPDATE SET \
             accounts_count = LEAST(GREATEST(u.accounts_count::integer + excluded.accounts_count, -32768), 32767), \
             transfers_count = LEAST(GREATEST(u.transfers_count::integer + excluded.transfers_count, -32768), 32767), \
             reconfigs_count = CASE \
                 WHEN excluded.reconfigs_count = 0 THEN u.reconfigs_count \
                 WHEN (SELECT n.hour FROM n) < u.reconfigs_reset_at THEN LEAST(u.reconfigs_count::integer + 1, 32767) \
                 ELSE 1 END, \
             reconfigs_reset_at = CASE \
                 WHEN excluded.reconfigs_count = 0 OR (SELECT n.hour FROM n) < u.reconfigs_reset_at \
                 THEN u.reconfigs_reset_at ELSE excluded.reconfigs_reset_at END, \
             initiations_count = CASE \
                 WHEN excluded.initiations_count = 0 THEN u.initiations_count \
                 WHEN (SELECT n.hour FROM n) < u.initiations_reset_at THEN LEAST(u.initiations_count::integer + 1, 32767) \
                 ELSE 1 END, \
             initiations_reset_at = CASE \
                 WHEN excluded.initiations_count = 0 OR (SELECT n.hour FROM n) < u.initiations_reset_at \
                 THEN u.initiations_reset_at ELSE excluded.initiations_reset_at END"
    };
}

pub(crate) use upsert;

statement! {
    struct Register {
        creditor_id: i64 => BigInt,
        accounts: i16 => SmallInt,
        transfers: i16 => SmallInt,
        reconfigs: i16 => SmallInt,
        initiations: i16 => SmallInt,
        hour: i32 => Integer,
        clear_hours: i32 => Integer,
    }
    concat!(
        "WITH n AS (SELECT $1::bigint AS creditor_id, $2::smallint AS accounts, $3::smallint AS transfers, \
             $4::smallint AS reconfigs, $5::smallint AS initiations, $6::integer AS hour, $7::integer AS clear_hours) ",
        upsert!()
    )
}

/// Counts an event, with the commit. Nothing is counted for a creditor that does not exist.
///
/// Others who count for the same creditor wait until the transaction ends: let it be the last write.
pub fn register(tx: &mut Tx, creditor_id: CreditorId, event: Event, clock: Clock) {
    let [accounts, transfers, reconfigs, initiations] = event.changes();
    tx.later(Register {
        creditor_id: creditor_id.get(),
        accounts,
        transfers,
        reconfigs,
        initiations,
        hour: clock.hour.0,
        clear_hours: clock.clear_hours,
    });
}
