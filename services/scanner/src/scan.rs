//! The scan of one table: rhythms and beats.

use std::sync::Arc;

use persistence::{
    Db, Result,
    scan::{Row as _, Size},
};
use runtime::{Clock, Random, config};
use tokio::time::{Instant, sleep};
use tracing::info;

use crate::{
    action::{Action, Mode},
    pass::{Beat, Pass},
    patience::{Patience, insist},
    reader::{Portion, Reader},
    rhythm::{Rhythm, Savings},
};

/// After so many rhythms, a scan that was told to quit early does so.
const EARLY: u32 = 11;

/// A scan that is about to begin.
pub(crate) struct Scan<A> {
    pub(crate) action: A,
    pub(crate) settings: config::Scan,
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) quit_early: bool,
}

impl<A: Action> Scan<A> {
    /// Scans round after round. Ends only if it is to quit early, or with a failure that lies in the data; while the
    /// database is away, it waits. It may be cancelled at any moment.
    pub(crate) async fn run(self) -> Result<()> {
        let table = A::Row::TABLE;
        let mut patience = Patience::new(table.rows(), Arc::clone(&self.random));
        let blocks = self.settings.blocks_per_query;
        let mut reader = insist!(patience, Reader::start(self.db.clone(), blocks, &*self.random));
        let mut pass = Pass::begin(table, self.settings.goal, Instant::now());
        let mut rhythms = 0;
        while !self.quit_early || rhythms < EARLY {
            let size = insist!(patience, reader.size());
            let rhythm = self.compute_rhythm(size);
            self.keep(&rhythm, &mut reader, &mut pass, &mut patience).await?;
            rhythms += 1;
        }
        Ok(())
    }

    /// Beats until the rhythm is over, or does not fit the table any more.
    async fn keep(
        &self,
        rhythm: &Rhythm,
        reader: &mut Reader<A::Row>,
        pass: &mut Pass,
        patience: &mut Patience,
    ) -> Result<()> {
        let started = Instant::now();
        let mut savings = Savings::default();
        let mut beats = 0;
        loop {
            let began = Instant::now();
            let piece = insist!(patience, reader.next(portion(A::MODE, rhythm)));
            let effect = insist!(patience, self.action.act(&piece.rows));
            let done = Beat { rows: piece.rows.len(), effect, spent: began.elapsed() };
            pass.add(done, reader.progress(), Instant::now(), self.clock.now());
            if piece.completes_pass {
                pass.complete(Instant::now());
            }
            beats += 1;
            if let Some(pause) = savings.after_beat(rhythm, began.elapsed()) {
                let paused = Instant::now();
                sleep(pause).await;
                savings.rested(paused.elapsed());
            }
            if rhythm.is_over(started.elapsed()) {
                return Ok(());
            }
            if rhythm.is_time_to_look(beats) && !rhythm.fits(measure(A::MODE, insist!(patience, reader.size()))) {
                return Ok(());
            }
        }
    }

    fn compute_rhythm(&self, size: Size) -> Rhythm {
        let config::Scan { goal, beat, .. } = self.settings;
        let measure = measure(A::MODE, size);
        let rhythm = match A::MODE {
            Mode::Rows => Rhythm::of_rows(goal, beat, measure),
            Mode::Pages => Rhythm::of_pages(goal, measure),
        };
        let rows = A::Row::TABLE.rows();
        info!(
            table = rows,
            blocks = size.blocks,
            goal_seconds = goal.as_secs_f64(),
            beat_seconds = rhythm.beat().as_secs_f64(),
            "The scan of {rows} takes {:.3} s for a beat, and {:.2} h for a pass.",
            rhythm.beat().as_secs_f64(),
            goal.as_secs_f64() / 3600.0
        );
        rhythm
    }
}

/// What a beat handles.
const fn portion(mode: Mode, rhythm: &Rhythm) -> Portion {
    match mode {
        Mode::Rows => Portion::Rows(rhythm.rows),
        Mode::Pages => Portion::Page,
    }
}

/// What the rhythm depends on: rows or pages.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate that is not negative; the cast rounds down"
)]
fn measure(mode: Mode, size: Size) -> u64 {
    match mode {
        Mode::Rows => size.rows as u64,
        Mode::Pages => size.pages as u64,
    }
}
