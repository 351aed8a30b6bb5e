//! What the operator may choose (webapi §17).

use chrono::TimeDelta;
use domain::Shard;

/// Settings of the Web API, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The creditors this shard is responsible for.
    pub shard: Shard,
    /// Answer browsers of other origins (`APP_ENABLE_CORS`).
    pub enable_cors: bool,
    /// Longest request body in bytes (`MAX_CONTENT_LENGTH`).
    pub max_content_length: usize,
    /// Most creditors on a page (`APP_CREDITORS_PER_PAGE`).
    pub creditors_per_page: usize,
    /// Most log entries on a page (`APP_LOG_ENTRIES_PER_PAGE`).
    pub log_entries_per_page: usize,
    /// Most ledger entries on a page (`APP_LEDGER_ENTRIES_PER_PAGE`).
    pub ledger_entries_per_page: usize,
    /// Most accounts on a page (`APP_ACCOUNTS_PER_PAGE`).
    pub accounts_per_page: usize,
    /// Most transfers on a page (`APP_TRANSFERS_PER_PAGE`).
    pub transfers_per_page: usize,
    /// For how long log entries are kept (`APP_LOG_RETENTION_DAYS`).
    pub log_retention: TimeDelta,
    /// For how long a reservation is kept (`APP_INACTIVE_CREDITOR_RETENTION_DAYS`).
    pub reservation_retention: TimeDelta,
    /// How long a transfer usually takes (`APP_TRANSFERS_FINALIZATION_APPROX_SECONDS`).
    pub usual_transfer_duration: TimeDelta,
}

impl Settings {
    /// The defaults, for the creditors of `shard`.
    pub fn new(shard: Shard) -> Self {
        Self {
            shard,
            enable_cors: false,
            max_content_length: 20480,
            creditors_per_page: 2000,
            log_entries_per_page: 100,
            ledger_entries_per_page: 100,
            accounts_per_page: 50,
            transfers_per_page: 50,
            log_retention: TimeDelta::days(45),
            reservation_retention: TimeDelta::days(14),
            usual_transfer_duration: TimeDelta::seconds(20),
        }
    }
}
