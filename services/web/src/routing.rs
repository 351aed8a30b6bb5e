//! Paths and methods (webapi §3).
//!
//! The routes are a table, from which 404, 405, 308, HEAD and OPTIONS follow in the same way for all of them. actix's own
//! router is not used: it knows neither 64-bit numbers nor these redirects.

mod router;
mod template;

pub(crate) use self::template::number;
pub use self::{
    router::{Resource, Routes, resource},
    template::Params,
};
