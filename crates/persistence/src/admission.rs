//! What decides whether a client's request is let in: the first statement of its transaction.
//!
//! Design notes: the PIN is locked before anything that belongs to an account or a transfer. Whoever waits for it holds
//! no other lock, so that somebody who tries PINs cannot hold up messages about the creditor's accounts. Deactivation,
//! which removes the PIN before the accounts' parts, takes them in the same order.

use diesel_async::RunQueryDsl;
use domain::{CreditorId, Timestamp, creditor::StatusFlags, pin::PinInfo, usage::Counters};

use crate::{
    error::{Error, Result},
    pin_info,
    sql::statement,
    tx::SharedTx,
    usage_stats,
};

/// What is known of a client before its wish is looked at.
#[derive(Clone, Debug)]
pub struct Admission {
    /// What the creditor has done so far.
    pub usage: Counters,
    /// The creditor's status, if it exists.
    pub status: Option<StatusFlags>,
    /// The creditor's PIN, if it exists and was asked for.
    pub pin: Option<PinInfo>,
}

type PinRow = (
    Option<i16>,
    Option<i16>,
    Option<i16>,
    Option<Timestamp>,
    Option<i16>,
    Option<Vec<u8>>,
    Option<String>,
    Option<i64>,
    Option<Timestamp>,
);

type Row = (usage_stats::Row, Option<i16>, PinRow, i64);

macro_rules! admission {
    ($(#[$doc:meta])* $name:ident, pin: $pin:literal, number: $number:literal) => {
        statement! {
            $(#[$doc])*
            struct $name { creditor_id: i64 => BigInt }
            -> (
                usage_stats::row_type!(),
                Nullable<SmallInt>,
                (
                    Nullable<SmallInt>,
                    Nullable<SmallInt>,
                    Nullable<SmallInt>,
                    Nullable<Timestamptz>,
                    Nullable<SmallInt>,
                    Nullable<Bytea>,
                    Nullable<Text>,
                    Nullable<BigInt>,
                    Nullable<Timestamptz>,
                ),
                BigInt,
            );
            concat!(
                "WITH k AS (SELECT $1::bigint AS creditor_id), i AS ( \
                     SELECT * FROM pin_info AS i WHERE i.creditor_id = (SELECT k.creditor_id FROM k) ", $pin,
                ") \
                 SELECT ", usage_stats::columns!(), ", c.status_flags, ", pin_info::columns!(), ", ", $number, " \
                 FROM k LEFT JOIN i ON true \
                     LEFT JOIN creditor AS c ON c.creditor_id = k.creditor_id \
                     LEFT JOIN usage_stats AS u ON u.creditor_id = k.creditor_id"
            )
        }
    };
}

admission! { OpenPart, pin: "AND false", number: "nextval('object_update_id_seq')" }
admission! { GuardedPart, pin: "FOR NO KEY UPDATE OF i", number: "nextval('object_update_id_seq')" }
// Sharing the key keeps the creditor from being deactivated meanwhile, and holds up nobody else.
admission! { OpenTransfer, pin: "FOR KEY SHARE OF i", number: "nextval('coordinator_request_id_seq')" }
admission! { GuardedTransfer, pin: "FOR NO KEY UPDATE OF i", number: "nextval('coordinator_request_id_seq')" }
admission! { PinChange, pin: "FOR NO KEY UPDATE OF i", number: "0::bigint" }

/// For a change of a part of an account. Draws from `object_update_id_seq` (processing §3).
///
/// With `ask_pin` the PIN is locked; otherwise it is left alone.
pub async fn to_account_part(tx: SharedTx<'_>, creditor_id: CreditorId, ask_pin: bool) -> Result<Admission> {
    let id = creditor_id.get();
    let row: Row = if ask_pin {
        GuardedPart { creditor_id: id }.get_result(&mut tx.connection()).await?
    } else {
        OpenPart { creditor_id: id }.get_result(&mut tx.connection()).await?
    };
    Ok(from_row(creditor_id, row)?.0)
}

/// For a new transfer. Draws its coordinator request id.
///
/// With `ask_pin` the PIN is locked; otherwise it is only kept from being removed.
pub async fn to_transfers(tx: SharedTx<'_>, creditor_id: CreditorId, ask_pin: bool) -> Result<(Admission, i64)> {
    let id = creditor_id.get();
    let row: Row = if ask_pin {
        GuardedTransfer { creditor_id: id }.get_result(&mut tx.connection()).await?
    } else {
        OpenTransfer { creditor_id: id }.get_result(&mut tx.connection()).await?
    };
    from_row(creditor_id, row)
}

/// For a change of the PIN, which is locked.
pub async fn to_pin(tx: SharedTx<'_>, creditor_id: CreditorId) -> Result<Admission> {
    let row: Row = PinChange { creditor_id: creditor_id.get() }.get_result(&mut tx.connection()).await?;
    Ok(from_row(creditor_id, row)?.0)
}

fn from_row(creditor_id: CreditorId, (usage, status, pin, number): Row) -> Result<(Admission, i64)> {
    let admission = Admission {
        usage: usage_stats::from_row(usage),
        status: status.map(StatusFlags::from_bits),
        pin: pin_from(creditor_id, pin)?,
    };
    Ok((admission, number))
}

/// `None` if there is no row.
fn pin_from(creditor_id: CreditorId, row: PinRow) -> Result<Option<PinInfo>> {
    let (status, cfa, afa, reset_at, length, hmac, salt, update_id, update_ts) = row;
    let Some(status) = status else { return Ok(None) };
    let rest = (|| Some((cfa?, afa?, reset_at?, length?, update_id?, update_ts?)))();
    let (cfa, afa, reset_at, length, update_id, update_ts) =
        rest.ok_or_else(|| Error::Inconsistent { table: "pin_info", key: creditor_id.get().to_string() })?;
    let row = (status, cfa, afa, reset_at, length, hmac, salt, update_id, update_ts);
    pin_info::from_row(creditor_id, row).map(Some)
}
