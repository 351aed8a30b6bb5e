//! The words that can follow the program's name, as data.

use std::{ffi::OsString, fmt::Write as _, process::ExitCode};

use crate::{
    commands::{
        await_migrations, config, configure, dead_letters, delete_queue, health, inspect, subscribe, unsubscribe,
        verify, verify_shard_content,
    },
    roles::{CONSUMER, FLUSHER, LEDGER_PROCESSOR, LOG_PROCESSOR, Role, SCANNER, WEB},
    supervise,
};

/// A word, and what it is good for.
pub(crate) struct Word {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) does: Does,
}

/// What a word makes of this process.
pub(crate) enum Does {
    /// A command of ours, given the words that follow.
    Run(fn(Vec<OsString>) -> ExitCode),
    /// One of our services takes the place of this process.
    Become(Role),
}

const fn run(name: &'static str, about: &'static str, command: fn(Vec<OsString>) -> ExitCode) -> Word {
    Word { name, about, does: Does::Run(command) }
}

const fn role(name: &'static str, about: &'static str, role: Role) -> Word {
    Word { name, about, does: Does::Become(role) }
}

/// All words of operations §4, and ours: from `dead-letters` on.
pub(crate) const WORDS: &[Word] = &[
    run("all", "run everything of one shard, and restart what ends (the default)", supervise::run),
    run("configure", "create or verify the database schema, and set up the broker if asked to", configure::run),
    run("await_migrations", "wait until the database schema is at the newest revision", await_migrations::run),
    role("webserver", "serve the Payments Web API", WEB),
    role("consume_messages", "write arriving messages into the database", CONSUMER),
    role("flush_all", "send all kinds of waiting messages", FLUSHER),
    role("flush_messages", "send the kinds of waiting messages that are named, or all", FLUSHER),
    role("flush_configure_accounts", "send waiting ConfigureAccount messages", FLUSHER.with("ConfigureAccountSignal")),
    role("flush_prepare_transfers", "send waiting PrepareTransfer messages", FLUSHER.with("PrepareTransferSignal")),
    role("flush_finalize_transfers", "send waiting FinalizeTransfer messages", FLUSHER.with("FinalizeTransferSignal")),
    role("flush_updated_ledgers", "send waiting UpdatedLedger messages", FLUSHER.with("UpdatedLedgerSignal")),
    role("flush_updated_policies", "send waiting UpdatedPolicy messages", FLUSHER.with("UpdatedPolicySignal")),
    role("flush_updated_flags", "send waiting UpdatedFlags messages", FLUSHER.with("UpdatedFlagsSignal")),
    role("flush_rejected_configs", "send waiting RejectedConfig messages", FLUSHER.with("RejectedConfigSignal")),
    role("process_log_additions", "number the creditors' pending log entries", LOG_PROCESSOR),
    role("process_ledger_updates", "turn committed transfers into ledger entries", LEDGER_PROCESSOR),
    role("scan_creditors", "collect garbage among the creditors", SCANNER.with("creditors")),
    role(
        "scan_accounts",
        "correct ledgers, and report configurations that nobody has confirmed",
        SCANNER.with("accounts"),
    ),
    role("scan_log_entries", "delete old log entries", SCANNER.with("log_entries")),
    role("scan_ledger_entries", "delete old ledger entries", SCANNER.with("ledger_entries")),
    role("scan_committed_transfers", "delete old committed transfers", SCANNER.with("committed_transfers")),
    run("subscribe", "create exchanges, queues and bindings on the broker", subscribe::run),
    run("unsubscribe", "remove the bindings of a queue", unsubscribe::run),
    run("delete_queue", "delete a queue once it is empty", delete_queue::run),
    run("verify_shard_content", "verify that all records belong to this shard", verify_shard_content::run),
    run("dead-letters", "list, show, replay or drop messages that were put aside", dead_letters::run),
    run("inspect", "show the state of a creditor, account or transfer, and what it waits for", inspect::run),
    run("verify", "verify all ledgers or logs of the database", verify::run),
    run("config", "print the configuration in force, secrets masked", config::run),
    run("health", "tell whether a process on this machine is ready", health::run),
];

/// The list of words, for `--help`.
pub(crate) fn help() -> String {
    let mut text = String::from(
        "The entry point of the creditors agent's container, and the operator's tool.\n\n\
         Usage: creditors-agent [WORD [OPTIONS]]\n\nWords:\n",
    );
    for Word { name, about, .. } in WORDS {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name:<26}{about}");
    }
    text + "\nAny other word is the name of a program, which is executed: `creditors-agent sh`.\n\
            `creditors-agent WORD --help` shows a word's options and environment variables.\n"
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// operations §4
    const SPECIFIED: &str = "all configure webserver consume_messages flush_all flush_configure_accounts \
        flush_prepare_transfers flush_finalize_transfers flush_updated_ledgers flush_updated_policies \
        flush_updated_flags flush_rejected_configs process_log_additions process_ledger_updates scan_creditors \
        scan_accounts scan_log_entries scan_ledger_entries scan_committed_transfers subscribe unsubscribe \
        delete_queue verify_shard_content await_migrations";

    #[test]
    fn every_specified_word_is_known_once_and_listed() {
        let names: BTreeSet<&str> = WORDS.iter().map(|word| word.name).collect();
        assert_eq!(names.len(), WORDS.len());
        let help = help();
        for word in SPECIFIED.split_whitespace() {
            assert!(names.contains(word), "{word}");
            assert!(help.contains(&format!("\n  {word} ")), "{word}");
        }
    }
}
