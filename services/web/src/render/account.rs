//! Accounts.

use domain::{DebtorId, account::Data, interest::Basis, uris};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    config::AccountConfig,
    display::AccountDisplay,
    exchange::AccountExchange,
    identities::DebtorIdentity,
    info::AccountInfo,
    knowledge::{AccountKnowledge, AccountKnowledgeSchema},
    ledger::AccountLedger,
    page::ObjectReference,
    timestamp::Timestamp,
};
use crate::ApiError;

/// An account.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Account {
    /// `Account`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// Its URI.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// The list to which it belongs.
    #[schema(read_only)]
    accounts_list: ObjectReference,
    /// Whose currency it holds.
    #[schema(read_only)]
    debtor: DebtorIdentity,
    /// When it was created.
    #[schema(read_only, value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Its configuration.
    #[schema(read_only)]
    config: AccountConfig,
    /// How it is shown.
    #[schema(read_only)]
    display: AccountDisplay,
    /// How it takes part in circular trade.
    #[schema(read_only)]
    exchange: AccountExchange,
    /// What its server tells.
    #[schema(read_only)]
    info: AccountInfo,
    /// What the client has noted.
    #[schema(read_only, value_type = AccountKnowledgeSchema)]
    knowledge: AccountKnowledge,
    /// Its ledger.
    #[schema(read_only)]
    ledger: AccountLedger,
    /// Grows with every change.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    latest_update_id: i64,
    /// When it changed.
    #[schema(read_only, value_type = String, format = DateTime)]
    latest_update_at: Timestamp,
}

impl Account {
    /// The account, with all of its parts, as it stands `now`.
    pub fn new(account: persistence::account::Account, now: domain::Timestamp) -> Result<Self, ApiError> {
        let persistence::account::Account { data, notes, .. } = account;
        let key = data.key;
        Ok(Self {
            r#type: "Account",
            uri: uris::account(key),
            accounts_list: ObjectReference::to(uris::accounts_list(key.creditor_id)),
            debtor: DebtorIdentity::new(key.debtor_id),
            created_at: account.created_at.into(),
            ledger: AccountLedger::new(key, &data.ledger, interest_basis(&data), now),
            info: AccountInfo::new(key, &data.server, &data.config, data.info),
            config: AccountConfig::new(key, data.config),
            display: AccountDisplay::new(key, account.display),
            exchange: AccountExchange::new(key, account.exchange),
            knowledge: AccountKnowledge::new(key, &notes)?,
            latest_update_id: account.latest_update_id,
            latest_update_at: account.latest_update_ts.into(),
        })
    }
}

/// What the interest of an account is calculated from.
pub fn interest_basis(data: &Data) -> Basis {
    Basis {
        principal: data.server.principal,
        interest: data.server.interest,
        interest_rate: data.info.interest_rate,
        last_change_ts: data.server.last_change_ts,
    }
}

/// The item of the page of accounts: relative to the page.
pub fn item(debtor_id: DebtorId) -> ObjectReference {
    ObjectReference::to(format!("{}/", debtor_id.unsigned()))
}
