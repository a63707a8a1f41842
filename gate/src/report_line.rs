//! `ReportLine`: the report of a run, as it stands in its file.

use crate::bounded::REPORT;
use crate::json::{self, Head, Wrong};
use concurrency_probe::Report;
use std::io;
use std::path::Path;

/// The report of a run, as it stands in its file: one line of JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportLine(pub Report);

/// Why a report cannot be used. It is said of a run: it left ..
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It cannot be read, or is too large.
    #[error("a report that cannot be read: {0}")]
    Read(#[from] io::Error),
    /// There is nothing in it.
    #[error("an empty report: line 1, column 1: expected a line of JSON")]
    Empty,
    /// There is more than one.
    #[error("several reports: line 2, column 1: expected one line of JSON, of one scope")]
    Several,
    /// Not JSON, or not of this form.
    #[error("an invalid report: line {line}, column {column}: {why}")]
    Form {
        /// Where, from 1.
        line: usize,
        /// Where, from 1, in bytes.
        column: usize,
        /// What is wrong there, and what was expected.
        why: String,
    },
    /// It is of a version that this program does not know, or of something else.
    #[error(
        "a report of schema `{}`, expected `{}` (line 1): are program and gate of one version?",
        found.escape_debug(),
        Report::SCHEMA
    )]
    Schema {
        /// What it says.
        found: String,
    },
}

impl From<Wrong> for ReportError {
    fn from(Wrong { line, column, why }: Wrong) -> Self {
        ReportError::Form { line, column, why }
    }
}

impl ReportLine {
    /// Reads the report of a run.
    ///
    /// # Errors
    ///
    /// If it cannot be read, has more than 64 MiB, or is invalid.
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        // A pipe that a target left in its place would be waited for, for ever.
        if !std::fs::metadata(path)?.is_file() {
            return Err(ReportError::Read(io::Error::other("it is not a regular file")));
        }
        ReportLine::parse(&REPORT.read(path)?)
    }

    /// Reads a report that is in memory.
    ///
    /// # Errors
    ///
    /// If it is not one line of JSON that is a report.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReportError> {
        let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        if line.is_empty() {
            return Err(ReportError::Empty);
        }
        if line.contains(&b'\n') {
            return Err(ReportError::Several);
        }
        json::check(line)?;
        // Of another version nothing else is said: its fields may be others.
        match Head::of(line).schema {
            Some(found) if found != Report::SCHEMA => Err(ReportError::Schema { found }),
            _ => Ok(ReportLine(json::parse(line)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ReportLine;

    const GOOD: &str = r#"{"schema":"concurrency-probe/1","scope":"s","wall_ns":1,"counts":{"a":2},"phases":[],"probes":[],"passes":[],"findings":[]}"#;

    #[test]
    fn a_report_is_one_line() {
        for text in [GOOD.to_owned(), format!("{GOOD}\n"), format!("{GOOD}\r\n"), format!(" {GOOD} ")] {
            assert_eq!(ReportLine::parse(text.as_bytes()).unwrap().0.counts["a"], 2, "{text:?}");
        }
        let later = GOOD.replace("\"scope\"", "\"key_of_a_later_version\":[{}],\"scope\"");
        assert!(ReportLine::parse(later.as_bytes()).is_ok(), "keys may be added");
        let older = include_str!("../tests/fuzz/seeds/older.ndjson");
        assert_eq!(ReportLine::parse(older.as_bytes()).unwrap().0.timeline, None, "keys were added");
    }

    #[test]
    fn what_is_invalid_is_refused_with_its_place() {
        let wall = |value: &str| GOOD.replace("\"wall_ns\":1", &format!("\"wall_ns\":{value}"));
        let deep = |by: usize| wall(&("[".repeat(by) + &"]".repeat(by)));
        let with = |key: &str| GOOD.replace("\"scope\"", &format!("{key},\"scope\""));
        for (text, says) in [
            (wall("-1"), "an invalid report: line 1, column 56: invalid value: integer `-1`, expected u64"),
            (
                wall("1.5"),
                "an invalid report: line 1, column 57: invalid type: floating point `1.5`, expected u64",
            ),
            (wall("1e400"), "column 59: the number is out of range: expected a finite one"),
            (wall("NaN"), "column 55: expected a value: a number"),
            (wall("Infinity"), "column 55: expected a value: a number"),
            (wall("\"1\""), "column 57: invalid type: string \"1\", expected u64"),
            (wall("18446744073709551616"), "expected u64"),
            (wall("1,\"wall_ns\":2"), "column 65: duplicate key `wall_ns`"),
            (GOOD.replace("\"a\":2", "\"a\":2,\"a\":3"), "duplicate key `a`"),
            (with("\"later\":{\"x\":1,\"x\":1}"), "duplicate key `x`"),
            (deep(100), "invalid type: sequence, expected u64"),
            (deep(200), "column 181: it is nested too deeply"),
            (with(&format!("\"later\":{}", "[".repeat(100_000))), "it is nested too deeply"),
            (String::new(), "an empty report: line 1, column 1: expected a line of JSON"),
            ("\n".into(), "an empty report: line 1, column 1"),
            (" \t".into(), "an invalid report: line 1, column 3: it is empty: expected a JSON object"),
            (GOOD[..40].into(), "an invalid report: line 1, column 40: it ends too early"),
            (format!("{GOOD}\n{GOOD}\n"), "several reports: line 2, column 1: expected one line of JSON"),
            (format!("{GOOD}{GOOD}"), "there is more: expected the end"),
            (format!("\u{feff}{GOOD}"), "an invalid report: line 1, column 1: unexpected byte order mark"),
            (GOOD.replace("probe/1", "probe/2"), "a report of schema `concurrency-probe/2`, expected"),
            (GOOD.replace("\"scope\":\"s\",", ""), "missing field `scope`"),
            (
                "null".into(),
                "an invalid report: line 1, column 4: invalid type: null, expected struct Report",
            ),
        ] {
            let error = ReportLine::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains("line "), "{says}: {error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
        let (before, after) = GOOD.split_at(70);
        let error = ReportLine::parse(&[before.as_bytes(), b"\xff", after.as_bytes()].concat()).unwrap_err();
        assert_eq!(error.to_string(), "an invalid report: line 1, column 71: invalid UTF-8");
    }
}
