-- The complete schema at revision 7efa67e7f781, as `schema.json` of the specification has it: every name, column
-- position, default, constraint and storage parameter counts, because other programs work on the same tables.
--
-- Everything is created in the first schema of the search path; no schema is named.
-- Columns without a default get their value from the inserting code.


-- Sequences that belong to no column

-- First update ids of the parts of accounts, and the update ids of their deletions.
CREATE SEQUENCE object_update_id_seq;

-- What an activation has to repeat.
CREATE SEQUENCE creditor_reservation_id_seq;

-- By which the answers of accounting authorities find their transfer.
CREATE SEQUENCE coordinator_request_id_seq;


-- Creditors

-- One row per reserved or activated creditor. Its row lock serialises everything that writes to the creditor's log.
CREATE TABLE creditor (
    creditor_id                      bigint NOT NULL,
    status_flags                     smallint NOT NULL,  -- bit 0: activated, bit 1: deactivated
    created_at                       timestamptz NOT NULL,
    reservation_id                   bigint DEFAULT nextval('creditor_reservation_id_seq'),
    last_log_entry_id                bigint NOT NULL,  -- 0: the log is empty
    creditor_latest_update_id        bigint NOT NULL,
    creditor_latest_update_ts        timestamptz NOT NULL,
    accounts_list_latest_update_id   bigint NOT NULL,
    accounts_list_latest_update_ts   timestamptz NOT NULL,
    transfers_list_latest_update_id  bigint NOT NULL,
    transfers_list_latest_update_ts  timestamptz NOT NULL,
    deactivation_date                date,  -- UTC; NULL also when unknown
    largest_historic_ledger_entry_id bigint NOT NULL DEFAULT '0',  -- highest ledger entry id of any deleted account
    CONSTRAINT creditor_pkey PRIMARY KEY (creditor_id) INCLUDE (status_flags),
    CONSTRAINT creditor_accounts_list_latest_update_id_check CHECK (accounts_list_latest_update_id > 0),
    CONSTRAINT creditor_creditor_id_check CHECK (creditor_id <> 0),
    CONSTRAINT creditor_creditor_latest_update_id_check CHECK (creditor_latest_update_id > 0),
    CONSTRAINT creditor_last_log_entry_id_check CHECK (last_log_entry_id >= 0),
    CONSTRAINT creditor_status_flags_check CHECK ((status_flags & 2) = 0 OR (status_flags & 1) <> 0),
    CONSTRAINT creditor_transfers_list_latest_update_id_check CHECK (transfers_list_latest_update_id > 0)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.08, autovacuum_vacuum_insert_scale_factor = 0.08);

-- The PIN of an active creditor.
CREATE TABLE pin_info (
    creditor_id       bigint NOT NULL,
    status            smallint NOT NULL,  -- 0: off, 1: on, 2: blocked
    cfa               smallint NOT NULL,  -- consecutive failed attempts
    afa               smallint NOT NULL,  -- failed attempts since `afa_last_reset_ts`
    afa_last_reset_ts timestamptz NOT NULL,
    pin_length        smallint NOT NULL,  -- 0: there is no PIN
    pin_hmac          bytea,  -- HMAC-SHA256 of PIN and salt
    latest_update_id  bigint NOT NULL,
    latest_update_ts  timestamptz NOT NULL,
    pin_salt          varchar,  -- NULL also for PINs older than salts
    CONSTRAINT pin_info_pkey PRIMARY KEY (creditor_id),
    CONSTRAINT pin_info_creditor_id_fkey FOREIGN KEY (creditor_id)
        REFERENCES creditor (creditor_id) ON DELETE CASCADE,
    CONSTRAINT pin_info_afa_check CHECK (afa >= 0),
    CONSTRAINT pin_info_cfa_check CHECK (cfa >= 0),
    CONSTRAINT pin_info_check CHECK (status <> 1 OR pin_hmac IS NOT NULL),
    CONSTRAINT pin_info_latest_update_id_check CHECK (latest_update_id > 0),
    CONSTRAINT pin_info_pin_hmac_check CHECK (pin_hmac IS NULL OR octet_length(pin_hmac) = 32),
    CONSTRAINT pin_info_pin_length_check CHECK (pin_length >= 0),
    CONSTRAINT pin_info_status_check CHECK (status >= 0 AND status < 3)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.08, autovacuum_vacuum_insert_scale_factor = 0.2);

-- Counters against abuse. A row appears with the first use; the counts may drift and even be negative.
CREATE TABLE usage_stats (
    creditor_id          bigint NOT NULL,
    accounts_count       smallint NOT NULL DEFAULT '0',
    transfers_count      smallint NOT NULL DEFAULT '0',
    reconfigs_count      smallint NOT NULL DEFAULT '0',
    reconfigs_reset_at   integer NOT NULL DEFAULT 0,  -- hours since 1970 at which `reconfigs_count` expires
    initiations_count    smallint NOT NULL DEFAULT '0',
    initiations_reset_at integer NOT NULL DEFAULT 0,  -- the same for `initiations_count`
    CONSTRAINT usage_stats_pkey PRIMARY KEY (creditor_id),
    CONSTRAINT usage_stats_creditor_id_fkey FOREIGN KEY (creditor_id)
        REFERENCES creditor (creditor_id) ON DELETE CASCADE
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.08, autovacuum_vacuum_insert_scale_factor = 0.2);


-- Accounts

-- That an account exists. Its parts are the rows with the same key in the four tables that follow.
CREATE TABLE account (
    creditor_id      bigint NOT NULL,
    debtor_id        bigint NOT NULL,
    created_at       timestamptz NOT NULL,
    latest_update_id bigint NOT NULL DEFAULT nextval('object_update_id_seq'),
    latest_update_ts timestamptz NOT NULL,
    CONSTRAINT account_pkey PRIMARY KEY (creditor_id, debtor_id),
    CONSTRAINT account_creditor_id_fkey FOREIGN KEY (creditor_id)
        REFERENCES creditor (creditor_id) ON DELETE CASCADE,
    CONSTRAINT account_latest_update_id_check CHECK (latest_update_id > 0)
) WITH (
    fillfactor = 100,
    autovacuum_vacuum_threshold = 10000,
    autovacuum_vacuum_scale_factor = 0.001,
    autovacuum_vacuum_insert_threshold = 10000,
    autovacuum_vacuum_insert_scale_factor = 0.001
);

-- What servers and frequent events change: the server's view, the configuration, the information, the head of the
-- ledger.
CREATE TABLE account_data (
    creditor_id                  bigint NOT NULL,
    debtor_id                    bigint NOT NULL,
    creation_date                date NOT NULL,  -- of the server account; 1970-01-01: none seen yet
    last_change_ts               timestamptz NOT NULL,  -- of the newest AccountUpdate applied
    last_change_seqnum           integer NOT NULL,
    principal                    bigint NOT NULL,  -- according to the server
    interest                     double precision NOT NULL,  -- as of `last_change_ts`
    last_transfer_number         bigint NOT NULL,  -- the server's newest
    last_transfer_committed_at   timestamptz NOT NULL,
    last_heartbeat_ts            timestamptz NOT NULL,  -- newest AccountUpdate seen, applied or not
    last_config_ts               timestamptz NOT NULL,  -- of the newest ConfigureAccount sent
    last_config_seqnum           integer NOT NULL,
    negligible_amount            real NOT NULL,
    config_flags                 integer NOT NULL,  -- bit 0: scheduled for deletion
    config_data                  varchar NOT NULL,
    is_config_effectual          boolean NOT NULL,  -- confirmed by the server
    allow_unsafe_deletion        boolean NOT NULL,
    has_server_account           boolean NOT NULL,  -- believed to exist
    config_error                 varchar,  -- why the configuration was not applied
    config_latest_update_id      bigint NOT NULL DEFAULT nextval('object_update_id_seq'),
    config_latest_update_ts      timestamptz NOT NULL,
    interest_rate                real NOT NULL,  -- percent per year
    last_interest_rate_change_ts timestamptz NOT NULL,
    transfer_note_max_bytes      integer NOT NULL,
    account_id                   varchar NOT NULL,  -- empty until the server tells it
    debtor_info_iri              varchar,
    debtor_info_content_type     varchar,
    debtor_info_sha256           bytea,
    info_latest_update_id        bigint NOT NULL DEFAULT nextval('object_update_id_seq'),
    info_latest_update_ts        timestamptz NOT NULL,
    ledger_principal             bigint NOT NULL,  -- after the newest ledger entry
    ledger_last_entry_id         bigint NOT NULL,  -- also a reserved gap value
    ledger_last_transfer_number  bigint NOT NULL,  -- newest transfer in the ledger
    ledger_pending_transfer_ts   timestamptz,  -- of the first transfer that waits for a missing predecessor
    ledger_latest_update_id      bigint NOT NULL DEFAULT nextval('object_update_id_seq'),
    ledger_latest_update_ts      timestamptz NOT NULL,
    CONSTRAINT account_data_pkey PRIMARY KEY (creditor_id, debtor_id),
    CONSTRAINT account_data_creditor_id_debtor_id_fkey FOREIGN KEY (creditor_id, debtor_id)
        REFERENCES account (creditor_id, debtor_id) ON DELETE CASCADE,
    CONSTRAINT account_data_config_latest_update_id_check CHECK (config_latest_update_id > 0),
    CONSTRAINT account_data_debtor_info_sha256_check CHECK (
        debtor_info_sha256 IS NULL OR octet_length(debtor_info_sha256) = 32
    ),
    CONSTRAINT account_data_info_latest_update_id_check CHECK (info_latest_update_id > 0),
    CONSTRAINT account_data_interest_rate_check CHECK (interest_rate >= -100.0),
    CONSTRAINT account_data_last_transfer_number_check CHECK (last_transfer_number >= 0),
    CONSTRAINT account_data_ledger_last_entry_id_check CHECK (ledger_last_entry_id >= 0),
    CONSTRAINT account_data_ledger_last_transfer_number_check CHECK (ledger_last_transfer_number >= 0),
    CONSTRAINT account_data_ledger_latest_update_id_check CHECK (ledger_latest_update_id > 0),
    CONSTRAINT account_data_negligible_amount_check CHECK (negligible_amount >= 0.0),
    CONSTRAINT account_data_transfer_note_max_bytes_check CHECK (transfer_note_max_bytes >= 0)
) WITH (
    toast_tuple_target = 600,
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.08,
    autovacuum_vacuum_insert_scale_factor = 0.2
);
ALTER TABLE account_data ALTER COLUMN config_data SET STORAGE EXTERNAL;

-- JSON the client keeps with the account.
CREATE TABLE account_knowledge (
    creditor_id      bigint NOT NULL,
    debtor_id        bigint NOT NULL,
    data             json NOT NULL,
    latest_update_id bigint NOT NULL DEFAULT nextval('object_update_id_seq'),
    latest_update_ts timestamptz NOT NULL,
    CONSTRAINT account_knowledge_pkey PRIMARY KEY (creditor_id, debtor_id),
    CONSTRAINT account_knowledge_creditor_id_debtor_id_fkey FOREIGN KEY (creditor_id, debtor_id)
        REFERENCES account (creditor_id, debtor_id) ON DELETE CASCADE,
    CONSTRAINT account_knowledge_latest_update_id_check CHECK (latest_update_id > 0)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.08, autovacuum_vacuum_insert_scale_factor = 0.2);

-- The policy for automatic exchanges. A peg is another account of the same creditor; its key is checked at commit, so
-- that accounts pegged to each other can be deleted together.
CREATE TABLE account_exchange (
    creditor_id       bigint NOT NULL,
    debtor_id         bigint NOT NULL,
    policy            varchar,  -- NULL: none
    min_principal     bigint NOT NULL,
    max_principal     bigint NOT NULL,
    peg_exchange_rate double precision,
    peg_debtor_id     bigint,
    latest_update_id  bigint NOT NULL DEFAULT nextval('object_update_id_seq'),
    latest_update_ts  timestamptz NOT NULL,
    CONSTRAINT account_exchange_pkey PRIMARY KEY (creditor_id, debtor_id),
    CONSTRAINT account_exchange_creditor_id_debtor_id_fkey FOREIGN KEY (creditor_id, debtor_id)
        REFERENCES account (creditor_id, debtor_id) ON DELETE CASCADE,
    CONSTRAINT account_exchange_creditor_id_peg_debtor_id_fkey FOREIGN KEY (creditor_id, peg_debtor_id)
        REFERENCES account_exchange (creditor_id, debtor_id)
        DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT account_exchange_check CHECK (min_principal <= max_principal),
    CONSTRAINT account_exchange_check1 CHECK (
        (peg_debtor_id IS NULL AND peg_exchange_rate IS NULL)
        OR (peg_debtor_id IS NOT NULL AND peg_exchange_rate IS NOT NULL)
    ),
    CONSTRAINT account_exchange_latest_update_id_check CHECK (latest_update_id > 0),
    CONSTRAINT account_exchange_peg_exchange_rate_check CHECK (peg_exchange_rate >= 0.0)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.08, autovacuum_vacuum_insert_scale_factor = 0.2);
CREATE INDEX idx_peg_debtor_id ON account_exchange (creditor_id, peg_debtor_id) WHERE peg_debtor_id IS NOT NULL;

-- How the account is shown to its holder.
CREATE TABLE account_display (
    creditor_id      bigint NOT NULL,
    debtor_id        bigint NOT NULL,
    debtor_name      varchar,  -- unique for the creditor
    amount_divisor   double precision NOT NULL,
    decimal_places   integer NOT NULL,
    unit             varchar,
    known_debtor     boolean NOT NULL,
    latest_update_id bigint NOT NULL DEFAULT nextval('object_update_id_seq'),
    latest_update_ts timestamptz NOT NULL,
    CONSTRAINT account_display_pkey PRIMARY KEY (creditor_id, debtor_id),
    CONSTRAINT account_display_creditor_id_debtor_id_fkey FOREIGN KEY (creditor_id, debtor_id)
        REFERENCES account (creditor_id, debtor_id) ON DELETE CASCADE,
    CONSTRAINT account_display_amount_divisor_check CHECK (amount_divisor > 0.0),
    CONSTRAINT account_display_latest_update_id_check CHECK (latest_update_id > 0)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.08, autovacuum_vacuum_insert_scale_factor = 0.2);
CREATE UNIQUE INDEX idx_debtor_name ON account_display (creditor_id, debtor_name) WHERE debtor_name IS NOT NULL;


-- Ledgers

-- Work queue: accounts whose ledger should be brought forward.
CREATE TABLE pending_ledger_update (
    creditor_id bigint NOT NULL,
    debtor_id   bigint NOT NULL,
    CONSTRAINT pending_ledger_update_pkey PRIMARY KEY (creditor_id, debtor_id),
    CONSTRAINT pending_ledger_update_creditor_id_debtor_id_fkey FOREIGN KEY (creditor_id, debtor_id)
        REFERENCES account_data (creditor_id, debtor_id) ON DELETE CASCADE
) WITH (fillfactor = 100, autovacuum_vacuum_cost_delay = 0.0, autovacuum_vacuum_insert_threshold = -1);

-- The accounts' ledgers. No foreign keys: entries outlive their account until the scanner removes them.
CREATE TABLE ledger_entry (
    creditor_id     bigint NOT NULL,
    debtor_id       bigint NOT NULL,
    entry_id        bigint NOT NULL,
    creation_date   date,  -- NULL, like the number, for correcting entries
    transfer_number bigint,
    acquired_amount bigint NOT NULL,
    principal       bigint NOT NULL,  -- after the entry
    added_at        timestamptz NOT NULL,  -- `account_data.ledger_latest_update_ts` of that moment
    CONSTRAINT ledger_entry_pkey PRIMARY KEY (creditor_id, debtor_id, entry_id) INCLUDE (
        creation_date, transfer_number, acquired_amount, principal, added_at
    ),
    CONSTRAINT ledger_entry_check CHECK (
        (creation_date IS NULL AND transfer_number IS NULL)
        OR (creation_date IS NOT NULL AND transfer_number IS NOT NULL)
    ),
    CONSTRAINT ledger_entry_entry_id_check CHECK (entry_id > 0),
    CONSTRAINT ledger_entry_transfer_number_check CHECK (transfer_number > 0)
) WITH (
    toast_tuple_target = 128,
    fillfactor = 100,
    autovacuum_vacuum_threshold = 10000,
    autovacuum_vacuum_scale_factor = 0.002,
    autovacuum_vacuum_insert_threshold = 10000,
    autovacuum_vacuum_insert_scale_factor = 0.000125
);

-- The AccountTransfer messages received. No foreign keys, as above.
CREATE TABLE committed_transfer (
    creditor_id              bigint NOT NULL,
    debtor_id                bigint NOT NULL,
    creation_date            date NOT NULL,
    transfer_number          bigint NOT NULL,
    acquired_amount          bigint NOT NULL,
    principal                bigint NOT NULL,
    committed_at             timestamptz NOT NULL,
    previous_transfer_number bigint NOT NULL,
    coordinator_type         varchar NOT NULL,
    sender                   varchar NOT NULL,
    recipient                varchar NOT NULL,
    transfer_note_format     text NOT NULL,
    transfer_note            text NOT NULL,
    CONSTRAINT committed_transfer_pkey PRIMARY KEY (creditor_id, debtor_id, creation_date, transfer_number) INCLUDE (
        acquired_amount, principal, committed_at, previous_transfer_number
    ),
    CONSTRAINT committed_transfer_acquired_amount_check CHECK (acquired_amount <> 0),
    CONSTRAINT committed_transfer_check CHECK (previous_transfer_number < transfer_number),
    CONSTRAINT committed_transfer_previous_transfer_number_check CHECK (previous_transfer_number >= 0),
    CONSTRAINT committed_transfer_transfer_number_check CHECK (transfer_number > 0)
) WITH (
    toast_tuple_target = 200,
    fillfactor = 100,
    autovacuum_vacuum_threshold = 10000,
    autovacuum_vacuum_scale_factor = 0.002,
    autovacuum_vacuum_insert_threshold = 10000,
    autovacuum_vacuum_insert_scale_factor = 0.00025
);
ALTER TABLE committed_transfer ALTER COLUMN transfer_note SET STORAGE EXTERNAL;


-- Transfers

-- Transfers initiated by clients and not yet deleted by them.
CREATE TABLE running_transfer (
    creditor_id            bigint NOT NULL,
    transfer_uuid          uuid NOT NULL,
    debtor_id              bigint NOT NULL,
    amount                 bigint NOT NULL,
    recipient_uri          varchar NOT NULL,
    recipient              varchar NOT NULL,
    transfer_note_format   varchar NOT NULL,
    transfer_note          varchar NOT NULL,
    initiated_at           timestamptz NOT NULL,
    finalized_at           timestamptz,  -- NULL: still on its way
    error_code             varchar,  -- NULL on success
    total_locked_amount    bigint,
    deadline               timestamptz,
    locked_amount          bigint NOT NULL,
    coordinator_request_id bigint NOT NULL DEFAULT nextval('coordinator_request_id_seq'),
    transfer_id            bigint,  -- set once prepared: the transfer is settled
    latest_update_id       bigint NOT NULL,
    latest_update_ts       timestamptz NOT NULL,
    final_interest_rate_ts timestamptz NOT NULL,
    CONSTRAINT running_transfer_pkey PRIMARY KEY (creditor_id, transfer_uuid),
    CONSTRAINT running_transfer_creditor_id_fkey FOREIGN KEY (creditor_id)
        REFERENCES creditor (creditor_id) ON DELETE CASCADE,
    CONSTRAINT running_transfer_amount_check CHECK (amount >= 0),
    CONSTRAINT running_transfer_check CHECK (error_code IS NULL OR finalized_at IS NOT NULL),
    CONSTRAINT running_transfer_latest_update_id_check CHECK (latest_update_id > 0),
    CONSTRAINT running_transfer_locked_amount_check CHECK (locked_amount >= 0),
    CONSTRAINT running_transfer_total_locked_amount_check CHECK (total_locked_amount >= 0)
) WITH (
    fillfactor = 100,
    autovacuum_vacuum_threshold = 30000,
    autovacuum_vacuum_scale_factor = 0.004,
    autovacuum_vacuum_insert_threshold = 10000,
    autovacuum_vacuum_insert_scale_factor = 0.004
);
ALTER TABLE running_transfer ALTER COLUMN transfer_note SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX idx_coordinator_request_id ON running_transfer (creditor_id, coordinator_request_id);


-- Logs

-- The creditors' logs, without gaps. No foreign keys. Either type and URI are set, or the hint that tells them.
CREATE TABLE log_entry (
    added_at           timestamptz NOT NULL,
    object_type        varchar,
    object_uri         varchar,
    object_update_id   bigint,
    is_deleted         boolean,  -- NULL: false
    data               json,
    object_type_hint   smallint,  -- 1: Transfer, 2: TransfersList, 3: CommittedTransfer, 4: AccountLedger
    debtor_id          bigint,
    creation_date      date,
    transfer_number    bigint,
    transfer_uuid      uuid,
    data_principal     bigint,
    data_next_entry_id bigint,
    data_finalized_at  timestamptz,
    data_error_code    varchar,
    creditor_id        bigint NOT NULL,
    entry_id           bigint NOT NULL,
    CONSTRAINT log_entry_pkey PRIMARY KEY (creditor_id, entry_id) INCLUDE (
        added_at, object_type, object_uri, object_update_id, is_deleted, data, object_type_hint,
        debtor_id, creation_date, transfer_number, transfer_uuid, data_principal,
        data_next_entry_id, data_finalized_at, data_error_code
    ),
    CONSTRAINT log_entry_data_next_entry_id_check CHECK (data_next_entry_id > 0),
    CONSTRAINT log_entry_entry_id_check CHECK (entry_id > 0),
    CONSTRAINT log_entry_object_update_id_check CHECK (object_update_id > 0),
    CONSTRAINT log_entry_transfer_number_check CHECK (transfer_number > 0)
) WITH (
    toast_tuple_target = 200,
    fillfactor = 100,
    autovacuum_vacuum_threshold = 10000,
    autovacuum_vacuum_scale_factor = 0.002,
    autovacuum_vacuum_insert_threshold = 10000,
    autovacuum_vacuum_insert_scale_factor = 0.00025
);

-- Work queue: log entries that wait for their number.
CREATE TABLE pending_log_entry (
    added_at           timestamptz NOT NULL,
    object_type        varchar,
    object_uri         varchar,
    object_update_id   bigint,
    is_deleted         boolean,
    data               json,
    object_type_hint   smallint,
    debtor_id          bigint,
    creation_date      date,
    transfer_number    bigint,
    transfer_uuid      uuid,
    data_principal     bigint,
    data_next_entry_id bigint,
    data_finalized_at  timestamptz,
    data_error_code    varchar,
    creditor_id        bigint NOT NULL,
    pending_entry_id   bigserial NOT NULL,
    CONSTRAINT pending_log_entry_pkey PRIMARY KEY (creditor_id, pending_entry_id),
    CONSTRAINT pending_log_entry_data_next_entry_id_check CHECK (data_next_entry_id > 0),
    CONSTRAINT pending_log_entry_object_update_id_check CHECK (object_update_id > 0),
    CONSTRAINT pending_log_entry_transfer_number_check CHECK (transfer_number > 0)
) WITH (fillfactor = 100, autovacuum_vacuum_cost_delay = 0.0, autovacuum_vacuum_insert_threshold = -1);


-- Outgoing messages, one table for each type; a row is deleted once it is confirmed by the broker

-- ConfigureAccount.
CREATE TABLE configure_account_signal (
    inserted_at       timestamptz NOT NULL,
    creditor_id       bigint NOT NULL,
    debtor_id         bigint NOT NULL,
    ts                timestamptz NOT NULL,
    seqnum            integer NOT NULL,
    negligible_amount real NOT NULL,
    config_data       varchar NOT NULL,
    config_flags      integer NOT NULL,
    CONSTRAINT configure_account_signal_pkey PRIMARY KEY (creditor_id, debtor_id, ts, seqnum)
) WITH (fillfactor = 100, autovacuum_vacuum_cost_delay = 0.0, autovacuum_vacuum_insert_threshold = -1);

-- PrepareTransfer.
CREATE TABLE prepare_transfer_signal (
    inserted_at            timestamptz NOT NULL,  -- the message's `ts`
    creditor_id            bigint NOT NULL,
    coordinator_request_id bigint NOT NULL,
    debtor_id              bigint NOT NULL,
    recipient              varchar NOT NULL,
    locked_amount          bigint NOT NULL,
    max_commit_delay       integer NOT NULL,
    final_interest_rate_ts timestamptz NOT NULL,
    CONSTRAINT prepare_transfer_signal_pkey PRIMARY KEY (creditor_id, coordinator_request_id)
) WITH (fillfactor = 100, autovacuum_vacuum_cost_delay = 0.0, autovacuum_vacuum_insert_threshold = -1);

-- FinalizeTransfer.
CREATE TABLE finalize_transfer_signal (
    inserted_at            timestamptz NOT NULL,  -- the message's `ts`
    creditor_id            bigint NOT NULL,
    signal_id              bigserial NOT NULL,
    debtor_id              bigint NOT NULL,
    transfer_id            bigint NOT NULL,
    coordinator_id         bigint NOT NULL,
    coordinator_request_id bigint NOT NULL,
    committed_amount       bigint NOT NULL,
    transfer_note_format   varchar NOT NULL,
    transfer_note          varchar NOT NULL,
    CONSTRAINT finalize_transfer_signal_pkey PRIMARY KEY (creditor_id, signal_id)
) WITH (fillfactor = 100, autovacuum_vacuum_cost_delay = 0.0, autovacuum_vacuum_insert_threshold = -1);

-- UpdatedLedger, for the circular-trade subsystem.
CREATE TABLE updated_ledger_signal (
    creditor_id          bigint NOT NULL,
    debtor_id            bigint NOT NULL,
    update_id            bigint NOT NULL,
    creation_date        date NOT NULL,
    account_id           varchar NOT NULL,
    principal            bigint NOT NULL,
    last_transfer_number bigint NOT NULL,
    ts                   timestamptz NOT NULL,
    inserted_at          timestamptz NOT NULL,
    CONSTRAINT updated_ledger_signal_pkey PRIMARY KEY (creditor_id, debtor_id, update_id)
) WITH (fillfactor = 100, autovacuum_vacuum_cost_delay = 0.0, autovacuum_vacuum_insert_threshold = -1);

-- UpdatedPolicy, for the circular-trade subsystem.
CREATE TABLE updated_policy_signal (
    creditor_id       bigint NOT NULL,
    debtor_id         bigint NOT NULL,
    update_id         bigint NOT NULL,
    policy_name       varchar,
    min_principal     bigint NOT NULL,
    max_principal     bigint NOT NULL,
    peg_exchange_rate double precision,
    peg_debtor_id     bigint,
    ts                timestamptz NOT NULL,
    inserted_at       timestamptz NOT NULL,
    CONSTRAINT updated_policy_signal_pkey PRIMARY KEY (creditor_id, debtor_id, update_id)
) WITH (fillfactor = 100, autovacuum_vacuum_cost_delay = 0.0, autovacuum_vacuum_insert_threshold = -1);

-- UpdatedFlags, for the circular-trade subsystem.
CREATE TABLE updated_flags_signal (
    creditor_id  bigint NOT NULL,
    debtor_id    bigint NOT NULL,
    update_id    bigint NOT NULL,
    config_flags integer NOT NULL,
    ts           timestamptz NOT NULL,
    inserted_at  timestamptz NOT NULL,
    CONSTRAINT updated_flags_signal_pkey PRIMARY KEY (creditor_id, debtor_id, update_id)
) WITH (fillfactor = 100, autovacuum_vacuum_cost_delay = 0.0, autovacuum_vacuum_insert_threshold = -1);

-- RejectedConfig, of our own making: no accounting authority is in charge of the debtor.
CREATE TABLE rejected_config_signal (
    debtor_id         bigint NOT NULL,
    creditor_id       bigint NOT NULL,
    signal_id         bigserial NOT NULL,
    config_ts         timestamptz NOT NULL,
    config_seqnum     integer NOT NULL,
    config_flags      integer NOT NULL,
    config_data       varchar NOT NULL,
    negligible_amount real NOT NULL,
    rejection_code    varchar(30) NOT NULL,
    inserted_at       timestamptz NOT NULL,  -- the message's `ts`
    CONSTRAINT rejected_config_signal_pkey PRIMARY KEY (debtor_id, creditor_id, signal_id)
) WITH (fillfactor = 100, autovacuum_vacuum_cost_delay = 0.0, autovacuum_vacuum_insert_threshold = -1);


-- Revision

-- The revision of the schema, exactly one row. Written by `configure`, not here; an empty table may be there already.
CREATE TABLE IF NOT EXISTS alembic_version (
    version_num varchar(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
