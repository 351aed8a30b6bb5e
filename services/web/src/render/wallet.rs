//! Wallets, and what they consist of.

use chrono::TimeDelta;
use domain::{CreditorId, Timestamp as Instant, pin, uris};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    page::{ObjectReference, PaginatedStream},
    timestamp::Timestamp,
};

/// Where everything of a creditor is found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wallet {
    /// `Wallet`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// Its URI.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// The creditor.
    #[schema(read_only)]
    creditor: ObjectReference,
    /// The list of accounts.
    #[schema(read_only)]
    accounts_list: ObjectReference,
    /// The list of transfers.
    #[schema(read_only)]
    transfers_list: ObjectReference,
    /// Where to create accounts.
    #[schema(read_only)]
    create_account: ObjectReference,
    /// Where to create transfers.
    #[schema(read_only)]
    create_transfer: ObjectReference,
    /// Where to find out the debtor of an account.
    #[schema(read_only)]
    account_lookup: ObjectReference,
    /// Where to find the account with a debtor.
    #[schema(read_only)]
    debtor_lookup: ObjectReference,
    /// The PIN.
    #[schema(read_only)]
    pin_info: ObjectReference,
    /// The log of all changes.
    #[schema(read_only)]
    log: PaginatedStream,
    /// Id of the newest log entry; 0 for none.
    #[schema(read_only)]
    log_latest_entry_id: i64,
    /// Days for which log entries are kept.
    #[schema(read_only, format = Int32)]
    log_retention_days: i64,
    /// The PIN is asked for.
    #[schema(read_only)]
    require_pin: bool,
}

impl Wallet {
    /// The wallet of a creditor.
    pub fn new(creditor_id: CreditorId, log_latest_entry_id: i64, log_retention: TimeDelta, require_pin: bool) -> Self {
        let uri = uris::creditor(creditor_id);
        let part = |name| ObjectReference::to(format!("{uri}{name}"));
        Self {
            r#type: "Wallet",
            creditor: part(""),
            accounts_list: part("accounts-list"),
            transfers_list: part("transfers-list"),
            create_account: part("accounts/"),
            create_transfer: part("transfers/"),
            account_lookup: part("account-lookup"),
            debtor_lookup: part("debtor-lookup"),
            pin_info: part("pin"),
            log: PaginatedStream::new("LogEntry", format!("{uri}log"), format!("{uri}log?prev={log_latest_entry_id}")),
            log_latest_entry_id,
            log_retention_days: log_retention.num_days(),
            require_pin,
            uri: uris::wallet(creditor_id),
        }
    }
}

/// Whether the PIN is asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PinInfo {
    /// `PinInfo`
    #[schema(value_type = String, default = "PinInfo", required = false)]
    r#type: &'static str,
    /// Its URI.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// `off`, `on` or `blocked`.
    #[schema(value_type = String, pattern = "^(off|on|blocked)$")]
    status: &'static str,
    /// The wallet.
    #[schema(read_only)]
    wallet: ObjectReference,
    /// Grows with every change.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    latest_update_id: i64,
    /// When it changed.
    #[schema(read_only, value_type = String, format = DateTime)]
    latest_update_at: Timestamp,
}

impl PinInfo {
    /// The PIN of a creditor.
    pub fn new(creditor_id: CreditorId, info: &pin::PinInfo) -> Self {
        Self {
            r#type: "PinInfo",
            uri: uris::pin_info(creditor_id),
            status: match info.status {
                pin::Status::Off => "off",
                pin::Status::On => "on",
                pin::Status::Blocked => "blocked",
            },
            wallet: ObjectReference::to(uris::wallet(creditor_id)),
            latest_update_id: info.latest_update_id,
            latest_update_at: info.latest_update_ts.into(),
        }
    }
}

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident at $uri:path, $pages:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, ToSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            /// The type's name.
            #[schema(read_only, value_type = String)]
            r#type: &'static str,
            /// Its URI.
            #[schema(read_only, format = "uri-reference")]
            uri: String,
            /// The wallet.
            #[schema(read_only)]
            wallet: ObjectReference,
            /// Type of the items.
            #[schema(read_only, value_type = String)]
            items_type: &'static str,
            /// The first page.
            #[schema(read_only, format = "uri-reference")]
            first: String,
            /// Grows with every change.
            #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
            latest_update_id: i64,
            /// When it changed.
            #[schema(read_only, value_type = String, format = DateTime)]
            latest_update_at: Timestamp,
        }

        impl $name {
            /// The list of a creditor.
            pub fn new(creditor_id: CreditorId, latest_update_id: i64, latest_update_ts: Instant) -> Self {
                Self {
                    r#type: stringify!($name),
                    uri: $uri(creditor_id),
                    wallet: ObjectReference::to(uris::wallet(creditor_id)),
                    items_type: "ObjectReference",
                    first: uris::creditor(creditor_id) + $pages,
                    latest_update_id,
                    latest_update_at: latest_update_ts.into(),
                }
            }
        }
    )+};
}

lists! {
    /// The list of a creditor's accounts.
    AccountsList at uris::accounts_list, "accounts/";
    /// The list of a creditor's running transfers.
    TransfersList at uris::transfers_list, "transfers/";
}
