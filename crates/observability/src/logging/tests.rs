use std::error::Error;
use std::sync::PoisonError;

use log::Log;
use tracing::subscriber::with_default;
use tracing::{debug, error, error_span, info, info_span, trace, warn};

use super::*;

/// What was written.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap()
    }
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_435_200, 987_654_321).unwrap()
}

fn written(level: Level, format: Format, speak: fn()) -> String {
    let buffer = Buffer::default();
    with_default(subscriber(level, format, buffer.clone(), noon), speak);
    buffer.text()
}

#[derive(Debug, thiserror::Error)]
#[error("the batch failed")]
struct BatchFailed(#[source] io::Error);

fn speak_with_fields() {
    let cause = BatchFailed(io::Error::other("connection\nreset"));
    let span = error_span!(target: "creditors_x", "batch", queue = "q", attempt = 1);
    let _inside = span.enter();
    error!(
        target: "creditors_consumer::batch",
        rows = 17_u64, seconds = 0.25, last = true, note = "two words", attempt = 2, empty = "", name = "n",
        error = &cause as &dyn Error,
        exc_info = "one\n  two\n",
        "Batch of {} failed.\nBadly.", 17
    );
}

#[test]
fn text_lines() {
    assert_eq!(
        written(Level::Info, Format::Text, || info!(target: "creditors_log_processor::pass", "Started.")),
        "2026-11-23 12:00:00+0000:INFO:creditors.log_processor.pass:Started.\n"
    );
    assert_eq!(
        written(Level::Info, Format::Text, speak_with_fields),
        "2026-11-23 12:00:00+0000:ERROR:creditors.consumer.batch:Batch of 17 failed.\\nBadly. rows=17 seconds=0.25 \
         last=true note=\"two words\" attempt=2 empty=\"\" name=n error=\"the batch failed: connection\\nreset\" \
         queue=q\none\n  two\n"
    );
}

#[test]
fn json_lines() {
    assert_eq!(
        written(Level::Info, Format::Json, || info!(target: "creditors.web.access", "He said \"é\".")),
        "{\"asctime\":\"2026-11-23T12:00:00+0000\",\"levelname\":\"INFO\",\"name\":\"creditors.web.access\",\
         \"message\":\"He said \\\"é\\\".\"}\n"
    );
    let line = written(Level::Info, Format::Json, speak_with_fields);
    assert_eq!(
        line,
        "{\"asctime\":\"2026-11-23T12:00:00+0000\",\"levelname\":\"ERROR\",\"name\":\"creditors.consumer.batch\",\
         \"message\":\"Batch of 17 failed.\\nBadly.\",\"exc_info\":\"one\\n  two\\n\",\"rows\":17,\"seconds\":0.25,\
         \"last\":true,\"note\":\"two words\",\"attempt\":2,\"empty\":\"\",\"name_\":\"n\",\
         \"error\":\"the batch failed: connection\\nreset\",\"queue\":\"q\"}\n"
    );
    assert!(serde_json::from_str::<serde_json::Value>(&line).unwrap().is_object());
}

#[test]
fn values_recorded_later_are_shown() {
    let text = written(Level::Info, Format::Text, || {
        let span = info_span!(target: "creditors_x", "request", status = tracing::field::Empty, bytes = f64::NAN);
        span.in_scope(|| info!(target: "creditors_x", "before"));
        span.record("status", 204);
        span.in_scope(|| info!(target: "creditors_x", r#type = ?Some(1), "after"));
    });
    let lines: Vec<&str> = text.lines().map(|line| line.rsplit_once(".x:").unwrap().1).collect();
    assert_eq!(lines, ["before bytes=null", "after type=Some(1) bytes=null status=204"]);
}

#[test]
fn the_level_is_ours_and_libraries_are_heard_from_warning() {
    fn speak() {
        trace!(target: "creditors_x", "own trace");
        debug!(target: "creditors_x", "own debug");
        info!(target: "creditors.x", "own info");
        warn!(target: "creditors_x", "own warning");
        error!(target: "creditors_x", "own error");
        info!(target: "library", "their info");
        warn!(target: "library::part", "their warning");
    }
    let all = ["DEBUG:own trace", "DEBUG:own debug", "INFO:own info", "WARNING:own warning", "ERROR:own error"];
    for (level, hidden) in
        [(Level::Debug, 0), (Level::Info, 2), (Level::Warning, 3), (Level::Error, 4), (Level::Critical, 5)]
    {
        let text = written(level, Format::Text, speak);
        let said: Vec<String> = text
            .lines()
            .map(|line| line.strip_prefix("2026-11-23 12:00:00+0000:").unwrap())
            .map(|line| line.replace("creditors.x:", "").replace("library.part:", ""))
            .collect();
        let mut expected = all[hidden..].to_vec();
        expected.push("WARNING:their warning");
        assert_eq!(said, expected, "{level:?}");
    }
}

#[test]
fn records_of_the_log_crate_become_lines() {
    let buffer = Buffer::default();
    let bridge = bridge::Bridge(Arc::new(Sink::new(Format::Text, Box::new(buffer.clone()), noon)));
    for (level, message) in [(log::Level::Info, "quiet"), (log::Level::Warn, "loud")] {
        let mut record = log::Record::builder();
        bridge.log(&record.level(level).target("actix::worker").args(format_args!("{message}")).build());
    }
    assert_eq!(buffer.text(), "2026-11-23 12:00:00+0000:WARNING:actix.worker:loud\n");
}

#[test]
fn words_are_parsed() {
    assert_eq!("critical".parse(), Ok(Level::Critical));
    assert_eq!("json".parse(), Ok(Format::Json));
    assert_eq!("loud".parse::<Level>().unwrap_err().to_string(), "there is no log level \"loud\"");
    assert_eq!(init_logging("info", "yaml"), Err(LoggingError::UnknownFormat("yaml".into())));
}
