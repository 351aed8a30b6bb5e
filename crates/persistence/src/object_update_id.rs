//! The sequence of update ids (processing §3): its last value is never below any update id of an account's objects.

use diesel_async::RunQueryDsl;

use crate::{
    error::{Error, Result},
    sql::statement,
    tx::Tx,
};

/// More values than this are not drawn at a time.
const FARTHEST: i64 = 1_000_000;

statement! {
    struct Draw { count: i64 => BigInt }
    -> (BigInt,);
    // The largest value drawn is the last: each call of nextval is a row.
    "SELECT max(n) FROM (SELECT nextval('object_update_id_seq') AS n FROM generate_series(1, $1)) AS drawn"
}

/// Draws `count` values, at least one. Returns the largest.
pub async fn draw(tx: &mut Tx, count: i64) -> Result<i64> {
    let (largest,): (i64,) = Draw { count: count.max(1) }.get_result(&mut **tx).await?;
    Ok(largest)
}

/// Draws values until one is at least `target`.
///
/// The sequence is only as far behind as the ledgers of one transaction have grown. A target that is much farther away is
/// an update id that nobody has given.
pub async fn draw_up_to(tx: &mut Tx, target: i64) -> Result<()> {
    let mut drawn = draw(tx, 1).await?;
    while drawn < target {
        let missing = target.saturating_sub(drawn);
        if missing > FARTHEST {
            let key = format!("ledger_latest_update_id would be {target}, while object_update_id_seq is at {drawn}");
            return Err(Error::Inconsistent { table: "account_data", key });
        }
        drawn = draw(tx, missing).await?;
    }
    Ok(())
}
