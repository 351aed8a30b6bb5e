//! Writing whole rows of `account_data`.

use chrono::NaiveDate;
use domain::{Timestamp, account::Data};

use crate::{sql::statement, tx::Tx};

/// Declares a statement about whole rows, given as one array for each column, in the order of `columns!`.
macro_rules! rows_statement {
    ($name:ident, $text:expr) => {
        statement! {
            #[derive(Default)]
            struct $name {
                creditor_ids: Vec<i64> => Array<BigInt>,
                debtor_ids: Vec<i64> => Array<BigInt>,
                has_server_account: Vec<bool> => Array<Bool>,
                creation_date: Vec<NaiveDate> => Array<Date>,
                last_change_ts: Vec<Timestamp> => Array<Timestamptz>,
                last_change_seqnum: Vec<i32> => Array<Integer>,
                principal: Vec<i64> => Array<BigInt>,
                interest: Vec<f64> => Array<Double>,
                last_transfer_number: Vec<i64> => Array<BigInt>,
                last_transfer_committed_at: Vec<Timestamp> => Array<Timestamptz>,
                last_heartbeat_ts: Vec<Timestamp> => Array<Timestamptz>,
                last_config_ts: Vec<Timestamp> => Array<Timestamptz>,
                last_config_seqnum: Vec<i32> => Array<Integer>,
                negligible_amount: Vec<f32> => Array<Float>,
                config_flags: Vec<i32> => Array<Integer>,
                config_data: Vec<String> => Array<Text>,
                is_config_effectual: Vec<bool> => Array<Bool>,
                allow_unsafe_deletion: Vec<bool> => Array<Bool>,
                config_error: Vec<Option<String>> => Array<Nullable<Text>>,
                config_latest_update_id: Vec<i64> => Array<BigInt>,
                config_latest_update_ts: Vec<Timestamp> => Array<Timestamptz>,
                interest_rate: Vec<f32> => Array<Float>,
                last_interest_rate_change_ts: Vec<Timestamp> => Array<Timestamptz>,
                transfer_note_max_bytes: Vec<i32> => Array<Integer>,
                account_id: Vec<String> => Array<Text>,
                debtor_info_iri: Vec<Option<String>> => Array<Nullable<Text>>,
                debtor_info_content_type: Vec<Option<String>> => Array<Nullable<Text>>,
                debtor_info_sha256: Vec<Option<Vec<u8>>> => Array<Nullable<Bytea>>,
                info_latest_update_id: Vec<i64> => Array<BigInt>,
                info_latest_update_ts: Vec<Timestamp> => Array<Timestamptz>,
                ledger_principal: Vec<i64> => Array<BigInt>,
                ledger_last_entry_id: Vec<i64> => Array<BigInt>,
                ledger_last_transfer_number: Vec<i64> => Array<BigInt>,
                ledger_pending_transfer_ts: Vec<Option<Timestamp>> => Array<Nullable<Timestamptz>>,
                ledger_latest_update_id: Vec<i64> => Array<BigInt>,
                ledger_latest_update_ts: Vec<Timestamp> => Array<Timestamptz>,
            }
            $text
        }

        impl $name {
            fn push(&mut self, data: &Data) {
                let Data { key, server, config, info, ledger } = data;
                self.creditor_ids.push(key.creditor_id.get());
                self.debtor_ids.push(key.debtor_id.get());
                self.has_server_account.push(server.has_server_account);
                self.creation_date.push(server.creation_date);
                self.last_change_ts.push(server.last_change_ts);
                self.last_change_seqnum.push(server.last_change_seqnum);
                self.principal.push(server.principal);
                self.interest.push(server.interest);
                self.last_transfer_number.push(server.last_transfer_number);
                self.last_transfer_committed_at.push(server.last_transfer_committed_at);
                self.last_heartbeat_ts.push(server.last_heartbeat_ts);
                self.last_config_ts.push(config.last_config_ts);
                self.last_config_seqnum.push(config.last_config_seqnum);
                self.negligible_amount.push(config.negligible_amount);
                self.config_flags.push(config.config_flags);
                self.config_data.push(config.config_data.clone());
                self.is_config_effectual.push(config.is_config_effectual);
                self.allow_unsafe_deletion.push(config.allow_unsafe_deletion);
                self.config_error.push(config.config_error.clone());
                self.config_latest_update_id.push(config.latest_update_id);
                self.config_latest_update_ts.push(config.latest_update_ts);
                self.interest_rate.push(info.interest_rate);
                self.last_interest_rate_change_ts.push(info.last_interest_rate_change_ts);
                self.transfer_note_max_bytes.push(info.transfer_note_max_bytes);
                self.account_id.push(info.account_id.clone());
                self.debtor_info_iri.push(info.debtor_info_iri.clone());
                self.debtor_info_content_type.push(info.debtor_info_content_type.clone());
                self.debtor_info_sha256.push(info.debtor_info_sha256.clone());
                self.info_latest_update_id.push(info.latest_update_id);
                self.info_latest_update_ts.push(info.latest_update_ts);
                self.ledger_principal.push(ledger.principal);
                self.ledger_last_entry_id.push(ledger.last_entry_id);
                self.ledger_last_transfer_number.push(ledger.last_transfer_number);
                self.ledger_pending_transfer_ts.push(ledger.pending_transfer_ts);
                self.ledger_latest_update_id.push(ledger.latest_update_id);
                self.ledger_latest_update_ts.push(ledger.latest_update_ts);
            }
        }
    };
}

rows_statement! {
    Save,
    "UPDATE account_data AS d SET \
         has_server_account = n.has_server_account, creation_date = n.creation_date, \
         last_change_ts = n.last_change_ts, last_change_seqnum = n.last_change_seqnum, principal = n.principal, \
         interest = n.interest, last_transfer_number = n.last_transfer_number, \
         last_transfer_committed_at = n.last_transfer_committed_at, last_heartbeat_ts = n.last_heartbeat_ts, \
         last_config_ts = n.last_config_ts, last_config_seqnum = n.last_config_seqnum, \
         negligible_amount = n.negligible_amount, config_flags = n.config_flags, config_data = n.config_data, \
         is_config_effectual = n.is_config_effectual, allow_unsafe_deletion = n.allow_unsafe_deletion, \
         config_error = n.config_error, config_latest_update_id = n.config_latest_update_id, \
         config_latest_update_ts = n.config_latest_update_ts, interest_rate = n.interest_rate, \
         last_interest_rate_change_ts = n.last_interest_rate_change_ts, \
         transfer_note_max_bytes = n.transfer_note_max_bytes, account_id = n.account_id, \
         debtor_info_iri = n.debtor_info_iri, debtor_info_content_type = n.debtor_info_content_type, \
         debtor_info_sha256 = n.debtor_info_sha256, info_latest_update_id = n.info_latest_update_id, \
         info_latest_update_ts = n.info_latest_update_ts, ledger_principal = n.ledger_principal, \
         ledger_last_entry_id = n.ledger_last_entry_id, \
         ledger_last_transfer_number = n.ledger_last_transfer_number, \
         ledger_pending_transfer_ts = n.ledger_pending_transfer_ts, \
         ledger_latest_update_id = n.ledger_latest_update_id, ledger_latest_update_ts = n.ledger_latest_update_ts \
     FROM unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::date[], $5::timestamptz[], $6::integer[], \
                 $7::bigint[], $8::float8[], $9::bigint[], $10::timestamptz[], $11::timestamptz[], \
                 $12::timestamptz[], $13::integer[], $14::real[], $15::integer[], $16::text[], $17::boolean[], \
                 $18::boolean[], $19::text[], $20::bigint[], $21::timestamptz[], $22::real[], $23::timestamptz[], \
                 $24::integer[], $25::text[], $26::text[], $27::text[], $28::bytea[], $29::bigint[], \
                 $30::timestamptz[], $31::bigint[], $32::bigint[], $33::bigint[], $34::timestamptz[], \
                 $35::bigint[], $36::timestamptz[]) \
         AS n(creditor_id, debtor_id, has_server_account, creation_date, last_change_ts, last_change_seqnum, \
              principal, interest, last_transfer_number, last_transfer_committed_at, last_heartbeat_ts, \
              last_config_ts, last_config_seqnum, negligible_amount, config_flags, config_data, \
              is_config_effectual, allow_unsafe_deletion, config_error, config_latest_update_id, \
              config_latest_update_ts, interest_rate, last_interest_rate_change_ts, transfer_note_max_bytes, \
              account_id, debtor_info_iri, debtor_info_content_type, debtor_info_sha256, info_latest_update_id, \
              info_latest_update_ts, ledger_principal, ledger_last_entry_id, ledger_last_transfer_number, \
              ledger_pending_transfer_ts, ledger_latest_update_id, ledger_latest_update_ts) \
     WHERE d.creditor_id = n.creditor_id AND d.debtor_id = n.debtor_id"
}

rows_statement! {
    Insert,
    "INSERT INTO account_data \
         (creditor_id, debtor_id, has_server_account, creation_date, last_change_ts, last_change_seqnum, \
          principal, interest, last_transfer_number, last_transfer_committed_at, last_heartbeat_ts, \
          last_config_ts, last_config_seqnum, negligible_amount, config_flags, config_data, \
          is_config_effectual, allow_unsafe_deletion, config_error, config_latest_update_id, \
          config_latest_update_ts, interest_rate, last_interest_rate_change_ts, \
          transfer_note_max_bytes, account_id, debtor_info_iri, debtor_info_content_type, \
          debtor_info_sha256, info_latest_update_id, info_latest_update_ts, ledger_principal, \
          ledger_last_entry_id, ledger_last_transfer_number, ledger_pending_transfer_ts, \
          ledger_latest_update_id, ledger_latest_update_ts) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::date[], $5::timestamptz[], \
                          $6::integer[], $7::bigint[], $8::float8[], $9::bigint[], \
                          $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], \
                          $13::integer[], $14::real[], $15::integer[], $16::text[], \
                          $17::boolean[], $18::boolean[], $19::text[], $20::bigint[], \
                          $21::timestamptz[], $22::real[], $23::timestamptz[], \
                          $24::integer[], $25::text[], $26::text[], $27::text[], \
                          $28::bytea[], $29::bigint[], $30::timestamptz[], \
                          $31::bigint[], $32::bigint[], $33::bigint[], \
                          $34::timestamptz[], $35::bigint[], $36::timestamptz[])"
}

/// Inserts the row of a new account, whose row of `account` exists; with the commit.
pub(crate) fn insert(tx: &mut Tx, data: &Data) {
    let mut insert = Insert::default();
    insert.push(data);
    tx.later(insert);
}

/// Writes whole rows that the transaction has locked; with the commit.
pub fn save<'a>(tx: &mut Tx, rows: impl IntoIterator<Item = &'a Data>) {
    let mut save = Save::default();
    for data in rows {
        save.push(data);
    }
    if !save.creditor_ids.is_empty() {
        tx.later(save);
    }
}
