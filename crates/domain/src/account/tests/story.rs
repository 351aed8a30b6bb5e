//! Stories of processing §18 that take several steps.

use super::*;
use crate::{log_entry::LogEntry, update_id::Patch};

/// An account, and all that was enqueued for the log since its creation.
struct Story {
    data: Data,
    log: Vec<LogEntry>,
}

impl Story {
    fn begin() -> Self {
        Self { data: new_account(), log: Vec::new() }
    }

    fn update(&mut self, update: &AccountUpdate) {
        let done = updated(self.data.clone(), update);
        self.log.extend(done.log_entries);
        self.data = done.data;
    }

    fn change(&mut self, changed: Option<Changed>) {
        let changed = changed.unwrap();
        self.log.push(changed.log_entry);
        self.data = changed.data;
    }

    fn configure(&mut self, scheduled_for_deletion: bool) {
        let request = ConfigRequest {
            scheduled_for_deletion,
            negligible_amount: 10.0,
            allow_unsafe_deletion: false,
            config_data: String::new(),
            latest_update_id: self.data.config.latest_update_id + 1,
        };
        let Patch::Apply(done) = reconfigure(self.data.clone(), request, now()) else { panic!("not configured") };
        self.log.extend(done.log_entries);
        self.data = done.data;
    }

    /// An update of the server account that confirms the current configuration.
    fn confirmation(&self) -> AccountUpdate {
        let (config, server) = (&self.data.config, &self.data.server);
        AccountUpdate {
            last_config_ts: config.last_config_ts,
            last_config_seqnum: config.last_config_seqnum,
            config_flags: config.config_flags,
            negligible_amount: f64::from(config.negligible_amount),
            last_change_seqnum: server.last_change_seqnum + 1,
            ..account_update()
        }
    }

    fn logged(&self, object_type: &str) -> usize {
        types(&self.log).iter().filter(|logged| *logged == object_type).count()
    }
}

/// Numbers 9 and 10.
#[test]
fn an_error_stays_until_the_configuration_is_effectual() {
    let mut story = Story::begin();
    story.change(apply_rejected_config(story.data.clone(), rejected_config(), now()));
    assert_eq!(story.data.config.config_error.as_deref(), Some("TEST"));

    let not_effectual = AccountUpdate { config_flags: 1, ..story.confirmation() };
    story.update(&not_effectual);
    assert_eq!(story.data.config.config_error.as_deref(), Some("TEST"));
    assert_eq!((story.logged("AccountInfo"), story.logged("AccountLedger")), (2, 1));

    let anew = AccountUpdate { creation_date: date(2024, 2, 3), ..story.confirmation() };
    story.update(&anew);
    assert_eq!(story.data.config.config_error, None);
    assert_eq!((story.logged("AccountInfo"), story.logged("AccountLedger")), (3, 2));
}

#[test]
fn an_error_survives_a_new_configuration() {
    let mut story = Story::begin();
    story.change(apply_rejected_config(story.data.clone(), rejected_config(), now()));
    story.configure(false);
    assert_eq!(story.data.config.config_error.as_deref(), Some("TEST"));
    story.update(&story.confirmation());
    assert_eq!(story.data.config.config_error, None);
}

/// Number 14.
#[test]
fn deletion_is_safe_between_the_purge_and_the_next_configuration() {
    let mut story = Story::begin();
    let mut history = Vec::new();
    let mut note = |story: &Story| history.push((story.logged("AccountInfo"), story.data.is_deletion_safe()));
    story.configure(true);
    note(&story);
    story.update(&story.confirmation());
    note(&story);
    story.change(apply_purge(story.data.clone(), &purge(), now()));
    note(&story);
    story.configure(true);
    note(&story);
    assert_eq!(history, [(0, false), (1, false), (2, true), (3, false)]);
}
