//! Health and metrics.

use std::net::IpAddr;

use crate::config::Kind;
use crate::config::reader::Reader;
use crate::config::variable::variables;

variables! {
    Admin {
        PORT = "APP_ADMIN_PORT", Kind::Int(0, 65_535),
            "port of health and metrics; 0 = none; not set = each service has its own";
        BIND = "APP_ADMIN_BIND", Kind::Address, ["0.0.0.0"], "address of the interface that shows them";
    }
}

/// Health and metrics (design §9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// `None`: the service's own default; 0: no port at all.
    pub port: Option<u16>,
    /// Address of the interface that shows them.
    pub bind: IpAddr,
}

impl Admin {
    pub(in crate::config) fn read(reader: &mut Reader) -> Self {
        Self { port: reader.optional_int(&PORT), bind: reader.address(&BIND) }
    }
}
