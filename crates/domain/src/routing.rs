//! Routing keys of messages (smp §7).

use md5::{Digest, Md5};

use crate::{CreditorId, DebtorId};

/// Bits of a binary key.
const BINARY_KEY_BITS: usize = 24;

/// The key of messages to a debtor's accounting authority: the id's bytes in hexadecimal, joined with dots.
pub fn hex_key(debtor_id: DebtorId) -> String {
    debtor_id.get().to_be_bytes().map(|byte| format!("{byte:02x}")).join(".")
}

/// The key of messages to a creditor: the first 24 bits of the id's hash, joined with dots.
pub fn binary_key(creditor_id: CreditorId) -> String {
    bits(hash_prefix(creditor_id), BINARY_KEY_BITS).map(|bit| if bit { "1" } else { "0" }).collect::<Vec<_>>().join(".")
}

/// The first 32 bits of the id's MD5 hash.
pub(crate) fn hash_prefix(creditor_id: CreditorId) -> u32 {
    let hash: [u8; 16] = Md5::digest(creditor_id.get().to_be_bytes()).into();
    let [a, b, c, d, ..] = hash;
    u32::from_be_bytes([a, b, c, d])
}

/// The `count` highest bits of `value`, highest first.
pub(crate) fn bits(value: u32, count: usize) -> impl Iterator<Item = bool> {
    (0..u32::BITS).take(count).map(move |n| value.rotate_left(n) >= 1 << 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_keys() {
        let cases = [
            (0, "00.00.00.00.00.00.00.00"),
            (2, "00.00.00.00.00.00.00.02"),
            (-1, "ff.ff.ff.ff.ff.ff.ff.ff"),
            (-2, "ff.ff.ff.ff.ff.ff.ff.fe"),
            (123, "00.00.00.00.00.00.00.7b"),
            (-123, "ff.ff.ff.ff.ff.ff.ff.85"),
            (4_294_967_296, "00.00.00.01.00.00.00.00"),
            (2_199_023_255_551, "00.00.01.ff.ff.ff.ff.ff"),
            (i64::MAX, "7f.ff.ff.ff.ff.ff.ff.ff"),
            (i64::MIN, "80.00.00.00.00.00.00.00"),
        ];
        for (id, expected) in cases {
            assert_eq!(hex_key(DebtorId::new(id)), expected);
        }
    }

    #[test]
    fn binary_keys() {
        let cases = [
            (0, "0.1.1.1.1.1.0.1.1.1.1.0.1.0.1.0.0.0.1.1.0.1.1.0"),
            (1, "1.1.1.1.1.0.1.0.0.1.0.1.1.0.1.0.1.1.0.1.1.0.0.1"),
            (2, "1.1.1.0.0.1.1.0.0.1.1.1.0.1.0.1.1.1.0.0.1.1.0.0"),
            (-1, "1.1.0.0.0.0.1.0.1.1.0.0.1.0.1.1.0.1.0.1.0.1.1.0"),
            (-2, "1.0.0.1.0.0.1.1.1.0.0.1.0.1.0.1.1.0.1.1.0.0.1.0"),
            (123, "1.1.1.1.1.1.0.0.0.0.0.1.0.0.0.0.0.1.1.0.0.0.1.1"),
            (-123, "1.1.0.0.0.0.1.1.1.1.1.1.1.1.1.0.1.0.1.0.1.1.1.1"),
            (1234, "0.1.1.1.1.1.0.0.1.0.0.0.0.1.0.0.0.1.1.1.1.0.0.1"),
            (4_294_967_296, "0.0.1.0.0.0.0.0.0.0.0.0.0.0.1.0.1.1.1.0.0.0.0.1"),
            (8_589_934_591, "1.1.1.1.0.1.0.1.0.1.1.0.0.1.1.0.0.1.0.1.1.1.1.1"),
            (1_103_806_595_072, "1.0.1.1.1.1.0.0.1.0.0.0.0.0.1.1.1.1.1.0.1.1.0.0"),
            (2_199_023_255_551, "1.0.0.0.0.0.1.0.1.0.1.0.1.0.0.1.1.0.1.0.1.1.1.1"),
            (i64::MAX, "1.0.1.1.1.1.0.1.0.1.0.1.1.1.1.1.0.1.1.0.0.1.0.1"),
            (i64::MIN, "0.1.0.1.0.1.0.0.0.1.0.0.0.0.0.0.1.0.0.1.1.1.1.0"),
        ];
        for (id, expected) in cases {
            assert_eq!(binary_key(CreditorId::new(id)), expected, "{id}");
        }
    }

    #[test]
    fn hashes() {
        assert_eq!(hash_prefix(CreditorId::new(0)), 0x7dea_362b);
        assert_eq!(hash_prefix(CreditorId::new(123)), 0xfc10_63e1);
        assert_eq!(hash_prefix(CreditorId::new(i64::MIN)), 0x5440_9ea5);
    }
}
