//! Server accounts that were removed (processing §4.3).

use super::{Changed, Data};
use crate::{Timestamp, incoming::AccountPurge};

/// Records that the server account is gone; `None` if it was known, or a newer one has been created since.
pub fn apply_purge(mut data: Data, message: &AccountPurge, now: Timestamp) -> Option<Changed> {
    let server = &mut data.server;
    if data.key != message.account || !server.has_server_account || server.creation_date > message.creation_date {
        return None;
    }
    server.has_server_account = false;
    server.principal = 0;
    server.interest = 0.0;
    Some(Changed::new(data, now))
}
