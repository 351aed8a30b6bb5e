-- How tables are stored and vacuumed. What is written from now on is stored so; nothing is written anew.
ALTER TABLE creditor SET (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.08,
    autovacuum_vacuum_insert_scale_factor = 0.08
);
ALTER TABLE pin_info SET (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.08,
    autovacuum_vacuum_insert_scale_factor = 0.2
);
ALTER TABLE usage_stats SET (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.08,
    autovacuum_vacuum_insert_scale_factor = 0.2
);
ALTER TABLE account SET (
    fillfactor = 100,
    autovacuum_vacuum_threshold = 10000,
    autovacuum_vacuum_scale_factor = 0.001,
    autovacuum_vacuum_insert_threshold = 10000,
    autovacuum_vacuum_insert_scale_factor = 0.001
);
ALTER TABLE account_data SET (
    toast_tuple_target = 600,
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.08,
    autovacuum_vacuum_insert_scale_factor = 0.2
);
ALTER TABLE account_knowledge SET (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.08,
    autovacuum_vacuum_insert_scale_factor = 0.2
);
ALTER TABLE account_exchange SET (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.08,
    autovacuum_vacuum_insert_scale_factor = 0.2
);
ALTER TABLE account_display SET (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.08,
    autovacuum_vacuum_insert_scale_factor = 0.2
);
ALTER TABLE pending_ledger_update SET (
    fillfactor = 100,
    autovacuum_vacuum_cost_delay = 0.0,
    autovacuum_vacuum_insert_threshold = -1
);
ALTER TABLE ledger_entry SET (
    toast_tuple_target = 128,
    fillfactor = 100,
    autovacuum_vacuum_threshold = 10000,
    autovacuum_vacuum_scale_factor = 0.002,
    autovacuum_vacuum_insert_threshold = 10000,
    autovacuum_vacuum_insert_scale_factor = 0.000125
);
ALTER TABLE committed_transfer SET (
    toast_tuple_target = 200,
    fillfactor = 100,
    autovacuum_vacuum_threshold = 10000,
    autovacuum_vacuum_scale_factor = 0.002,
    autovacuum_vacuum_insert_threshold = 10000,
    autovacuum_vacuum_insert_scale_factor = 0.00025
);
ALTER TABLE running_transfer SET (
    fillfactor = 100,
    autovacuum_vacuum_threshold = 30000,
    autovacuum_vacuum_scale_factor = 0.004,
    autovacuum_vacuum_insert_threshold = 10000,
    autovacuum_vacuum_insert_scale_factor = 0.004
);
ALTER TABLE log_entry SET (
    toast_tuple_target = 200,
    fillfactor = 100,
    autovacuum_vacuum_threshold = 10000,
    autovacuum_vacuum_scale_factor = 0.002,
    autovacuum_vacuum_insert_threshold = 10000,
    autovacuum_vacuum_insert_scale_factor = 0.00025
);
ALTER TABLE pending_log_entry SET (
    fillfactor = 100,
    autovacuum_vacuum_cost_delay = 0.0,
    autovacuum_vacuum_insert_threshold = -1
);
ALTER TABLE configure_account_signal SET (
    fillfactor = 100,
    autovacuum_vacuum_cost_delay = 0.0,
    autovacuum_vacuum_insert_threshold = -1
);
ALTER TABLE prepare_transfer_signal SET (
    fillfactor = 100,
    autovacuum_vacuum_cost_delay = 0.0,
    autovacuum_vacuum_insert_threshold = -1
);
ALTER TABLE finalize_transfer_signal SET (
    fillfactor = 100,
    autovacuum_vacuum_cost_delay = 0.0,
    autovacuum_vacuum_insert_threshold = -1
);
ALTER TABLE updated_ledger_signal SET (
    fillfactor = 100,
    autovacuum_vacuum_cost_delay = 0.0,
    autovacuum_vacuum_insert_threshold = -1
);
ALTER TABLE updated_policy_signal SET (
    fillfactor = 100,
    autovacuum_vacuum_cost_delay = 0.0,
    autovacuum_vacuum_insert_threshold = -1
);
ALTER TABLE updated_flags_signal SET (
    fillfactor = 100,
    autovacuum_vacuum_cost_delay = 0.0,
    autovacuum_vacuum_insert_threshold = -1
);
ALTER TABLE rejected_config_signal SET (
    fillfactor = 100,
    autovacuum_vacuum_cost_delay = 0.0,
    autovacuum_vacuum_insert_threshold = -1
);
ALTER TABLE account_data ALTER COLUMN config_data SET STORAGE EXTERNAL;
ALTER TABLE committed_transfer ALTER COLUMN transfer_note SET STORAGE EXTERNAL;
ALTER TABLE running_transfer ALTER COLUMN transfer_note SET STORAGE EXTERNAL;
