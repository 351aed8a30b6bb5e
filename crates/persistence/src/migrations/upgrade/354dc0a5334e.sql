-- The peg is looked at only when the transaction commits. The key is made anew, so that it is surely the agreed one.
ALTER TABLE account_exchange DROP CONSTRAINT account_exchange_creditor_id_peg_debtor_id_fkey;
ALTER TABLE account_exchange ADD CONSTRAINT account_exchange_creditor_id_peg_debtor_id_fkey
    FOREIGN KEY (creditor_id, peg_debtor_id) REFERENCES account_exchange (creditor_id, debtor_id)
    DEFERRABLE INITIALLY DEFERRED;
