//! Child processes that never outlive their purpose.

mod daemon;
mod recorded;
mod service;
mod user;

pub use daemon::{Daemon, Lifetime, Program};
pub use recorded::Recorded;
pub use service::{ServiceBuilder, ServiceProcess};
pub use user::User;
