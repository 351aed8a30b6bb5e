//! The tables, as far as diesel has to know them (database §4). Their meaning is told in `migrations/`.
//!
//! `account_data` appears three times, each time with the columns of one of its parts and what belongs to it: diesel
//! compiles tables above 32 columns very slowly. Two of the three can not be joined in one query, since they are one
//! table under one name; load them one after the other, or by a hand-written statement.

diesel::table! {
    /// Reserved and activated creditors.
    creditor (creditor_id) {
        creditor_id -> BigInt,
        status_flags -> SmallInt,
        created_at -> Timestamptz,
        reservation_id -> Nullable<BigInt>,
        last_log_entry_id -> BigInt,
        creditor_latest_update_id -> BigInt,
        creditor_latest_update_ts -> Timestamptz,
        accounts_list_latest_update_id -> BigInt,
        accounts_list_latest_update_ts -> Timestamptz,
        transfers_list_latest_update_id -> BigInt,
        transfers_list_latest_update_ts -> Timestamptz,
        deactivation_date -> Nullable<Date>,
        largest_historic_ledger_entry_id -> BigInt,
    }
}

diesel::table! {
    /// PINs of active creditors.
    pin_info (creditor_id) {
        creditor_id -> BigInt,
        status -> SmallInt,
        cfa -> SmallInt,
        afa -> SmallInt,
        afa_last_reset_ts -> Timestamptz,
        pin_length -> SmallInt,
        pin_hmac -> Nullable<Binary>,
        latest_update_id -> BigInt,
        latest_update_ts -> Timestamptz,
        pin_salt -> Nullable<Text>,
    }
}

diesel::table! {
    /// Counters against abuse.
    usage_stats (creditor_id) {
        creditor_id -> BigInt,
        accounts_count -> SmallInt,
        transfers_count -> SmallInt,
        reconfigs_count -> SmallInt,
        reconfigs_reset_at -> Integer,
        initiations_count -> SmallInt,
        initiations_reset_at -> Integer,
    }
}

diesel::table! {
    /// Which accounts exist.
    account (creditor_id, debtor_id) {
        creditor_id -> BigInt,
        debtor_id -> BigInt,
        created_at -> Timestamptz,
        latest_update_id -> BigInt,
        latest_update_ts -> Timestamptz,
    }
}

diesel::table! {
    /// The configuration, and whether its server has taken it over.
    #[sql_name = "account_data"]
    account_config (creditor_id, debtor_id) {
        creditor_id -> BigInt,
        debtor_id -> BigInt,
        last_config_ts -> Timestamptz,
        last_config_seqnum -> Integer,
        negligible_amount -> Float,
        config_flags -> Integer,
        config_data -> Text,
        is_config_effectual -> Bool,
        allow_unsafe_deletion -> Bool,
        has_server_account -> Bool,
        config_error -> Nullable<Text>,
        config_latest_update_id -> BigInt,
        config_latest_update_ts -> Timestamptz,
    }
}

diesel::table! {
    /// What the holder is told about the account, and what makes its deletion safe.
    #[sql_name = "account_data"]
    account_info (creditor_id, debtor_id) {
        creditor_id -> BigInt,
        debtor_id -> BigInt,
        config_flags -> Integer,
        is_config_effectual -> Bool,
        has_server_account -> Bool,
        config_error -> Nullable<Text>,
        interest_rate -> Float,
        last_interest_rate_change_ts -> Timestamptz,
        transfer_note_max_bytes -> Integer,
        account_id -> Text,
        debtor_info_iri -> Nullable<Text>,
        debtor_info_content_type -> Nullable<Text>,
        debtor_info_sha256 -> Nullable<Binary>,
        info_latest_update_id -> BigInt,
        info_latest_update_ts -> Timestamptz,
    }
}

diesel::table! {
    /// The head of the ledger, the server's view of the account, and what interest is calculated from.
    #[sql_name = "account_data"]
    account_ledger (creditor_id, debtor_id) {
        creditor_id -> BigInt,
        debtor_id -> BigInt,
        creation_date -> Date,
        last_change_ts -> Timestamptz,
        last_change_seqnum -> Integer,
        principal -> BigInt,
        interest -> Double,
        last_transfer_number -> BigInt,
        last_transfer_committed_at -> Timestamptz,
        last_heartbeat_ts -> Timestamptz,
        interest_rate -> Float,
        account_id -> Text,
        ledger_principal -> BigInt,
        ledger_last_entry_id -> BigInt,
        ledger_last_transfer_number -> BigInt,
        ledger_pending_transfer_ts -> Nullable<Timestamptz>,
        ledger_latest_update_id -> BigInt,
        ledger_latest_update_ts -> Timestamptz,
    }
}

diesel::table! {
    /// JSON kept by clients.
    account_knowledge (creditor_id, debtor_id) {
        creditor_id -> BigInt,
        debtor_id -> BigInt,
        data -> Json,
        latest_update_id -> BigInt,
        latest_update_ts -> Timestamptz,
    }
}

diesel::table! {
    /// Policies for automatic exchanges.
    account_exchange (creditor_id, debtor_id) {
        creditor_id -> BigInt,
        debtor_id -> BigInt,
        policy -> Nullable<Text>,
        min_principal -> BigInt,
        max_principal -> BigInt,
        peg_exchange_rate -> Nullable<Double>,
        peg_debtor_id -> Nullable<BigInt>,
        latest_update_id -> BigInt,
        latest_update_ts -> Timestamptz,
    }
}

diesel::table! {
    /// How accounts are shown.
    account_display (creditor_id, debtor_id) {
        creditor_id -> BigInt,
        debtor_id -> BigInt,
        debtor_name -> Nullable<Text>,
        amount_divisor -> Double,
        decimal_places -> Integer,
        unit -> Nullable<Text>,
        known_debtor -> Bool,
        latest_update_id -> BigInt,
        latest_update_ts -> Timestamptz,
    }
}

diesel::table! {
    /// Work queue: ledgers to bring forward.
    pending_ledger_update (creditor_id, debtor_id) {
        creditor_id -> BigInt,
        debtor_id -> BigInt,
    }
}

diesel::table! {
    /// Ledgers.
    ledger_entry (creditor_id, debtor_id, entry_id) {
        creditor_id -> BigInt,
        debtor_id -> BigInt,
        entry_id -> BigInt,
        creation_date -> Nullable<Date>,
        transfer_number -> Nullable<BigInt>,
        acquired_amount -> BigInt,
        principal -> BigInt,
        added_at -> Timestamptz,
    }
}

diesel::table! {
    /// `AccountTransfer` messages received.
    committed_transfer (creditor_id, debtor_id, creation_date, transfer_number) {
        creditor_id -> BigInt,
        debtor_id -> BigInt,
        creation_date -> Date,
        transfer_number -> BigInt,
        acquired_amount -> BigInt,
        principal -> BigInt,
        committed_at -> Timestamptz,
        previous_transfer_number -> BigInt,
        coordinator_type -> Text,
        sender -> Text,
        recipient -> Text,
        transfer_note_format -> Text,
        transfer_note -> Text,
    }
}

diesel::table! {
    /// Transfers initiated by clients.
    running_transfer (creditor_id, transfer_uuid) {
        creditor_id -> BigInt,
        transfer_uuid -> Uuid,
        debtor_id -> BigInt,
        amount -> BigInt,
        recipient_uri -> Text,
        recipient -> Text,
        transfer_note_format -> Text,
        transfer_note -> Text,
        initiated_at -> Timestamptz,
        finalized_at -> Nullable<Timestamptz>,
        error_code -> Nullable<Text>,
        total_locked_amount -> Nullable<BigInt>,
        deadline -> Nullable<Timestamptz>,
        locked_amount -> BigInt,
        coordinator_request_id -> BigInt,
        transfer_id -> Nullable<BigInt>,
        latest_update_id -> BigInt,
        latest_update_ts -> Timestamptz,
        final_interest_rate_ts -> Timestamptz,
    }
}

diesel::table! {
    /// Logs.
    log_entry (creditor_id, entry_id) {
        added_at -> Timestamptz,
        object_type -> Nullable<Text>,
        object_uri -> Nullable<Text>,
        object_update_id -> Nullable<BigInt>,
        is_deleted -> Nullable<Bool>,
        data -> Nullable<Json>,
        object_type_hint -> Nullable<SmallInt>,
        debtor_id -> Nullable<BigInt>,
        creation_date -> Nullable<Date>,
        transfer_number -> Nullable<BigInt>,
        transfer_uuid -> Nullable<Uuid>,
        data_principal -> Nullable<BigInt>,
        data_next_entry_id -> Nullable<BigInt>,
        data_finalized_at -> Nullable<Timestamptz>,
        data_error_code -> Nullable<Text>,
        creditor_id -> BigInt,
        entry_id -> BigInt,
    }
}

diesel::table! {
    /// Work queue: log entries without a number.
    pending_log_entry (creditor_id, pending_entry_id) {
        added_at -> Timestamptz,
        object_type -> Nullable<Text>,
        object_uri -> Nullable<Text>,
        object_update_id -> Nullable<BigInt>,
        is_deleted -> Nullable<Bool>,
        data -> Nullable<Json>,
        object_type_hint -> Nullable<SmallInt>,
        debtor_id -> Nullable<BigInt>,
        creation_date -> Nullable<Date>,
        transfer_number -> Nullable<BigInt>,
        transfer_uuid -> Nullable<Uuid>,
        data_principal -> Nullable<BigInt>,
        data_next_entry_id -> Nullable<BigInt>,
        data_finalized_at -> Nullable<Timestamptz>,
        data_error_code -> Nullable<Text>,
        creditor_id -> BigInt,
        pending_entry_id -> BigInt,
    }
}

diesel::table! {
    /// Outbox: `ConfigureAccount`.
    configure_account_signal (creditor_id, debtor_id, ts, seqnum) {
        inserted_at -> Timestamptz,
        creditor_id -> BigInt,
        debtor_id -> BigInt,
        ts -> Timestamptz,
        seqnum -> Integer,
        negligible_amount -> Float,
        config_data -> Text,
        config_flags -> Integer,
    }
}

diesel::table! {
    /// Outbox: `PrepareTransfer`.
    prepare_transfer_signal (creditor_id, coordinator_request_id) {
        inserted_at -> Timestamptz,
        creditor_id -> BigInt,
        coordinator_request_id -> BigInt,
        debtor_id -> BigInt,
        recipient -> Text,
        locked_amount -> BigInt,
        max_commit_delay -> Integer,
        final_interest_rate_ts -> Timestamptz,
    }
}

diesel::table! {
    /// Outbox: `FinalizeTransfer`.
    finalize_transfer_signal (creditor_id, signal_id) {
        inserted_at -> Timestamptz,
        creditor_id -> BigInt,
        signal_id -> BigInt,
        debtor_id -> BigInt,
        transfer_id -> BigInt,
        coordinator_id -> BigInt,
        coordinator_request_id -> BigInt,
        committed_amount -> BigInt,
        transfer_note_format -> Text,
        transfer_note -> Text,
    }
}

diesel::table! {
    /// Outbox: `UpdatedLedger`.
    updated_ledger_signal (creditor_id, debtor_id, update_id) {
        creditor_id -> BigInt,
        debtor_id -> BigInt,
        update_id -> BigInt,
        creation_date -> Date,
        account_id -> Text,
        principal -> BigInt,
        last_transfer_number -> BigInt,
        ts -> Timestamptz,
        inserted_at -> Timestamptz,
    }
}

diesel::table! {
    /// Outbox: `UpdatedPolicy`.
    updated_policy_signal (creditor_id, debtor_id, update_id) {
        creditor_id -> BigInt,
        debtor_id -> BigInt,
        update_id -> BigInt,
        policy_name -> Nullable<Text>,
        min_principal -> BigInt,
        max_principal -> BigInt,
        peg_exchange_rate -> Nullable<Double>,
        peg_debtor_id -> Nullable<BigInt>,
        ts -> Timestamptz,
        inserted_at -> Timestamptz,
    }
}

diesel::table! {
    /// Outbox: `UpdatedFlags`.
    updated_flags_signal (creditor_id, debtor_id, update_id) {
        creditor_id -> BigInt,
        debtor_id -> BigInt,
        update_id -> BigInt,
        config_flags -> Integer,
        ts -> Timestamptz,
        inserted_at -> Timestamptz,
    }
}

diesel::table! {
    /// Outbox: `RejectedConfig`.
    rejected_config_signal (debtor_id, creditor_id, signal_id) {
        debtor_id -> BigInt,
        creditor_id -> BigInt,
        signal_id -> BigInt,
        config_ts -> Timestamptz,
        config_seqnum -> Integer,
        config_flags -> Integer,
        config_data -> Text,
        negligible_amount -> Float,
        rejection_code -> Text,
        inserted_at -> Timestamptz,
    }
}

diesel::table! {
    /// Revision of the schema.
    alembic_version (version_num) {
        version_num -> Text,
    }
}

diesel::joinable!(pin_info -> creditor (creditor_id));
diesel::joinable!(usage_stats -> creditor (creditor_id));
diesel::joinable!(account -> creditor (creditor_id));
diesel::joinable!(running_transfer -> creditor (creditor_id));

// The parts of an account have a key of two columns: join them with `on`.
diesel::allow_tables_to_appear_in_same_query!(
    creditor,
    pin_info,
    usage_stats,
    account,
    account_knowledge,
    account_exchange,
    account_display,
    pending_ledger_update,
    running_transfer,
);
diesel::allow_tables_to_appear_in_same_query!(account_config, creditor);
diesel::allow_tables_to_appear_in_same_query!(account_config, account);
diesel::allow_tables_to_appear_in_same_query!(account_config, account_knowledge);
diesel::allow_tables_to_appear_in_same_query!(account_config, account_exchange);
diesel::allow_tables_to_appear_in_same_query!(account_config, account_display);
diesel::allow_tables_to_appear_in_same_query!(account_config, pending_ledger_update);
diesel::allow_tables_to_appear_in_same_query!(account_info, creditor);
diesel::allow_tables_to_appear_in_same_query!(account_info, account);
diesel::allow_tables_to_appear_in_same_query!(account_info, account_knowledge);
diesel::allow_tables_to_appear_in_same_query!(account_info, account_exchange);
diesel::allow_tables_to_appear_in_same_query!(account_info, account_display);
diesel::allow_tables_to_appear_in_same_query!(account_info, pending_ledger_update);
diesel::allow_tables_to_appear_in_same_query!(account_ledger, creditor);
diesel::allow_tables_to_appear_in_same_query!(account_ledger, account);
diesel::allow_tables_to_appear_in_same_query!(account_ledger, account_knowledge);
diesel::allow_tables_to_appear_in_same_query!(account_ledger, account_exchange);
diesel::allow_tables_to_appear_in_same_query!(account_ledger, account_display);
diesel::allow_tables_to_appear_in_same_query!(account_ledger, pending_ledger_update);
