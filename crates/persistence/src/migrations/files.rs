//! The SQL of `migrations/`, compiled in.

/// One directory of `migrations/`.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The directory's name.
    pub name: &'static str,
    /// What it adds.
    pub up: &'static str,
    /// How that is taken away again; leaves nothing behind.
    pub down: &'static str,
}

macro_rules! migration {
    ($name:literal) => {
        Migration {
            name: $name,
            up: include_str!(concat!("../../../../migrations/", $name, "/up.sql")),
            down: include_str!(concat!("../../../../migrations/", $name, "/down.sql")),
        }
    };
}

/// All migrations, in order.
pub const MIGRATIONS: &[Migration] =
    &[migration!("2026-01-01-000001_schema"), migration!("2026-01-01-000002_peer_functions")];
