//! How a variable is declared: once, with all that is known about it.

use std::fmt;

/// The parts of the configuration; a service lists those it uses in its `--help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Which creditors this shard is responsible for.
    Shard,
    /// The PostgreSQL server.
    Database,
    /// The message broker.
    Broker,
    /// The HTTP server.
    Web,
    /// Who may call the web API.
    Auth,
    /// Retentions, delays, limits, PINs.
    Policy,
    /// The flushing of outgoing messages.
    Flusher,
    /// The additions to the creditors' logs.
    LogProcessor,
    /// The updates of the accounts' ledgers.
    LedgerProcessor,
    /// The table scanners.
    Scans,
    /// The verification of a shard's content.
    Verify,
    /// Log lines.
    Logging,
    /// Health and metrics.
    Admin,
    /// What developers need.
    Development,
    /// In lists for `--help`: of another section, only the variable of this name.
    Only(&'static str),
}

/// The type of a variable, with its limits (operations §1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Any text.
    Text,
    /// Any text, never shown.
    Secret,
    /// A URL, shown without its password.
    Url,
    /// A decimal integer between two limits, both included.
    Int(i64, i64),
    /// A finite number in decimal or exponent notation between two limits, both included.
    Float(f64, f64),
    /// `false`, `off`, `no` and the empty text are false, everything else is true.
    Bool,
    /// A 64-bit id; values above 2⁶³−1 wrap to negative ones.
    Id,
    /// One of these words, exactly.
    Word(&'static [&'static str]),
    /// One of these words, in any case.
    WordAnyCase(&'static [&'static str]),
    /// Several of these words, separated by commas.
    Words(&'static [&'static str]),
    /// A sharding realm (smp §8).
    RoutingKey,
    /// An IP address.
    Address,
}

impl Kind {
    /// The type's name in a `--help` text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int(..) => "int",
            Self::Float(..) => "float",
            Self::Bool => "bool",
            Self::Id => "id",
            Self::Url => "url",
            Self::Text
            | Self::Secret
            | Self::Word(_)
            | Self::WordAnyCase(_)
            | Self::Words(_)
            | Self::RoutingKey
            | Self::Address => "text",
        }
    }

    /// Whether the value may be repeated in an error message.
    pub const fn may_be_shown(self) -> bool {
        !matches!(self, Self::Secret | Self::Url)
    }
}

/// What is allowed, as a phrase: `a whole number from 0 to 65535`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Text | Self::Secret => f.write_str("any text"),
            Self::Url => f.write_str("a URL"),
            Self::Int(min, i64::MAX) => write!(f, "a whole number, at least {min}"),
            Self::Int(min, max) => write!(f, "a whole number from {min} to {max}"),
            Self::Float(f64::MIN, f64::MAX) => f.write_str("a number"),
            Self::Float(min, f64::MAX) => write!(f, "a number, at least {min}"),
            Self::Float(min, max) => write!(f, "a number from {min} to {max}"),
            Self::Bool => f.write_str("`false`, `off`, `no` or empty for false, anything else for true"),
            Self::Id => f.write_str(
                "a decimal number without leading zeros, or 0x…, 0o…, 0b…, from -9223372036854775808 to \
                 18446744073709551615",
            ),
            Self::Word(words) => write!(f, "one of: {}", words.join(", ")),
            Self::WordAnyCase(words) => write!(f, "one of, in any case: {}", words.join(", ")),
            Self::Words(words) => write!(f, "one or more of, separated by commas: {}", words.join(", ")),
            Self::RoutingKey => f.write_str("0 to 20 binary digits, each followed by a dot, and then #, as in 1.0.#"),
            Self::Address => f.write_str("an IP address"),
        }
    }
}

/// The declaration of one environment variable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variable {
    /// Its name, exactly as in the environment.
    pub name: &'static str,
    /// Its type and limits.
    pub kind: Kind,
    /// The text that is used when it is not set; `None`: then there is no value.
    pub default: Option<&'static str>,
    /// What it means, in one phrase.
    pub meaning: &'static str,
    /// The part of the configuration it belongs to.
    pub section: Section,
}

impl Variable {
    /// A variable without a default.
    pub(super) const fn new(section: Section, name: &'static str, kind: Kind, meaning: &'static str) -> Self {
        Self { name, kind, default: None, meaning, section }
    }

    /// The same with a default.
    pub(super) const fn default(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    /// The key under which the `config` crate keeps it.
    pub(super) fn key(&self) -> String {
        self.name.to_ascii_lowercase()
    }
}

/// Declares the variables of a section: a constant for each, and `VARIABLES` with all of them.
macro_rules! variables {
    ($section:ident { $($constant:ident = $name:literal, $kind:expr, $([$default:literal],)? $meaning:literal;)+ }) => {
        $(
            const $constant: $crate::config::Variable = $crate::config::Variable::new(
                $crate::config::Section::$section, $name, $kind, $meaning,
            )$(.default($default))?;
        )+
        /// All variables of this section.
        pub(in crate::config) const VARIABLES: &[$crate::config::Variable] = &[$($constant),+];
    };
}
pub(super) use variables;
