//! Logs as streams of events: each entry is sent as soon as it is there.
//!
//! An event's id is that of the entry, so that a client that has lost its connection goes on where it was, by
//! `Last-Event-ID`, as browsers do by themselves, or by `prev`. A stream ends after some minutes: then the client has to
//! show again that it may read.

use std::{fmt::Write as _, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap},
    web::{Bytes, Data},
};
use domain::CreditorId;
use futures::stream;
use persistence::log_entry;
use tokio::time::Instant;

use crate::{
    ApiError, State,
    feed::{Following, Waited},
    render::log::LogEntry,
};

/// The media type of event streams.
const EVENT_STREAM: &str = "text/event-stream";

/// A stream ends after so long.
const LONGEST: Duration = Duration::from_mins(5);

/// So often something is sent that says nothing, to find out whether the client is still there.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// What is sent first: how many milliseconds the client should wait before it connects again.
const BEGINNING: &str = "retry: 1000\n\n";

/// The client asks for a stream, and for nothing else.
pub(super) fn is_wanted(request: &HttpRequest) -> bool {
    let mut accepted = request.headers().get_all(header::ACCEPT);
    accepted.next().is_some_and(|value| value == EVENT_STREAM) && accepted.next().is_none()
}

/// Streams the log, from after the entry `prev`, or from where the client says that it was interrupted.
pub(super) async fn stream(
    state: Data<State>,
    creditor_id: CreditorId,
    request: &HttpRequest,
    prev: i64,
) -> Result<HttpResponse, ApiError> {
    let after = last_event_id(request.headers())?.unwrap_or(prev);
    let following = state.feed.follow(creditor_id).ok_or_else(|| ApiError::Unavailable("too many followers".into()))?;
    let mut follower = Follower { state, creditor_id, after, following, until: Instant::now() + LONGEST };
    let first = follower.read().await?.ok_or(ApiError::NotFound)?;
    let beginning = Bytes::from(format!("{BEGINNING}{first}"));
    let events = stream::unfold((Some(beginning), follower), async |(ready, mut follower)| {
        let chunk = match ready {
            Some(chunk) => chunk,
            None => follower.next().await?,
        };
        Some((Ok::<_, ApiError>(chunk), (None, follower)))
    });
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, EVENT_STREAM)).streaming(Box::pin(events)))
}

/// Where the client was interrupted.
fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>, ApiError> {
    let Some(value) = headers.get("Last-Event-ID") else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| text.parse().ok()).filter(|id| *id >= 0);
    id.map(Some).ok_or(ApiError::BadRequest)
}

/// Somebody who follows a log.
struct Follower {
    state: Data<State>,
    creditor_id: CreditorId,
    /// The last entry that was sent.
    after: i64,
    following: Following,
    until: Instant,
}

impl Follower {
    /// What to send next; `None` at the end. When the database is away, the client connects again later.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let events = self.read().await.ok()??;
            if !events.is_empty() {
                return Some(events.into());
            }
            let left = self.until.saturating_duration_since(Instant::now());
            match self.following.wait(self.after, left.min(HEARTBEAT)).await {
                Waited::Grown => {}
                Waited::Elapsed if left > HEARTBEAT => return Some(Bytes::from_static(b":\n\n")),
                Waited::Elapsed | Waited::Stopped => return None,
            }
        }
    }

    /// The events of the entries that were not sent yet, a page at most. `None`: there is no such creditor.
    async fn read(&mut self) -> Result<Option<String>, ApiError> {
        let limit = self.state.settings.web.page_sizes.log_entries;
        let mut conn = self.state.db.conn().await?;
        let Some(page) = log_entry::page(&mut conn, self.creditor_id, self.after, limit.into()).await? else {
            return Ok(None);
        };
        let mut events = String::new();
        for logged in page.entries {
            let entry = LogEntry::new(logged.entry_id, &logged.entry, logged.data.as_deref());
            let data = serde_json::to_string(&entry).map_err(ApiError::internal)?;
            // Writing to a string cannot fail.
            let _ = write!(events, "id: {}\ndata: {data}\n\n", logged.entry_id);
            self.after = logged.entry_id;
        }
        Ok(Some(events))
    }
}
