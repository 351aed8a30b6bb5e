//! The Payments Web API as a wallet app uses it: creditors, accounts, payments, logs.
//!
//! Objects hold only what tests and the demo look at (webapi §8).

mod api;
mod follow;
mod login;
mod objects;
mod payments;

pub use api::{Api, Error};
pub use follow::Seen;
pub use login::{Login, Tokens, Wanted};
pub use objects::{
    Account, CommittedTransfer, Ledger, LedgerEntry, LogData, LogEntry, Reference, Transfer, TransferError,
    TransferResult,
};
pub use payments::{Paid, Payment, Payments};

use domain::{AccountKey, CreditorId, DebtorId, swpt_uri, uris};
use objects::{LogPage, Page, Reservation};
use serde_json::{Value, json};
use uuid::Uuid;

/// A creditor, and the API as it sees it.
#[derive(Clone, Debug)]
pub struct Wallet {
    api: Api,
    /// Whose wallet it is, for people.
    pub name: String,
    /// Whose wallet it is.
    pub creditor_id: CreditorId,
}

impl Wallet {
    /// Reserves and activates a new creditor; `api` must be a superuser's.
    pub async fn create(api: &Api, name: &str) -> Result<Self, Error> {
        let reservation: Reservation = api.post("/creditors/.creditor-reserve", &json!({})).await?.object()?;
        let creditor_id = CreditorId::from_unsigned(reservation.creditor_id()?);
        let activate = format!("{}activate", uris::creditor(creditor_id));
        api.post(&activate, &json!({ "reservationId": reservation.reservation_id })).await?.object::<Value>()?;
        Self::of(api, name, creditor_id).await
    }

    /// Activates a new creditor with this id; `api` must be a superuser's.
    pub async fn create_as(api: &Api, name: &str, creditor_id: CreditorId) -> Result<Self, Error> {
        let activate = format!("{}activate", uris::creditor(creditor_id));
        api.post(&activate, &json!({})).await?.object::<Value>()?;
        Self::of(api, name, creditor_id).await
    }

    /// The wallet of a creditor that exists already.
    pub async fn of(api: &Api, name: &str, creditor_id: CreditorId) -> Result<Self, Error> {
        Ok(Self { api: api.of_creditor(creditor_id).await?, name: name.to_owned(), creditor_id })
    }

    /// The same wallet at another web server.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { api: self.api.at(base), ..self.clone() }
    }

    /// Opens an account; fine if there is one.
    pub async fn open_account(&self, debtor_id: DebtorId) -> Result<(), Error> {
        let body = json!({ "type": "DebtorIdentity", "uri": swpt_uri::format_debtor(debtor_id) });
        let path = format!("{}accounts/", uris::creditor(self.creditor_id));
        self.api.post(&path, &body).await.map(drop)
    }

    /// Says from which amount on incoming money is worth being told.
    pub async fn set_negligible_amount(&self, debtor_id: DebtorId, amount: f64) -> Result<(), Error> {
        let config = format!("{}config", self.account_uri(debtor_id));
        let mut body: Value = self.api.get(&config).await?;
        if let Some(object) = body.as_object_mut() {
            let update_id = object.get("latestUpdateId").and_then(Value::as_i64).unwrap_or_default();
            object.retain(|name, _| !matches!(name.as_str(), "uri" | "account" | "latestUpdateAt"));
            object.insert("latestUpdateId".to_owned(), json!(update_id + 1));
            object.insert("negligibleAmount".to_owned(), json!(amount));
        }
        self.api.patch(&config, &body).await.map(drop)
    }

    /// The account with everything in it.
    pub async fn account(&self, debtor_id: DebtorId) -> Result<Account, Error> {
        self.api.get(&self.account_uri(debtor_id)).await
    }

    /// The account's balance.
    pub async fn ledger(&self, debtor_id: DebtorId) -> Result<Ledger, Error> {
        self.api.get(&format!("{}ledger", self.account_uri(debtor_id))).await
    }

    /// All entries of the account's ledger, oldest first.
    pub async fn ledger_entries(&self, debtor_id: DebtorId) -> Result<Vec<LedgerEntry>, Error> {
        let entries = format!("{}entries", self.account_uri(debtor_id));
        let mut query = format!("?prev={}", i64::MAX);
        let mut all = vec![];
        loop {
            let page: Page<LedgerEntry> = self.api.get(&(entries.clone() + &query)).await?;
            all.extend(page.items);
            let Some(next) = page.next else { break };
            query = next;
        }
        all.reverse();
        Ok(all)
    }

    /// A committed transfer, which a ledger or log entry names.
    pub async fn committed_transfer(&self, reference: &Reference) -> Result<CommittedTransfer, Error> {
        self.api.get(&reference.uri).await
    }

    /// Asks for a payment. Asking again for the same changes nothing.
    pub async fn pay(&self, payment: &Payment) -> Result<(), Error> {
        let body = json!({
            "type": "TransferCreationRequest",
            "transferUuid": payment.uuid,
            "recipient": { "type": "AccountIdentity", "uri": payment.recipient },
            "amount": payment.amount,
            "note": payment.note,
        });
        let path = format!("{}transfers/", uris::creditor(self.creditor_id));
        self.api.post(&path, &body).await.map(drop)
    }

    /// What has become of a payment.
    pub async fn transfer(&self, uuid: Uuid) -> Result<Transfer, Error> {
        self.api.get(&uris::transfer(self.creditor_id, uuid)).await
    }

    /// The log's next entries after this one; not all, if there are many.
    pub async fn log_after(&self, entry_id: i64) -> Result<Vec<LogEntry>, Error> {
        let page: LogPage = self.api.get(&format!("{}log?prev={entry_id}", uris::creditor(self.creditor_id))).await?;
        Ok(page.items)
    }

    /// The whole log.
    pub async fn log(&self) -> Result<Vec<LogEntry>, Error> {
        let mut all = self.log_after(0).await?;
        while let Some(last) = all.last().map(|entry| entry.entry_id) {
            let more = self.log_after(last).await?;
            if more.is_empty() {
                break;
            }
            all.extend(more);
        }
        Ok(all)
    }

    fn account_uri(&self, debtor_id: DebtorId) -> String {
        uris::account(AccountKey::new(self.creditor_id, debtor_id))
    }
}
