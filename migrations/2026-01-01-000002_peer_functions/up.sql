-- Composite types and functions for the peer implementation, which may work on the same database: it passes row keys
-- as arrays of the `_pktype` types and calls the functions by default. Our own code uses neither.
--
-- Names, signatures and meaning are fixed; the bodies are ours. The chapters named are those of the specification's
-- `database.md` and `processing.md`.


-- The primary keys of the tables of the same name, in key order

CREATE TYPE creditor_pktype AS (creditor_id bigint);

CREATE TYPE account_data_pktype AS (creditor_id bigint, debtor_id bigint);

CREATE TYPE ledger_entry_pktype AS (creditor_id bigint, debtor_id bigint, entry_id bigint);

CREATE TYPE committed_transfer_pktype AS (
    creditor_id bigint, debtor_id bigint, creation_date date, transfer_number bigint
);

CREATE TYPE log_entry_pktype AS (creditor_id bigint, entry_id bigint);

CREATE TYPE configure_account_signal_pktype AS (
    creditor_id bigint, debtor_id bigint, ts timestamptz, seqnum integer
);

CREATE TYPE prepare_transfer_signal_pktype AS (creditor_id bigint, coordinator_request_id bigint);

CREATE TYPE finalize_transfer_signal_pktype AS (creditor_id bigint, signal_id bigint);

CREATE TYPE updated_ledger_signal_pktype AS (creditor_id bigint, debtor_id bigint, update_id bigint);

CREATE TYPE updated_policy_signal_pktype AS (creditor_id bigint, debtor_id bigint, update_id bigint);

CREATE TYPE updated_flags_signal_pktype AS (creditor_id bigint, debtor_id bigint, update_id bigint);

CREATE TYPE rejected_config_signal_pktype AS (debtor_id bigint, creditor_id bigint, signal_id bigint);


-- What the ledger functions hand to each other

CREATE TYPE account_ledger_data AS (
    creditor_id                 bigint,
    debtor_id                   bigint,
    creation_date               date,
    principal                   bigint,
    account_id                  varchar,
    ledger_principal            bigint,
    ledger_last_entry_id        bigint,
    ledger_last_transfer_number bigint,
    ledger_latest_update_id     bigint,
    ledger_latest_update_ts     timestamptz,
    ledger_pending_transfer_ts  timestamptz,
    last_transfer_number        bigint,
    last_transfer_committed_at  timestamptz
);

CREATE TYPE pending_log_entry_result AS (
    creditor_id        bigint,
    added_at           timestamptz,
    object_type_hint   smallint,
    debtor_id          bigint,
    object_update_id   bigint,
    data_principal     bigint,
    data_next_entry_id bigint
);

CREATE TYPE make_correcting_ledger_entry_result AS (
    data                         account_ledger_data,
    made_correcting_ledger_entry boolean
);

CREATE TYPE update_ledger_result AS (
    data      account_ledger_data,
    log_entry pending_log_entry_result
);


-- Usage counters (database §7, processing §10)
--
-- Counts stop at the ends of `smallint`. Nobody needs to wait for the disk for them: losing the last ones in a crash
-- is acceptable. A row that cannot be inserted (somebody else just did, or there is no such creditor) is not counted.

-- May this creditor open one more account?
CREATE FUNCTION is_account_creation_allowed(cid bigint, max_accounts smallint, max_reconfigs smallint)
RETURNS boolean AS $$
DECLARE
    this_hour constant bigint := floor(extract(epoch FROM current_timestamp) / 3600);
BEGIN
    RETURN max_accounts > 0
        AND max_reconfigs > 0
        AND NOT EXISTS (
            SELECT
            FROM usage_stats
            WHERE creditor_id = cid
                AND (
                    accounts_count >= max_accounts
                    OR CASE WHEN this_hour < reconfigs_reset_at THEN reconfigs_count ELSE 0 END >= max_reconfigs
                )
        );
END;
$$ LANGUAGE plpgsql;

-- May this creditor change one more setting?
CREATE FUNCTION is_account_reconfig_allowed(cid bigint, max_reconfigs smallint)
RETURNS boolean AS $$
DECLARE
    this_hour constant bigint := floor(extract(epoch FROM current_timestamp) / 3600);
BEGIN
    RETURN max_reconfigs > 0
        AND NOT EXISTS (
            SELECT
            FROM usage_stats
            WHERE creditor_id = cid
                AND CASE WHEN this_hour < reconfigs_reset_at THEN reconfigs_count ELSE 0 END >= max_reconfigs
        );
END;
$$ LANGUAGE plpgsql;

-- May this creditor initiate one more transfer?
CREATE FUNCTION is_transfer_creation_allowed(cid bigint, max_transfers smallint, max_initiations smallint)
RETURNS boolean AS $$
DECLARE
    this_hour constant bigint := floor(extract(epoch FROM current_timestamp) / 3600);
BEGIN
    RETURN max_transfers > 0
        AND max_initiations > 0
        AND NOT EXISTS (
            SELECT
            FROM usage_stats
            WHERE creditor_id = cid
                AND (
                    transfers_count >= max_transfers
                    OR CASE WHEN this_hour < initiations_reset_at THEN initiations_count ELSE 0 END >= max_initiations
                )
        );
END;
$$ LANGUAGE plpgsql;

-- Counts one more account and one more change of settings.
CREATE FUNCTION register_account_creation(cid bigint, reconfig_clear_hours integer)
RETURNS void AS $$
DECLARE
    this_hour constant bigint := floor(extract(epoch FROM current_timestamp) / 3600);
    next_reset constant integer := LEAST(this_hour + reconfig_clear_hours, 2147483647);
BEGIN
    SET LOCAL synchronous_commit = off;

    UPDATE usage_stats
    SET accounts_count = LEAST(accounts_count + 1, 32767),
        reconfigs_count = CASE WHEN this_hour < reconfigs_reset_at THEN LEAST(reconfigs_count + 1, 32767) ELSE 1 END,
        reconfigs_reset_at = CASE WHEN this_hour < reconfigs_reset_at THEN reconfigs_reset_at ELSE next_reset END
    WHERE creditor_id = cid;

    IF NOT FOUND THEN
        BEGIN
            INSERT INTO usage_stats (creditor_id, accounts_count, reconfigs_count, reconfigs_reset_at)
            VALUES (cid, 1, 1, next_reset);
        EXCEPTION WHEN unique_violation OR foreign_key_violation THEN
            NULL;
        END;
    END IF;
END;
$$ LANGUAGE plpgsql;

-- Counts one more change of settings.
CREATE FUNCTION register_account_reconfig(cid bigint, reconfig_clear_hours integer)
RETURNS void AS $$
DECLARE
    this_hour constant bigint := floor(extract(epoch FROM current_timestamp) / 3600);
    next_reset constant integer := LEAST(this_hour + reconfig_clear_hours, 2147483647);
BEGIN
    SET LOCAL synchronous_commit = off;

    UPDATE usage_stats
    SET reconfigs_count = CASE WHEN this_hour < reconfigs_reset_at THEN LEAST(reconfigs_count + 1, 32767) ELSE 1 END,
        reconfigs_reset_at = CASE WHEN this_hour < reconfigs_reset_at THEN reconfigs_reset_at ELSE next_reset END
    WHERE creditor_id = cid;

    IF NOT FOUND THEN
        BEGIN
            INSERT INTO usage_stats (creditor_id, reconfigs_count, reconfigs_reset_at)
            VALUES (cid, 1, next_reset);
        EXCEPTION WHEN unique_violation OR foreign_key_violation THEN
            NULL;
        END;
    END IF;
END;
$$ LANGUAGE plpgsql;

-- Counts one more transfer and one more initiation.
CREATE FUNCTION register_transfer_creation(cid bigint, initiations_clear_hours integer)
RETURNS void AS $$
DECLARE
    this_hour constant bigint := floor(extract(epoch FROM current_timestamp) / 3600);
    next_reset constant integer := LEAST(this_hour + initiations_clear_hours, 2147483647);
BEGIN
    SET LOCAL synchronous_commit = off;

    UPDATE usage_stats
    SET transfers_count = LEAST(transfers_count + 1, 32767),
        initiations_count = CASE
            WHEN this_hour < initiations_reset_at THEN LEAST(initiations_count + 1, 32767) ELSE 1
        END,
        initiations_reset_at = CASE WHEN this_hour < initiations_reset_at THEN initiations_reset_at ELSE next_reset END
    WHERE creditor_id = cid;

    IF NOT FOUND THEN
        BEGIN
            INSERT INTO usage_stats (creditor_id, transfers_count, initiations_count, initiations_reset_at)
            VALUES (cid, 1, 1, next_reset);
        EXCEPTION WHEN unique_violation OR foreign_key_violation THEN
            NULL;
        END;
    END IF;
END;
$$ LANGUAGE plpgsql;

-- Counts one more account.
CREATE FUNCTION increment_account_number(cid bigint)
RETURNS void AS $$
BEGIN
    SET LOCAL synchronous_commit = off;

    UPDATE usage_stats SET accounts_count = LEAST(accounts_count + 1, 32767) WHERE creditor_id = cid;

    IF NOT FOUND THEN
        BEGIN
            INSERT INTO usage_stats (creditor_id, accounts_count) VALUES (cid, 1);
        EXCEPTION WHEN unique_violation OR foreign_key_violation THEN
            NULL;
        END;
    END IF;
END;
$$ LANGUAGE plpgsql;

-- Counts one account less.
CREATE FUNCTION decrement_account_number(cid bigint)
RETURNS void AS $$
BEGIN
    SET LOCAL synchronous_commit = off;

    UPDATE usage_stats SET accounts_count = GREATEST(accounts_count - 1, -32768) WHERE creditor_id = cid;

    IF NOT FOUND THEN
        BEGIN
            INSERT INTO usage_stats (creditor_id, accounts_count) VALUES (cid, -1);
        EXCEPTION WHEN unique_violation OR foreign_key_violation THEN
            NULL;
        END;
    END IF;
END;
$$ LANGUAGE plpgsql;

-- Counts one more transfer.
CREATE FUNCTION increment_transfer_number(cid bigint)
RETURNS void AS $$
BEGIN
    SET LOCAL synchronous_commit = off;

    UPDATE usage_stats SET transfers_count = LEAST(transfers_count + 1, 32767) WHERE creditor_id = cid;

    IF NOT FOUND THEN
        BEGIN
            INSERT INTO usage_stats (creditor_id, transfers_count) VALUES (cid, 1);
        EXCEPTION WHEN unique_violation OR foreign_key_violation THEN
            NULL;
        END;
    END IF;
END;
$$ LANGUAGE plpgsql;

-- Counts one transfer less.
CREATE FUNCTION decrement_transfer_number(cid bigint)
RETURNS void AS $$
BEGIN
    SET LOCAL synchronous_commit = off;

    UPDATE usage_stats SET transfers_count = GREATEST(transfers_count - 1, -32768) WHERE creditor_id = cid;

    IF NOT FOUND THEN
        BEGIN
            INSERT INTO usage_stats (creditor_id, transfers_count) VALUES (cid, -1);
        EXCEPTION WHEN unique_violation OR foreign_key_violation THEN
            NULL;
        END;
    END IF;
END;
$$ LANGUAGE plpgsql;


-- Log additions (processing §8)

-- Moves the creditor's pending entries to the log, numbered without gaps in the order in which they were enqueued.
-- A created or deleted transfer brings an entry for the list of transfers with it. Without a creditor the entries are
-- dropped.
CREATE FUNCTION process_pending_log_entries(cid bigint)
RETURNS void AS $$
DECLARE
    owner creditor%ROWTYPE;
    entry pending_log_entry%ROWTYPE;
    owner_exists boolean;
BEGIN
    SELECT * INTO owner FROM creditor WHERE creditor_id = cid FOR NO KEY UPDATE;
    owner_exists := FOUND;

    FOR entry IN
        SELECT * FROM pending_log_entry WHERE creditor_id = cid ORDER BY pending_entry_id FOR UPDATE SKIP LOCKED
    LOOP
        IF owner_exists THEN
            owner.last_log_entry_id := owner.last_log_entry_id + 1;
            INSERT INTO log_entry (
                creditor_id, entry_id, added_at, object_type, object_uri, object_update_id, is_deleted, data,
                object_type_hint, debtor_id, creation_date, transfer_number, transfer_uuid, data_principal,
                data_next_entry_id, data_finalized_at, data_error_code
            )
            VALUES (
                cid, owner.last_log_entry_id, entry.added_at, entry.object_type, entry.object_uri,
                entry.object_update_id, entry.is_deleted, entry.data, entry.object_type_hint, entry.debtor_id,
                entry.creation_date, entry.transfer_number, entry.transfer_uuid, entry.data_principal,
                entry.data_next_entry_id, entry.data_finalized_at, entry.data_error_code
            );

            IF (entry.object_type = 'Transfer' OR (entry.object_type IS NULL AND entry.object_type_hint = 1))
                AND (coalesce(entry.is_deleted, false) OR coalesce(entry.object_update_id, 1) = 1)
            THEN
                owner.last_log_entry_id := owner.last_log_entry_id + 1;
                owner.transfers_list_latest_update_id := owner.transfers_list_latest_update_id + 1;
                owner.transfers_list_latest_update_ts := entry.added_at;
                INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type_hint, object_update_id)
                VALUES (
                    cid, owner.last_log_entry_id, owner.transfers_list_latest_update_ts, 2,
                    owner.transfers_list_latest_update_id
                );
            END IF;
        END IF;

        DELETE FROM pending_log_entry WHERE creditor_id = cid AND pending_entry_id = entry.pending_entry_id;
    END LOOP;

    UPDATE creditor
    SET last_log_entry_id = owner.last_log_entry_id,
        transfers_list_latest_update_id = owner.transfers_list_latest_update_id,
        transfers_list_latest_update_ts = owner.transfers_list_latest_update_ts
    WHERE creditor_id = cid AND last_log_entry_id <> owner.last_log_entry_id;
END;
$$ LANGUAGE plpgsql;


-- Ledger updates (processing §7)

-- The value, or the end of the range of amounts that is nearest to it. The range is symmetric: it lacks the lowest
-- `bigint`.
CREATE FUNCTION contain_principal_overflow(value numeric)
RETURNS bigint AS $$
BEGIN
    RETURN CASE
        WHEN value < -9223372036854775807 THEN -9223372036854775807
        WHEN value > 9223372036854775807 THEN 9223372036854775807
        ELSE value
    END;
END;
$$ LANGUAGE plpgsql;

-- Brings the ledger to the principal it must have before a transfer, by entries that no transfer explains. When that
-- principal is not a `bigint`, the server has capped an overflow, and there is nothing to correct.
CREATE FUNCTION make_correcting_ledger_entry_if_necessary(
    INOUT data account_ledger_data,
    acquired_amount bigint,
    principal bigint,
    current_ts timestamptz,
    OUT made_correcting_ledger_entry boolean
) AS $$
DECLARE
    previous_principal constant numeric := principal::numeric - acquired_amount;
    correction bigint;
BEGIN
    made_correcting_ledger_entry := false;

    IF previous_principal BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
        WHILE data.ledger_principal <> previous_principal LOOP
            correction := contain_principal_overflow(previous_principal - data.ledger_principal);
            data.ledger_last_entry_id := data.ledger_last_entry_id + 1;
            data.ledger_principal := data.ledger_principal + correction;
            INSERT INTO ledger_entry (creditor_id, debtor_id, entry_id, acquired_amount, principal, added_at)
            VALUES (
                data.creditor_id, data.debtor_id, data.ledger_last_entry_id, correction, data.ledger_principal,
                current_ts
            );
            made_correcting_ledger_entry := true;
        END LOOP;
    END IF;
END;
$$ LANGUAGE plpgsql;

-- Takes one transfer (or, with an acquired amount of 0, only a principal and a number) into the ledger. `log_entry`
-- stays NULL when the ledger got no new entry.
CREATE FUNCTION update_ledger(
    INOUT data account_ledger_data,
    transfer_number bigint,
    acquired_amount bigint,
    principal bigint,
    current_ts timestamptz,
    OUT log_entry pending_log_entry_result
) AS $$
DECLARE
    correcting make_correcting_ledger_entry_result;
BEGIN
    SELECT * INTO correcting
    FROM make_correcting_ledger_entry_if_necessary(data, acquired_amount, principal, current_ts);
    data := correcting.data;

    IF acquired_amount <> 0 THEN
        data.ledger_last_entry_id := data.ledger_last_entry_id + 1;
        INSERT INTO ledger_entry (
            creditor_id, debtor_id, entry_id, creation_date, transfer_number, acquired_amount, principal, added_at
        )
        VALUES (
            data.creditor_id, data.debtor_id, data.ledger_last_entry_id, data.creation_date, transfer_number,
            acquired_amount, principal, current_ts
        );
    END IF;

    data.ledger_principal := principal;
    data.ledger_last_transfer_number := transfer_number;

    IF correcting.made_correcting_ledger_entry OR acquired_amount <> 0 THEN
        data.ledger_latest_update_id := data.ledger_latest_update_id + 1;
        data.ledger_latest_update_ts := current_ts;
        log_entry.creditor_id := data.creditor_id;
        log_entry.added_at := current_ts;
        log_entry.object_type_hint := 4;
        log_entry.debtor_id := data.debtor_id;
        log_entry.object_update_id := data.ledger_latest_update_id;
        log_entry.data_principal := principal;
        log_entry.data_next_entry_id := data.ledger_last_entry_id + 1;
    END IF;
END;
$$ LANGUAGE plpgsql;

-- Takes the account's committed transfers into its ledger, in sequence. At a gap it waits for the missing transfers,
-- until those behind the gap are older than `max_delay`.
--
-- Whoever stores a transfer holds a lock on the account row until it is committed. What was stored while we waited for
-- that lock has to be seen, or nobody would ever take it into the ledger. So the transfers are read by a statement of
-- their own after the lock is granted. At stricter isolation levels that statement would not see them either: there we
-- do not wait, but leave the work item for the next time.
CREATE FUNCTION process_pending_ledger_update(cid bigint, did bigint, max_delay interval)
RETURNS void AS $$
DECLARE
    current_ts constant timestamptz := current_timestamp;
    cutoff_ts constant timestamptz := current_ts - max_delay;
    data account_ledger_data;
    transfer record;
    step update_ledger_result;
    newest_log_entry pending_log_entry_result;
BEGIN
    PERFORM FROM pending_ledger_update WHERE creditor_id = cid AND debtor_id = did FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    IF current_setting('transaction_isolation') = 'read committed' THEN
        PERFORM FROM account_data WHERE creditor_id = cid AND debtor_id = did FOR NO KEY UPDATE;
    ELSE
        PERFORM FROM account_data WHERE creditor_id = cid AND debtor_id = did FOR NO KEY UPDATE SKIP LOCKED;
    END IF;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    SELECT
        creditor_id, debtor_id, creation_date, principal, account_id, ledger_principal, ledger_last_entry_id,
        ledger_last_transfer_number, ledger_latest_update_id, ledger_latest_update_ts, ledger_pending_transfer_ts,
        last_transfer_number, last_transfer_committed_at
    INTO data
    FROM account_data
    WHERE creditor_id = cid AND debtor_id = did;

    data.ledger_pending_transfer_ts := NULL;

    FOR transfer IN
        SELECT t.transfer_number, t.acquired_amount, t.principal, t.committed_at, t.previous_transfer_number
        FROM committed_transfer t
        WHERE t.creditor_id = cid
            AND t.debtor_id = did
            AND t.creation_date = data.creation_date
            AND t.transfer_number > data.ledger_last_transfer_number
        ORDER BY t.transfer_number
    LOOP
        IF transfer.previous_transfer_number <> data.ledger_last_transfer_number
            AND transfer.committed_at >= cutoff_ts
        THEN
            data.ledger_pending_transfer_ts := transfer.committed_at;
            EXIT;
        END IF;

        SELECT * INTO step
        FROM update_ledger(data, transfer.transfer_number, transfer.acquired_amount, transfer.principal, current_ts);
        data := step.data;
        IF (step.log_entry).object_update_id IS NOT NULL THEN
            newest_log_entry := step.log_entry;
        END IF;
    END LOOP;

    -- The newest transfers are lost for good: only the server knows the principal.
    IF data.ledger_pending_transfer_ts IS NULL
        AND data.last_transfer_number > data.ledger_last_transfer_number
        AND data.last_transfer_committed_at < cutoff_ts
    THEN
        SELECT * INTO step FROM update_ledger(data, data.last_transfer_number, 0, data.principal, current_ts);
        data := step.data;
        IF (step.log_entry).object_update_id IS NOT NULL THEN
            newest_log_entry := step.log_entry;
        END IF;
    END IF;

    DELETE FROM pending_ledger_update WHERE creditor_id = cid AND debtor_id = did;

    UPDATE account_data
    SET ledger_principal = data.ledger_principal,
        ledger_last_entry_id = data.ledger_last_entry_id,
        ledger_last_transfer_number = data.ledger_last_transfer_number,
        ledger_pending_transfer_ts = data.ledger_pending_transfer_ts,
        ledger_latest_update_id = data.ledger_latest_update_id,
        ledger_latest_update_ts = data.ledger_latest_update_ts
    WHERE creditor_id = cid AND debtor_id = did;

    IF newest_log_entry.object_update_id IS NOT NULL THEN
        INSERT INTO pending_log_entry (
            creditor_id, added_at, object_type_hint, debtor_id, object_update_id, data_principal, data_next_entry_id
        )
        VALUES (newest_log_entry.*);

        INSERT INTO updated_ledger_signal (
            creditor_id, debtor_id, update_id, creation_date, account_id, principal, last_transfer_number, ts,
            inserted_at
        )
        VALUES (
            cid, did, data.ledger_latest_update_id, data.creation_date, data.account_id, data.ledger_principal,
            data.ledger_last_transfer_number, current_ts, current_ts
        );

        -- The sequence must not stay behind any update id that is in use.
        LOOP
            EXIT WHEN nextval('object_update_id_seq') >= data.ledger_latest_update_id;
        END LOOP;
    END IF;
END;
$$ LANGUAGE plpgsql;
