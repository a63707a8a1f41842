//! `ReportLine`: the report of a run, as it stands in its file.

use crate::bounded::REPORT;
use crate::json::{self, Head, Wrong};
use concurrency_probe::Report;
use serde_json::Value;
use std::io;
use std::path::Path;

/// The report of a run, as it stands in its file: one line of JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportLine(pub Report);

/// Why a report cannot be used. Each message continues the words "the run left".
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It cannot be read, or is too large.
    #[error("a report that cannot be read: {0}")]
    Read(#[from] io::Error),
    /// It is empty.
    #[error("an empty report: line 1, column 1: expected a line of JSON")]
    Empty,
    /// It has too many lines.
    #[error("more than {most} reports: line {line}, column 1: expected at most {most} lines of JSON")]
    TooMany {
        /// The first line that is too many, from 1.
        line: usize,
        /// The most.
        most: usize,
    },
    /// It is not JSON, or not of the expected form.
    #[error("an invalid report: line {line}, column {column}: {why}")]
    Form {
        /// Where, from 1.
        line: usize,
        /// Where, from 1, in bytes.
        column: usize,
        /// What is wrong there, and what was expected.
        why: String,
    },
    /// Its schema is another one: it is of another version, or not a report.
    #[error(
        "a report of schema `{}`, expected `{}` (line {line}): program and gate must be of one version",
        found.escape_debug(),
        Report::SCHEMA
    )]
    Schema {
        /// In which line, from 1.
        line: usize,
        /// What it says.
        found: String,
    },
}

impl From<Wrong> for ReportError {
    fn from(Wrong { line, column, why }: Wrong) -> Self {
        ReportError::Form { line, column, why }
    }
}

/// The most lines of a report file. Each is a scope that was closed, in a program and all that it started.
const MOST_LINES: usize = 10_000;

impl ReportError {
    /// As the error of this line, from 1.
    fn in_line(self, number: usize) -> Self {
        match self {
            ReportError::Form { column, why, .. } => ReportError::Form { line: number, column, why },
            ReportError::Schema { found, .. } => ReportError::Schema { line: number, found },
            other => other,
        }
    }
}

impl ReportLine {
    /// Reads all that a run has reported: a line for each scope that was closed, in the program or in one that it started.
    ///
    /// # Errors
    ///
    /// If it cannot be read, has more than 64 MiB or 10,000 lines, is empty, or has a line that is no report.
    pub fn read_all(path: &Path) -> Result<Vec<Report>, ReportError> {
        // Reading a pipe that a target left there would never end.
        if !std::fs::metadata(path)?.is_file() {
            return Err(ReportError::Read(io::Error::other("it is not a regular file")));
        }
        ReportLine::parse_all(&REPORT.read(path)?)
    }

    /// Reads all reports of a file that is in memory.
    ///
    /// # Errors
    ///
    /// As [`ReportLine::read_all`].
    pub fn parse_all(bytes: &[u8]) -> Result<Vec<Report>, ReportError> {
        let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        if lines.is_empty() {
            return Err(ReportError::Empty);
        }
        let mut reports = Vec::new();
        for (at, line) in lines.split(|byte| *byte == b'\n').enumerate() {
            if at == MOST_LINES {
                return Err(ReportError::TooMany { line: at + 1, most: MOST_LINES });
            }
            if line.is_empty() {
                let why = "an empty line: expected a report".into();
                return Err(ReportError::Form { line: at + 1, column: 1, why });
            }
            let ReportLine(report) = ReportLine::parse(line).map_err(|error| error.in_line(at + 1))?;
            reports.push(report);
        }
        Ok(reports)
    }

    /// Reads a line that is in memory.
    ///
    /// # Errors
    ///
    /// If it is not one line of JSON that is a report.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReportError> {
        let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        if line.is_empty() {
            return Err(ReportError::Empty);
        }
        let other = |found: &str| ReportError::Schema { line: 1, found: found.to_owned() };
        match json::parse::<Report>(line) {
            Ok(report) if report.schema == Report::SCHEMA => Ok(ReportLine(report)),
            Ok(report) => Err(other(&report.schema)),
            // Another version may have other fields, so no other error is reported.
            Err(wrong) => match Head::of(line)?.schema() {
                Some(found) if found != Report::SCHEMA => Err(other(found)),
                _ => Err(missing(line).unwrap_or(wrong).into()),
            },
        }
    }
}

/// All missing keys of a report at once, so that a person who writes one by hand does not find them one by one. For a large report serde names
/// only the first.
fn missing(line: &[u8]) -> Option<Wrong> {
    if line.len() > MOST_BYTES {
        return None;
    }
    let report: Value = serde_json::from_slice(line).ok()?;
    let schema: Value = serde_json::from_str(include_str!("../report.schema.json")).ok()?;
    let mut missing = Missing { definitions: &schema["$defs"], named: Vec::new(), more: 0 };
    missing.look(&report, &schema, "");
    let Missing { named, more, .. } = missing;
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    let what = if named.len() == 1 { "field" } else { "fields" };
    (!named.is_empty()).then(|| Wrong {
        line: 1,
        column: line.len(),
        why: format!("missing {what} {}{more}", named.join(", ")),
    })
}

/// Keys that the schema requires and that are missing.
struct Missing<'a> {
    definitions: &'a Value,
    named: Vec<String>,
    more: usize,
}

impl<'a> Missing<'a> {
    /// Looks at a value, and at all rows in it.
    fn look(&mut self, value: &Value, schema: &'a Value, place: &str) {
        // A value that may be `null` has two alternatives. The first one is not `null`.
        let schema = if schema["anyOf"].is_array() { &schema["anyOf"][0] } else { schema };
        let definition = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/"));
        let schema = definition.map_or(schema, |name| &self.definitions[name]);
        match value {
            Value::Object(fields) => {
                let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
                for key in required.filter(|key| !fields.contains_key(*key)) {
                    if self.named.len() < MOST_MISSING {
                        self.named.push(format!("`{place}{key}`"));
                    } else {
                        self.more += 1;
                    }
                }
                for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
                    let Some(value) = fields.get(key) else { continue };
                    // A list has its rows in the place of a dot.
                    let end = if value.is_array() { "" } else { "." };
                    self.look(value, schema, &format!("{place}{key}{end}"));
                }
            }
            Value::Array(rows) => {
                for (at, row) in rows.iter().enumerate() {
                    self.look(row, &schema["items"], &format!("{place}[{at}]."));
                }
            }
            _ => {}
        }
    }
}

/// Only reports up to this size are checked for all missing keys. A report that a person writes is smaller.
const MOST_BYTES: usize = 1 << 20;

/// The most keys that are named.
const MOST_MISSING: usize = 12;

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
        let unasked = GOOD.replace("\"scope\"", "\"later\":{\"x\":1,\"x\":1},\"scope\"");
        assert!(ReportLine::parse(unasked.as_bytes()).is_ok(), "nobody reads either of the two");
        let least = r#"{"schema":"concurrency-probe/1","scope":"install","wall_ns":1200000}"#;
        assert_eq!(ReportLine::parse(least.as_bytes()).unwrap().0.scope, "install");
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
            (wall("1,\"wall_ns\":2"), "column 65: duplicate field `wall_ns`"),
            (GOOD.replace("\"a\":2", "\"a\":2,\"a\":3"), "duplicate field `a`"),
            (deep(100), "invalid type: sequence, expected u64"),
            (deep(200), "invalid type: sequence, expected u64"),
            (with(&format!("\"later\":{}", "[".repeat(100_000))), "expected"),
            (String::new(), "an empty report: line 1, column 1: expected a line of JSON"),
            ("\n".into(), "an empty report: line 1, column 1"),
            (" \t".into(), "an invalid report: line 1, column 3: it is empty: expected a JSON object"),
            (GOOD[..40].into(), "an invalid report: line 1, column 40: it ends too early"),
            (format!("{GOOD}\n{GOOD}"), "there is more: expected the end"),
            (
                r#"{"schema":"concurrency-probe/1","probes":[{"name":"a"},{"calls":1}],"passes":[{"label":"a","items":1}]}"#.into(),
                "missing fields `scope`, `wall_ns`, `passes[0].passes`, `passes[0].completed`, `passes[0].max_items`, `passes[0].wall_ns`, \
                 `passes[0].busy_ns`, `passes[0].max_concurrent`, `passes[0].threads`, `probes[0].calls`, `probes[0].max_in_flight`, \
                 `probes[1].name`, and 1 more",
            ),
            (
                with(r#""timeline":{"spans":[{}]}"#),
                "missing fields `timeline.left_out`, `timeline.threads`, `timeline.spans[0].kind`, `timeline.spans[0].name`",
            ),
            (
                GOOD.replace("\"probes\":[]", r#""probes":[{"name":"a","calls":1,"max_in_flight":1,"batches":[{"label":"b"}]}]"#),
                "missing fields `probes[0].batches[0].calls`, `probes[0].batches[0].max_in_flight`",
            ),
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
        for (text, says) in [
            (
                format!("{GOOD}\n\n{GOOD}\n"),
                "an invalid report: line 2, column 1: an empty line: expected a report",
            ),
            (format!("{GOOD}\n\n"), "line 2, column 1: an empty line"),
            (format!("{GOOD}\n{}\n", wall("-1")), "an invalid report: line 2, column 56: invalid value"),
            (
                format!("{GOOD}\n{}\n", GOOD.replace("probe/1", "probe/2")),
                "expected `concurrency-probe/1` (line 2)",
            ),
            (format!("{GOOD}\n").repeat(10_001), "more than 10000 reports: line 10001, column 1"),
        ] {
            let error = ReportLine::parse_all(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(says), "{says}: {error}");
        }
        assert_eq!(
            ReportLine::parse_all(format!("{GOOD}\n").repeat(10_000).as_bytes()).unwrap().len(),
            10_000
        );
        let (before, after) = GOOD.split_at(70);
        let error = ReportLine::parse(&[before.as_bytes(), b"\xff", after.as_bytes()].concat()).unwrap_err();
        assert_eq!(error.to_string(), "an invalid report: line 1, column 71: invalid UTF-8");
    }
}
