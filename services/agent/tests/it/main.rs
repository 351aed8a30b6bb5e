//! Runs the real binary against real servers.

#[cfg(test)]
mod await_migrations;
#[cfg(test)]
mod books;
#[cfg(test)]
mod broker;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod configure;
#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod inspect;
#[cfg(test)]
mod program;
#[cfg(test)]
mod shard_content;
#[cfg(test)]
mod supervision;
#[cfg(test)]
mod verify;
#[cfg(test)]
mod words;
