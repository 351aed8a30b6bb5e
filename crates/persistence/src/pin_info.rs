//! PINs (database §4, `pin_info`).

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    CreditorId, Timestamp,
    pin::{Hmac, PinInfo, Salt, Status},
};

use crate::{
    error::{Error, Result},
    sql::statement,
    tx::Tx,
};

/// The columns of [`Row`], of a table aliased `i`.
macro_rules! columns {
    () => {
        "i.status, i.cfa, i.afa, i.afa_last_reset_ts, i.pin_length, i.pin_hmac, i.pin_salt, i.latest_update_id, \
         i.latest_update_ts"
    };
}

pub(crate) use columns;

pub(crate) type Row = (i16, i16, i16, Timestamp, i16, Option<Vec<u8>>, Option<String>, i64, Timestamp);

pub(crate) fn from_row(creditor_id: CreditorId, row: Row) -> Result<PinInfo> {
    let (status, cfa, afa, failures_reset_at, pin_length, hmac, salt, latest_update_id, latest_update_ts) = row;
    let hmac: Option<[u8; 32]> = hmac
        .map(|bytes| <[u8; 32]>::try_from(bytes).or(Err(inconsistent(creditor_id, "an HMAC of another length"))))
        .transpose()?;
    Ok(PinInfo {
        status: status_from(creditor_id, status)?,
        consecutive_failures: cfa,
        accumulated_failures: afa,
        failures_reset_at,
        pin_length,
        pin_hmac: hmac.map(Hmac::new),
        pin_salt: salt.map(Salt::from_text),
        latest_update_id,
        latest_update_ts,
    })
}

pub(crate) fn status_from(creditor_id: CreditorId, code: i16) -> Result<Status> {
    Status::from_code(code).ok_or_else(|| inconsistent(creditor_id, "an unknown status"))
}

fn inconsistent(creditor_id: CreditorId, what: &str) -> Error {
    Error::Inconsistent { table: "pin_info", key: format!("{}, {what}", creditor_id.get()) }
}

statement! {
    struct Get { creditor_id: i64 => BigInt }
    -> (
        SmallInt, SmallInt, SmallInt, Timestamptz, SmallInt, Nullable<Bytea>, Nullable<Text>, BigInt, Timestamptz,
    );
    concat!("SELECT ", columns!(), " FROM pin_info AS i WHERE i.creditor_id = $1")
}

/// The creditor's PIN. Only active creditors have one.
pub async fn get(conn: &mut AsyncPgConnection, creditor_id: CreditorId) -> Result<Option<PinInfo>> {
    let rows: Vec<Row> = Get { creditor_id: creditor_id.get() }.load(conn).await?;
    rows.into_iter().next().map(|row| from_row(creditor_id, row)).transpose()
}

statement! {
    struct Lock { creditor_id: i64 => BigInt }
    -> (BigInt,);
    "SELECT creditor_id FROM pin_info WHERE creditor_id = $1 FOR UPDATE"
}

/// Locks the creditor's PIN, which is going to be removed, if it has one. Whoever relies on the creditor being active
/// has finished then.
pub async fn lock_for_removal(tx: &mut Tx, creditor_id: CreditorId) -> Result<()> {
    let _: Vec<(i64,)> = Lock { creditor_id: creditor_id.get() }.load(&mut **tx).await?;
    Ok(())
}

statement! {
    struct Save {
        status: i16 => SmallInt,
        cfa: i16 => SmallInt,
        afa: i16 => SmallInt,
        failures_reset_at: Timestamp => Timestamptz,
        pin_length: i16 => SmallInt,
        pin_hmac: Option<Vec<u8>> => Nullable<Bytea>,
        pin_salt: Option<String> => Nullable<Text>,
        latest_update_id: i64 => BigInt,
        latest_update_ts: Timestamp => Timestamptz,
        creditor_id: i64 => BigInt,
    }
    "UPDATE pin_info SET status = $1, cfa = $2, afa = $3, afa_last_reset_ts = $4, pin_length = $5, pin_hmac = $6, \
         pin_salt = $7, latest_update_id = $8, latest_update_ts = $9 \
     WHERE creditor_id = $10"
}

/// Writes a row that the transaction has locked; with the commit.
pub fn save(tx: &mut Tx, creditor_id: CreditorId, info: &PinInfo) {
    tx.later(Save {
        status: info.status.code(),
        cfa: info.consecutive_failures,
        afa: info.accumulated_failures,
        failures_reset_at: info.failures_reset_at,
        pin_length: info.pin_length,
        pin_hmac: info.pin_hmac.as_ref().map(|hmac| hmac.as_bytes().to_vec()),
        pin_salt: info.pin_salt.as_ref().map(|salt| salt.as_str().to_owned()),
        latest_update_id: info.latest_update_id,
        latest_update_ts: info.latest_update_ts,
        creditor_id: creditor_id.get(),
    });
}
