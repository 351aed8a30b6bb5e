//! `UpdatedPolicy` (smp §5.2).

use domain::DebtorId;
use domain::signal::UpdatedPolicy;

use crate::json::Object;

pub(super) fn encode(signal: &UpdatedPolicy) -> Vec<u8> {
    Object::of_type("UpdatedPolicy")
        .account(signal.account)
        .int("update_id", signal.update_id)
        .optional("policy_name", signal.policy_name.as_deref(), Object::text)
        .int("min_principal", signal.min_principal)
        .int("max_principal", signal.max_principal)
        .optional("peg_exchange_rate", signal.peg_exchange_rate, Object::float)
        .optional("peg_debtor_id", signal.peg_debtor_id.map(DebtorId::get), Object::int)
        .instant("ts", signal.ts)
        .finish()
}
