-- Queues are analyzed like other tables.
ALTER TABLE pending_ledger_update RESET (autovacuum_analyze_threshold);
ALTER TABLE pending_log_entry RESET (autovacuum_analyze_threshold);
ALTER TABLE configure_account_signal RESET (autovacuum_analyze_threshold);
ALTER TABLE prepare_transfer_signal RESET (autovacuum_analyze_threshold);
ALTER TABLE finalize_transfer_signal RESET (autovacuum_analyze_threshold);
ALTER TABLE updated_ledger_signal RESET (autovacuum_analyze_threshold);
ALTER TABLE updated_policy_signal RESET (autovacuum_analyze_threshold);
ALTER TABLE updated_flags_signal RESET (autovacuum_analyze_threshold);
ALTER TABLE rejected_config_signal RESET (autovacuum_analyze_threshold);
