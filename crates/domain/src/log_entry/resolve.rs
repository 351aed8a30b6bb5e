//! What an entry says to the client (processing §2).

use std::borrow::Cow;

use super::{AccountObject, Hint, LogEntry};
use crate::{AccountKey, DebtorId, Timestamp, uris, uris::Slug};

/// The object an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object<'a> {
    /// Its type.
    pub object_type: Cow<'a, str>,
    /// Its URI.
    pub uri: Cow<'a, str>,
}

/// What an entry tells about the new state of its object; at least one field is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFields<'a> {
    /// `principal` of a ledger.
    pub principal: Option<i64>,
    /// `nextEntryId` of a ledger.
    pub next_entry_id: Option<i64>,
    /// `firstPage` of a ledger; present when `next_entry_id` is.
    pub first_page: Option<String>,
    /// `finalizedAt` of a transfer.
    pub finalized_at: Option<Timestamp>,
    /// `errorCode` of a transfer.
    pub error_code: Option<&'a str>,
}

impl LogEntry {
    /// Type and URI of the object; `None` for a damaged row, in which neither is told or derivable.
    pub fn object(&self) -> Option<Object<'_>> {
        if let (Some(object_type), Some(uri)) = (&self.object_type, &self.object_uri) {
            return Some(Object { object_type: object_type.into(), uri: uri.into() });
        }
        let hint = self.object_type_hint.and_then(Hint::from_code)?;
        let uri = match hint {
            Hint::Transfer => uris::transfer(self.creditor_id, self.transfer_uuid?),
            Hint::TransfersList => uris::transfers_list(self.creditor_id),
            Hint::CommittedTransfer => {
                let slug = Slug { creation_date: self.creation_date?, transfer_number: self.transfer_number? };
                uris::committed_transfer(self.account()?, slug)
            }
            Hint::AccountLedger => AccountObject::Ledger.uri(self.account()?),
        };
        Some(Object { object_type: hint.type_name().into(), uri: uri.into() })
    }

    /// Whether the object was deleted.
    pub fn is_deletion(&self) -> bool {
        self.is_deleted == Some(true)
    }

    /// Whether the object was created.
    pub fn is_creation(&self) -> bool {
        !self.is_deletion() && self.object_update_id.is_none_or(|id| id == 1)
    }

    /// The `data` object for the client, when the row has no ready-made one; `None` if there is nothing to tell.
    pub fn data_fields(&self) -> Option<DataFields<'_>> {
        let any = self.data_principal.is_some()
            || self.data_next_entry_id.is_some()
            || self.data_finalized_at.is_some()
            || self.data_error_code.is_some();
        (any && !self.is_deletion()).then(|| DataFields {
            principal: self.data_principal,
            next_entry_id: self.data_next_entry_id,
            first_page: self.data_next_entry_id.and_then(|id| self.first_page(id)),
            finalized_at: self.data_finalized_at,
            error_code: self.data_error_code.as_deref(),
        })
    }

    /// Typed rows of older versions may tell the ledger's URI but not the debtor.
    fn first_page(&self, next_entry_id: i64) -> Option<String> {
        let from_uri = || {
            let account_uri = self.object_uri.as_deref()?.strip_suffix("ledger")?;
            Some(format!("{account_uri}entries?prev={next_entry_id}"))
        };
        self.account().map(|account| uris::ledger_entries(account, next_entry_id)).or_else(from_uri)
    }

    fn account(&self) -> Option<AccountKey> {
        Some(AccountKey::new(self.creditor_id, DebtorId::new(self.debtor_id?)))
    }
}
