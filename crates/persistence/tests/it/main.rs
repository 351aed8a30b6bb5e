//! Tests against a real PostgreSQL.

// Under the name that all other crates use.
extern crate creditors_persistence as persistence;

#[cfg(test)]
mod adoption;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod database;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod scan;
#[cfg(test)]
mod schema_equality;
#[cfg(test)]
mod stored_functions;
#[cfg(test)]
mod tx;
#[cfg(test)]
mod wake;
