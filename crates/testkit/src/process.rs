//! Child processes that never outlive their purpose.

mod container;
mod daemon;
pub mod discretion;
pub mod memory;
mod recorded;
mod service;
mod user;

pub use container::Container;
pub use daemon::{Daemon, Lifetime, Program};
pub use recorded::Recorded;
pub use service::{ServiceBuilder, ServiceProcess};
pub use user::User;
