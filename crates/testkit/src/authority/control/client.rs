//! Commands from another process.

use reqwest::{Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::views::{AccountView, Answering, Debtor, InterestRate, Issue};

/// Gives commands to an authority by HTTP.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

/// A command that got no good answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The authority refused it.
    #[error("the authority answered {status}: {body}")]
    Refused {
        /// HTTP status.
        status: StatusCode,
        /// What it said.
        body: String,
    },
    /// The authority did not answer, or not in a way to be understood.
    #[error("no usable answer from the authority")]
    Http(#[from] reqwest::Error),
}

impl Client {
    /// A client of the control server at `base`, as `http://127.0.0.1:8090`.
    pub fn new(base: &str) -> Self {
        Self { http: crate::http::client(), base: base.trim_end_matches('/').to_owned() }
    }

    /// Whether the authority answers and works.
    pub async fn is_healthy(&self) -> bool {
        let answer = self.http.get(format!("{}/health", self.base)).send().await;
        answer.is_ok_and(|response| response.status().is_success())
    }

    /// All accounts, by creditor and debtor.
    pub async fn accounts(&self) -> Result<Vec<AccountView>, ClientError> {
        read(self.http.get(format!("{}/accounts", self.base)).send().await?).await
    }

    /// How much time it has taken for its answers.
    pub async fn answering(&self) -> Result<Answering, ClientError> {
        read(self.http.get(format!("{}/answering", self.base)).send().await?).await
    }

    /// Makes money and gives it to an account.
    pub async fn issue(&self, issue: Issue) -> Result<AccountView, ClientError> {
        self.post("issue", &issue).await
    }

    /// Sets a debtor's interest rate.
    pub async fn set_interest_rate(&self, rate: InterestRate) -> Result<(), ClientError> {
        self.post::<serde_json::Value>("interest-rate", &rate).await.map(drop)
    }

    /// Pays the interest that has accumulated on a debtor's accounts.
    pub async fn pay_interest(&self, debtor: Debtor) -> Result<(), ClientError> {
        self.post::<serde_json::Value>("interest-payments", &debtor).await.map(drop)
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &(impl Serialize + Sync)) -> Result<T, ClientError> {
        read(self.http.post(format!("{}/{path}", self.base)).json(body).send().await?).await
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, ClientError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response.json().await?);
    }
    Err(ClientError::Refused { status, body: response.text().await? })
}
