//! What the table scanners do about the rows they have read (processing §13.2).
//!
//! Rows may have changed since they were read, so each procedure locks them, passing over those that somebody else holds,
//! and judges them anew. What is passed over is found by the next scan.

pub mod accounts;
pub mod creditors;
pub mod records;
