//! The entry written for each event.

use uuid::Uuid;

use super::{AccountObject, Hint, LogEntry};
use crate::{AccountKey, CreditorId, Timestamp, ledger, transfer::RunningTransfer, update_id, uris, uris::Slug};

/// Entries in the typed form.
impl LogEntry {
    /// An account or a part of it was created or changed.
    pub fn account_object(object: AccountObject, account: AccountKey, update_id: i64, at: Timestamp) -> Self {
        Self::typed(account.creditor_id, object.type_name(), object.uri(account), update_id, at)
    }

    /// An account or a part of it was deleted.
    pub fn account_object_deleted(object: AccountObject, account: AccountKey, update_id: i64, at: Timestamp) -> Self {
        Self { is_deleted: Some(true), ..Self::account_object(object, account, update_id, at) }
    }

    /// An account was added to, or removed from, the creditor's list.
    pub fn accounts_list(creditor_id: CreditorId, update_id: i64, at: Timestamp) -> Self {
        Self::typed(creditor_id, "AccountsList", uris::accounts_list(creditor_id), update_id, at)
    }

    /// The creditor's PIN was changed.
    pub fn pin_info(creditor_id: CreditorId, update_id: i64, at: Timestamp) -> Self {
        Self::typed(creditor_id, "PinInfo", uris::pin_info(creditor_id), update_id, at)
    }

    fn typed(creditor_id: CreditorId, object_type: &str, uri: String, update_id: i64, at: Timestamp) -> Self {
        Self {
            object_type: Some(object_type.to_owned()),
            object_uri: Some(uri),
            object_update_id: Some(update_id),
            ..Self::blank(creditor_id, at)
        }
    }
}

/// Entries in the hinted form.
impl LogEntry {
    /// A running transfer was created or finalised.
    pub fn transfer(row: &RunningTransfer) -> Self {
        Self {
            object_update_id: Some(row.latest_update_id),
            data_finalized_at: row.finalized_at,
            data_error_code: row.error_code.clone(),
            ..Self::about_transfer(row.account.creditor_id, row.transfer_uuid, row.latest_update_ts)
        }
    }

    /// A running transfer was deleted.
    pub fn transfer_deleted(creditor_id: CreditorId, transfer_uuid: Uuid, at: Timestamp) -> Self {
        Self { is_deleted: Some(true), ..Self::about_transfer(creditor_id, transfer_uuid, at) }
    }

    /// A transfer was added to, or removed from, the creditor's list.
    pub fn transfers_list(creditor_id: CreditorId, update_id: i64, at: Timestamp) -> Self {
        Self { object_update_id: Some(update_id), ..Self::hinted(Hint::TransfersList, creditor_id, at) }
    }

    /// A committed transfer became known.
    pub fn committed_transfer(account: AccountKey, slug: Slug, at: Timestamp) -> Self {
        Self {
            debtor_id: Some(account.debtor_id.get()),
            creation_date: Some(slug.creation_date),
            transfer_number: Some(slug.transfer_number),
            ..Self::hinted(Hint::CommittedTransfer, account.creditor_id, at)
        }
    }

    /// An account's ledger got the given head.
    pub fn account_ledger(account: AccountKey, head: &ledger::Head) -> Self {
        Self {
            object_update_id: Some(head.latest_update_id),
            debtor_id: Some(account.debtor_id.get()),
            data_principal: Some(head.principal),
            data_next_entry_id: Some(update_id::next(head.last_entry_id)),
            ..Self::hinted(Hint::AccountLedger, account.creditor_id, head.latest_update_ts)
        }
    }

    fn about_transfer(creditor_id: CreditorId, transfer_uuid: Uuid, at: Timestamp) -> Self {
        Self { transfer_uuid: Some(transfer_uuid), ..Self::hinted(Hint::Transfer, creditor_id, at) }
    }

    fn hinted(hint: Hint, creditor_id: CreditorId, at: Timestamp) -> Self {
        Self { object_type_hint: Some(hint.code()), ..Self::blank(creditor_id, at) }
    }

    fn blank(creditor_id: CreditorId, added_at: Timestamp) -> Self {
        Self {
            creditor_id,
            added_at,
            object_type: None,
            object_uri: None,
            object_update_id: None,
            is_deleted: None,
            object_type_hint: None,
            debtor_id: None,
            creation_date: None,
            transfer_number: None,
            transfer_uuid: None,
            data_principal: None,
            data_next_entry_id: None,
            data_finalized_at: None,
            data_error_code: None,
        }
    }
}
