//! Identifiers of creditors, debtors and accounts.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// The id with the given signed value, as in the database and in messages.
            pub const fn new(value: i64) -> Self {
                Self(value)
            }

            /// The signed value.
            pub const fn get(self) -> i64 {
                self.0
            }

            /// The id whose two's-complement bits are `value`, as in URLs and `swpt:` URIs.
            pub const fn from_unsigned(value: u64) -> Self {
                Self(value.cast_signed())
            }

            /// The unsigned number with the same bits, as in URLs and `swpt:` URIs.
            pub const fn unsigned(self) -> u64 {
                self.0.cast_unsigned()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

id! {
    /// Identifies a creditor (a currency holder). Never 0 in the database.
    CreditorId
}

id! {
    /// Identifies a debtor (a currency issuer).
    DebtorId
}

/// Identifies an account: a creditor's account with a debtor.
///
/// Ordered by creditor, then debtor: the order in which account rows are locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey {
    /// The account's holder.
    pub creditor_id: CreditorId,
    /// The account's issuer.
    pub debtor_id: DebtorId,
}

impl AccountKey {
    /// The key of the account of `creditor_id` with `debtor_id`.
    pub const fn new(creditor_id: CreditorId, debtor_id: DebtorId) -> Self {
        Self { creditor_id, debtor_id }
    }
}
