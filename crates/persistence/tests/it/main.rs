//! Tests against a real PostgreSQL.

#[cfg(test)]
mod adoption;
#[cfg(test)]
mod database;
#[cfg(test)]
mod schema_equality;
#[cfg(test)]
mod stored_functions;
