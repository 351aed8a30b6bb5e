//! Reads a table piece by piece.

use std::collections::VecDeque;

use persistence::{
    Db, Result,
    scan::{self, Row, Size},
};
use runtime::Random;
use tracing::info;

use crate::course::{Course, Nothing};

/// A table that is read round and round.
///
/// Each piece is a transaction of its own; between pieces, nothing is held.
pub(crate) struct Reader<R> {
    db: Db,
    course: Course,
    /// Rows that have been read and not handed over.
    waiting: VecDeque<R>,
}

/// Rows to act upon.
pub(crate) struct Piece<R> {
    /// Empty if the table is.
    pub(crate) rows: Vec<R>,
    /// The last block of the round has been read.
    pub(crate) completes_pass: bool,
}

/// How much to hand over at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Portion {
    /// Up to so many rows.
    Rows(usize),
    /// The rows of one page that has any.
    Page,
}

impl<R: Row> Reader<R> {
    /// A reader that begins anywhere.
    pub(crate) async fn start(db: Db, blocks_per_query: u32, random: &dyn Random) -> Result<Self> {
        let blocks = scan::size(&mut *db.conn().await?, R::TABLE).await?.blocks;
        // One of `blocks + 1` places; the bias of the remainder is below 2⁻³².
        let start = u32::try_from(random.next_u64() % (u64::from(blocks) + 1)).unwrap_or(0);
        Ok(Self { db, course: Course::new(start, blocks_per_query, blocks), waiting: VecDeque::new() })
    }

    /// How large the table is.
    pub(crate) async fn size(&mut self) -> Result<Size> {
        let size = scan::size(&mut *self.db.conn().await?, R::TABLE).await?;
        self.course.resize(size.blocks);
        Ok(size)
    }

    /// How much of the pass has been read, from 0 to 1.
    pub(crate) fn progress(&self) -> f64 {
        self.course.progress()
    }

    /// The next rows. After an error, the same can be asked for again.
    pub(crate) async fn next(&mut self, portion: Portion) -> Result<Piece<R>> {
        while self.needs_more(portion) {
            // Rows of the next round are left to the next portion, so that none has a row twice.
            if !self.read(self.waiting.is_empty()).await? {
                break;
            }
        }
        let rows: Vec<R> = self.waiting.drain(..self.available(portion)).collect();
        let completes_pass = self.waiting.is_empty() && self.course.complete();
        Ok(Piece { rows, completes_pass })
    }

    fn needs_more(&self, portion: Portion) -> bool {
        match portion {
            Portion::Rows(wanted) => self.waiting.len() < wanted,
            Portion::Page => self.waiting.is_empty(),
        }
    }

    fn available(&self, portion: Portion) -> usize {
        match portion {
            Portion::Rows(wanted) => self.waiting.len().min(wanted),
            Portion::Page => {
                let block = self.waiting.front().map(R::block);
                self.waiting.iter().take_while(|row| Some(row.block()) == block).count()
            }
        }
    }

    /// Reads on until there are rows. False: the end of the table was reached before; the next call starts at its
    /// beginning. With `twice`, that happens only if there are no rows at all.
    async fn read(&mut self, twice: bool) -> Result<bool> {
        let mut ends = if twice { 2 } else { 1 };
        while ends > 0 {
            let mut connection = self.db.conn().await?;
            if self.course.is_fast_forwarding()
                && let Some(block) = scan::first_block(&mut connection, R::TABLE, self.course.range()).await?
            {
                self.course.skip_to(block);
            }
            let rows = if self.course.is_fast_forwarding() {
                Vec::new()
            } else {
                R::read(&mut connection, self.course.range()).await?
            };
            if !rows.is_empty() {
                self.course.found();
                self.waiting.extend(rows);
                return Ok(true);
            }
            let size = scan::size(&mut connection, R::TABLE).await?;
            if self.course.found_nothing(size.blocks) == Nothing::Wrapped {
                let rows = R::TABLE.rows();
                info!(
                    table = rows,
                    "The scan of {rows} has reached the end of the table and goes on at its beginning."
                );
                ends -= 1;
            }
        }
        Ok(false)
    }
}
