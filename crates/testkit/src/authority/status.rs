//! How transfers end.

/// The transfer was committed, or dismissed as its coordinator wanted.
pub const OK: &str = "OK";
/// The transfer was to be prepared or committed after its deadline.
pub const TIMEOUT: &str = "TIMEOUT";
/// The sender's account does not exist.
pub const SENDER_IS_UNREACHABLE: &str = "SENDER_IS_UNREACHABLE";
/// The recipient's account does not exist, is about to be deleted, or can not hold so much.
pub const RECIPIENT_IS_UNREACHABLE: &str = "RECIPIENT_IS_UNREACHABLE";
/// Nobody can pay himself.
pub const RECIPIENT_SAME_AS_SENDER: &str = "RECIPIENT_SAME_AS_SENDER";
/// The interest rate has changed since the coordinator decided on the transfer.
pub const NEWER_INTEREST_RATE: &str = "NEWER_INTEREST_RATE";
/// The sender has not enough, locked amounts considered.
pub const INSUFFICIENT_AVAILABLE_AMOUNT: &str = "INSUFFICIENT_AVAILABLE_AMOUNT";
/// The note is longer than the authority takes.
pub const TRANSFER_NOTE_IS_TOO_LONG: &str = "TRANSFER_NOTE_IS_TOO_LONG";
