//! Retentions, delays, limits, PINs.

use chrono::TimeDelta;

use super::{DAYS, HOURS, MAX_DAYS, MAX_HOURS, MAX_SECONDS, SECONDS};
use crate::config::reader::Reader;
use crate::config::variable::variables;
use crate::config::{Kind, Secret};

const ANY_DAYS: Kind = Kind::Float(-MAX_DAYS, MAX_DAYS);
const ANY_16_BIT: Kind = Kind::Int(-32_768, 32_767);

variables! {
    Policy {
        PIN_PROTECTION_SECRET = "PIN_PROTECTION_SECRET", Kind::Secret, [""],
            "key for the protection of PINs; the same on all shards and for ever";
        PREVIOUS_PIN_SECRET = "PIN_PROTECTION_SECRET_PREVIOUS", Kind::Secret,
            "PINs that were set under this secret are right too; see the documentation of creditors-web";
        LOG_RETENTION = "APP_LOG_RETENTION_DAYS", Kind::Float(30.0, MAX_DAYS), ["45"], "log entries stay so long";
        LEDGER_RETENTION = "APP_LEDGER_RETENTION_DAYS", ANY_DAYS, ["45"], "ledger entries stay so long";
        INACTIVE_RETENTION = "APP_INACTIVE_CREDITOR_RETENTION_DAYS", ANY_DAYS, ["14"],
            "creditors that are not activated stay so long";
        DEACTIVATED_RETENTION = "APP_DEACTIVATED_CREDITOR_RETENTION_DAYS", ANY_DAYS, ["1826"],
            "deactivated creditors stay so long";
        MAX_HEARTBEAT_DELAY = "APP_MAX_HEARTBEAT_DELAY_DAYS", ANY_DAYS, ["365"],
            "an account not heard of for so long is considered lost";
        MAX_TRANSFER_DELAY = "APP_MAX_TRANSFER_DELAY_DAYS", ANY_DAYS, ["14"],
            "a transfer not heard of for so long is considered lost";
        MAX_CONFIG_DELAY = "APP_MAX_CONFIG_DELAY_HOURS", Kind::Float(-MAX_HOURS, MAX_HOURS), ["24"],
            "a configuration not effectual after so long is considered failed";
        PIN_FAILURES_RESET = "APP_PIN_FAILURES_RESET_DAYS", ANY_DAYS, ["7"],
            "failures to enter the PIN are forgotten after so long; negative = always";
        MAX_ACCOUNTS = "APP_MAX_CREDITOR_ACCOUNTS", ANY_16_BIT, ["1000"], "accounts per creditor";
        MAX_TRANSFERS = "APP_MAX_CREDITOR_TRANSFERS", ANY_16_BIT, ["2000"], "transfers per creditor";
        MAX_RECONFIGS = "APP_MAX_CREDITOR_RECONFIGS", ANY_16_BIT, ["5000"], "changes per creditor and clearing period";
        MAX_INITIATIONS = "APP_MAX_CREDITOR_INITIATIONS", ANY_16_BIT, ["2000"],
            "initiated transfers per creditor and clearing period";
        DOS_STATS_CLEAR = "APP_CREDITOR_DOS_STATS_CLEAR_HOURS", Kind::Float(-1e6, 1e6), ["168"],
            "the clearing period of the above, rounded up to hours";
        FINALIZATION_APPROX = "APP_TRANSFERS_FINALIZATION_APPROX_SECONDS", Kind::Float(-MAX_SECONDS, MAX_SECONDS),
            ["20"], "how long a transfer usually takes, which is when clients are told to check";
    }
}

/// Retentions, delays, limits, PINs. Spans of time may be negative, as on the peer implementation.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// HMAC key of the PINs; may be empty.
    pub pin_protection_secret: Secret<String>,
    /// The key that PINs may have been set under before, possibly the empty one.
    pub previous_pin_protection_secret: Option<Secret<String>>,
    /// Log entries stay at least so long; not below 30 days.
    pub log_retention: TimeDelta,
    /// Ledger entries stay at least so long.
    pub ledger_retention: TimeDelta,
    /// Reserved creditors stay so long.
    pub inactive_creditor_retention: TimeDelta,
    /// Deactivated creditors stay so long.
    pub deactivated_creditor_retention: TimeDelta,
    /// An account without heartbeat for so long has a configuration problem.
    pub max_heartbeat_delay: TimeDelta,
    /// Transfers that take longer are considered lost.
    pub max_transfer_delay: TimeDelta,
    /// A configuration that is not effectual after so long is a problem.
    pub max_config_delay: TimeDelta,
    /// PIN failures are forgotten after so long; negative: always.
    pub pin_failures_reset: TimeDelta,
    /// Accounts per creditor; 0 or less forbids.
    pub max_creditor_accounts: i16,
    /// Transfers per creditor; 0 or less forbids.
    pub max_creditor_transfers: i16,
    /// Changes per creditor and clearing period; 0 or less forbids.
    pub max_creditor_reconfigs: i16,
    /// Initiated transfers per creditor and clearing period; 0 or less forbids.
    pub max_creditor_initiations: i16,
    /// The clearing period in whole hours, rounded up (processing §11).
    pub dos_stats_clear_hours: i32,
    /// How long a transfer usually takes.
    pub transfers_finalization_approx: TimeDelta,
}

impl Policy {
    pub(in crate::config) fn read(reader: &mut Reader) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the limits of the variable are far inside of 32 bits")]
        let dos_stats_clear_hours = reader.float(&DOS_STATS_CLEAR).ceil() as i32;
        Self {
            pin_protection_secret: reader.secret(&PIN_PROTECTION_SECRET),
            previous_pin_protection_secret: reader.optional_secret(&PREVIOUS_PIN_SECRET),
            log_retention: reader.span(&LOG_RETENTION, DAYS),
            ledger_retention: reader.span(&LEDGER_RETENTION, DAYS),
            inactive_creditor_retention: reader.span(&INACTIVE_RETENTION, DAYS),
            deactivated_creditor_retention: reader.span(&DEACTIVATED_RETENTION, DAYS),
            max_heartbeat_delay: reader.span(&MAX_HEARTBEAT_DELAY, DAYS),
            max_transfer_delay: reader.span(&MAX_TRANSFER_DELAY, DAYS),
            max_config_delay: reader.span(&MAX_CONFIG_DELAY, HOURS),
            pin_failures_reset: reader.span(&PIN_FAILURES_RESET, DAYS),
            max_creditor_accounts: reader.int(&MAX_ACCOUNTS),
            max_creditor_transfers: reader.int(&MAX_TRANSFERS),
            max_creditor_reconfigs: reader.int(&MAX_RECONFIGS),
            max_creditor_initiations: reader.int(&MAX_INITIATIONS),
            dos_stats_clear_hours,
            transfers_finalization_approx: reader.span(&FINALIZATION_APPROX, SECONDS),
        }
    }
}
