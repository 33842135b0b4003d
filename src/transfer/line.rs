//! The lines of an import.

use crate::birthday::DateOfBirth;
use crate::store::Record;
use crate::username::Username;
use chrono::NaiveDate;
use serde::Deserialize;
use std::io::{self, BufRead, Read};

/// The longest line, in bytes: a record needs 2,100, the rest is room for fields that are ignored.
const MAX_LINE: usize = 16 * 1024;

/// Gives the records of the input.
pub(super) struct Lines<I> {
    input: I,
    number: u64,
    today: NaiveDate,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    username: String,
    date_of_birth: String,
}

impl<I: BufRead> Lines<I> {
    pub(super) fn new(input: I, today: NaiveDate) -> Self {
        Self { input, number: 0, today }
    }

    fn read(&mut self) -> Result<Option<Record>, Reason> {
        loop {
            self.number += 1;
            let mut line = Vec::new();
            if self.input.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            if line.len() > MAX_LINE {
                return Err(Reason::TooLong);
            }
            if !line.trim_ascii().is_empty() {
                return self.record(&line).map(Some);
            }
        }
    }

    fn record(&self, line: &[u8]) -> Result<Record, Reason> {
        // serde's own error would show what the line holds.
        let Line { username, date_of_birth } = serde_json::from_slice(line).map_err(|_| Reason::NoRecord)?;
        let username = Username::parse(username).map_err(|_| Reason::Username)?;
        let born = DateOfBirth::parse(&date_of_birth).map_err(|_| Reason::Date)?;
        if born.is_before(self.today) { Ok(Record { username, born }) } else { Err(Reason::DateNotPast) }
    }
}

impl<I: BufRead> Iterator for Lines<I> {
    type Item = Result<Record, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().map_err(|reason| BadLine { number: self.number, reason }).transpose()
    }
}

/// A line that is no record.
#[derive(Debug, thiserror::Error)]
#[error("line {number} {reason}")]
pub struct BadLine {
    number: u64,
    reason: Reason,
}

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error("cannot be read: {0}")]
    Input(#[from] io::Error),
    #[error("is longer than {MAX_LINE} bytes")]
    TooLong,
    #[error("is not a JSON object with the texts username and dateOfBirth")]
    NoRecord,
    #[error("has a username that is not 1 to {} ASCII letters", Username::MAX_LEN)]
    Username,
    #[error("has a dateOfBirth that is not a date written YYYY-MM-DD")]
    Date,
    #[error("has a dateOfBirth that is not in the past")]
    DateNotPast,
}
