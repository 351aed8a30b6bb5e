//! Who plays in the demo and in the tests of whole stacks: two creditors and the debtor whose money they use.

mod audit;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use domain::{AccountKey, CreditorId, DebtorId};

use super::stack::Addresses;
use crate::{
    authority::control::{Client, Issue},
    database, invariants,
    wallet::{Account, Api, Paid, Payment, Wallet},
};

pub use audit::Finding;

/// Who pays.
const BUYER: &str = "Ana";
/// Who is paid.
const SELLER: &str = "Boris";
/// Whose money it is.
const DEBTOR: DebtorId = DebtorId::new(1_000_001);
/// How much of it there is.
const ISSUED: i64 = 1_000_000;
/// How often is looked for news while nothing is measured.
const LOOK: Duration = Duration::from_millis(10);
/// For how long anything that should happen at once is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// All that play, and what is behind the scene.
pub struct Cast {
    /// Whose money it is.
    pub debtor: DebtorId,
    /// All the money that there is.
    pub issued: i64,
    /// Who has it in the beginning.
    pub buyer: Wallet,
    /// Who is paid.
    pub seller: Wallet,
    /// Where the buyer and the seller can be sent money to.
    pub identities: [String; 2],
    /// The simulated authority.
    pub authority: Client,
    /// For looking at what the API does not show.
    pub database: tokio_postgres::Client,
}

impl Cast {
    /// Creates the creditors on a running stack, opens their accounts, and gives the buyer all the money.
    pub async fn enter(addresses: &Addresses) -> Result<Self> {
        let superuser = superuser(addresses).await?;
        let wallets = tokio::try_join!(Wallet::create(&superuser, BUYER), Wallet::create(&superuser, SELLER))?;
        Self::equip(addresses, wallets).await
    }

    /// The same with these ids, which nobody may have yet.
    pub async fn enter_as(addresses: &Addresses, [buyer, seller]: [CreditorId; 2]) -> Result<Self> {
        let superuser = superuser(addresses).await?;
        let buyer = Wallet::create_as(&superuser, BUYER, buyer);
        let wallets = tokio::try_join!(buyer, Wallet::create_as(&superuser, SELLER, seller))?;
        Self::equip(addresses, wallets).await
    }

    async fn equip(addresses: &Addresses, (buyer, seller): (Wallet, Wallet)) -> Result<Self> {
        tokio::try_join!(open_account(&buyer), open_account(&seller))?;
        let identities = [identity(&buyer).await?, identity(&seller).await?];
        let authority = Client::new(&addresses.authority);
        let creditor_id = buyer.creditor_id.get();
        authority.issue(Issue { debtor_id: DEBTOR.get(), creditor_id, amount: ISSUED }).await?;
        until(&buyer, "the money to be in the ledger", |account| account.ledger.principal == ISSUED).await?;
        let database = database::connect(&addresses.postgres).await?;
        Ok(Self { debtor: DEBTOR, issued: ISSUED, buyer, seller, identities, authority, database })
    }

    /// Both wallets, the buyer's first.
    pub fn wallets(&self) -> [&Wallet; 2] {
        [&self.buyer, &self.seller]
    }

    /// A wallet's account.
    pub fn account(&self, wallet: &Wallet) -> AccountKey {
        AccountKey::new(wallet.creditor_id, self.debtor)
    }

    /// Where money for the seller is sent to.
    pub fn recipient(&self) -> &str {
        &self.identities[1]
    }

    /// Waits until nothing is under way.
    pub async fn rest(&self) -> Result<()> {
        invariants::rest(&self.database, PATIENCE).await
    }

    /// Opens the connection to the database again, if there was something that has closed it.
    pub async fn reconnect(&mut self, addresses: &Addresses) -> Result<()> {
        if self.database.is_closed() {
            self.database = database::connect(&addresses.postgres).await?;
        }
        Ok(())
    }

    /// The buyer pays the seller.
    pub async fn pay_once(&self, amount: i64, note: &str) -> Result<Paid> {
        let payment = Payment::new(self.recipient(), amount, note);
        Ok(self.buyer.pay_and_wait(payment, Duration::from_millis(1), PATIENCE).await?)
    }
}

async fn superuser(addresses: &Addresses) -> Result<Api> {
    match &addresses.authorization {
        None => Ok(Api::of_superuser(&addresses.api)?),
        Some(authorization) => Api::of_superuser_with_token(&addresses.api, authorization).await,
    }
}

async fn open_account(wallet: &Wallet) -> Result<()> {
    wallet.open_account(DEBTOR).await?;
    wallet.set_negligible_amount(DEBTOR, 1.0).await?;
    Ok(())
}

/// The account's identity, as soon as the authority has given it one.
async fn identity(wallet: &Wallet) -> Result<String> {
    let account = until(wallet, "an identity", |account| account.identity().is_some()).await?;
    account.identity().map(str::to_owned).context("an account has lost its identity")
}

async fn until(wallet: &Wallet, what: &str, condition: impl Fn(&Account) -> bool) -> Result<Account> {
    let began = Instant::now();
    loop {
        let account = wallet.account(DEBTOR).await?;
        if condition(&account) {
            return Ok(account);
        }
        if began.elapsed() > PATIENCE {
            bail!("{} has waited for {what} for {} s", wallet.name, PATIENCE.as_secs());
        }
        tokio::time::sleep(LOOK).await;
    }
}
