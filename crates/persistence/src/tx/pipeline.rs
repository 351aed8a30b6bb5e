//! Statements that are sent together, without waiting for each other's answers.
//!
//! Design notes. Statements arrive at the server in the order in which their futures are first polled, if all of them go
//! through the cache of prepared statements: one that has to be prepared first holds the cache's (fair) lock until it
//! has been sent itself. That is why COMMIT is a prepared statement here: one that goes its own way could overtake.

use std::{future::poll_fn, pin::Pin, task::Poll};

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use futures::{
    FutureExt as _,
    future::{BoxFuture, maybe_done},
};

use crate::sql::statement;

statement! {
    pub(super) struct Commit {}
    "COMMIT"
}

/// A write without results. Its prepared form is cached under its text.
pub(super) struct Write(Box<dyn QueryFragment<Pg> + Send + Sync>);

impl Write {
    pub(super) fn new(statement: impl QueryFragment<Pg> + Send + Sync + 'static) -> Self {
        Self(Box::new(statement))
    }

    /// Several writes as one statement, because each statement costs the server a part of its time.
    pub(super) fn all(mut writes: Vec<Self>) -> Option<Self> {
        let last = writes.pop()?;
        if writes.is_empty() {
            return Some(last);
        }
        writes.push(last);
        Some(Self::new(Together(writes)))
    }

    pub(super) fn send(self, connection: &AsyncPgConnection) -> BoxFuture<'_, QueryResult<usize>> {
        let mut connection = connection;
        self.execute(&mut connection)
    }
}

impl QueryFragment<Pg> for Write {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

impl QueryId for Write {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Writes in one statement. The server is free to choose their order, so no two of them may write the same row, and what
/// others might want must have been locked before.
struct Together(Vec<Write>);

impl QueryFragment<Pg> for Together {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for (number, write) in self.0.iter().enumerate() {
            out.push_sql(if number == 0 { "WITH " } else { ", " });
            out.push_identifier(&format!("write {number}"))?;
            out.push_sql(" AS (");
            write.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        out.push_sql(" SELECT");
        Ok(())
    }
}

/// Sends all of the statements at once, in their order, and waits for all answers. Fails like the first one that fails;
/// in a transaction, the server does not run those after it.
pub(super) async fn answers(sent: Vec<BoxFuture<'_, QueryResult<usize>>>) -> QueryResult<()> {
    let mut sent: Vec<_> = sent.into_iter().map(maybe_done).collect();
    poll_fn(|context| {
        let mut all = Poll::Ready(());
        for answer in &mut sent {
            if answer.poll_unpin(context).is_pending() {
                all = Poll::Pending;
            }
        }
        all
    })
    .await;
    let mut answers = sent.into_iter().filter_map(|mut answer| Pin::new(&mut answer).take_output());
    answers.try_for_each(|answer| answer.map(|_| ()))
}
