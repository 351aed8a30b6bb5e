//! What clients do, shortly.

use chrono::TimeDelta;
use creditors_procedures::{
    accounts,
    client::{Client, Policy, Proof},
    pins, transfers,
};
use domain::{
    AccountKey, Timestamp,
    account::{Appearance, ConfigRequest},
    pin::{ChangeRequest, NewPin, Pin, Salt, Secret, Status},
    transfer::{self, Request},
    usage::Limits,
};
use persistence::account::Account;
use uuid::Uuid;

use super::seed::{C, World};

pub(crate) const LIMITS: Limits = Limits { accounts: 1000, transfers: 2000, reconfigs: 5000, initiations: 2000 };

/// What an operator may have chosen.
pub(crate) fn policy() -> Policy {
    Policy {
        limits: LIMITS,
        clear_hours: 168,
        pin_secret: Secret::new("secret"),
        pin_failures_reset: TimeDelta::days(7),
    }
}

pub(crate) fn forbidding_policy() -> Policy {
    let nothing = Limits { accounts: 0, transfers: 0, reconfigs: 0, initiations: 0 };
    Policy { limits: nothing, ..policy() }
}

/// A client that need not prove anything.
pub(crate) fn trusted(policy: &Policy, now: Timestamp) -> Client<'_> {
    Client { policy, proof: Proof::NotNeeded, now }
}

/// A client that gives a PIN, or none.
pub(crate) fn with_pin<'a>(policy: &'a Policy, pin: Option<&'a Pin>, now: Timestamp) -> Client<'a> {
    Client { policy, proof: Proof::Pin(pin), now }
}

pub(crate) fn pin(digits: &str) -> Pin {
    Pin::parse(digits).unwrap()
}

pub(crate) fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A wish to transfer 1000.
pub(crate) fn payment(account: AccountKey, number: u128) -> Request {
    Request {
        account,
        transfer_uuid: uuid(number),
        amount: 1000,
        recipient_uri: "swpt:5/bob".to_owned(),
        recipient: "bob".to_owned(),
        transfer_note_format: "json".to_owned(),
        transfer_note: "{}".to_owned(),
        deadline: None,
        final_interest_rate_ts: transfer::default_final_interest_rate_ts(),
        locked_amount: 0,
    }
}

pub(crate) fn named(name: &str) -> Appearance {
    Appearance { debtor_name: Some(name.to_owned()), ..Appearance::default() }
}

pub(crate) fn scheduled_for_deletion(latest_update_id: i64) -> ConfigRequest {
    ConfigRequest {
        scheduled_for_deletion: true,
        negligible_amount: 1e30,
        allow_unsafe_deletion: false,
        config_data: String::new(),
        latest_update_id,
    }
}

impl World {
    /// Creates an account as a client does.
    pub(crate) async fn open_account(&self, key: AccountKey) -> Account {
        let policy = policy();
        match accounts::create(&self.db, trusted(&policy, self.now), key).await.unwrap() {
            accounts::Creation::Created(account) => *account,
            accounts::Creation::Exists => panic!("the account exists"),
        }
    }

    pub(crate) async fn account(&self, key: AccountKey) -> Account {
        persistence::account::get(&mut self.db.conn().await.unwrap(), key).await.unwrap().unwrap()
    }

    pub(crate) async fn name_account(&self, key: AccountKey, name: &str) {
        let policy = policy();
        let latest_update_id = self.account(key).await.display.latest_update_id + 1;
        let request = accounts::display::Request { appearance: named(name), latest_update_id };
        accounts::display::update(&self.db, trusted(&policy, self.now), key, &request).await.unwrap();
    }

    pub(crate) async fn pay(&self, request: &Request) -> transfers::Creation {
        let policy = policy();
        transfers::create(&self.db, trusted(&policy, self.now), request).await.unwrap()
    }

    /// Switches the PIN on.
    pub(crate) async fn set_pin(&self, digits: &str) {
        let policy = policy();
        let new_pin = NewPin::new(&pin(digits), Salt::from_random([1, 2, 3, 4, 5, 6]), &policy.pin_secret);
        let now = persistence::pin_info::get(&mut self.db.conn().await.unwrap(), C).await.unwrap().unwrap();
        let request = ChangeRequest::new(Status::On, Some(new_pin), now.latest_update_id + 1).unwrap();
        pins::update(&self.db, trusted(&policy, self.now), C, &request).await.unwrap();
    }

    /// The creditor's counters: accounts, transfers, configuration changes, initiations.
    pub(crate) async fn counters(&self) -> Vec<String> {
        self.rows("SELECT accounts_count, transfers_count, reconfigs_count, initiations_count FROM usage_stats").await
    }
}
