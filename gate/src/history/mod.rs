//! `History`: the sessions of a gate, one on each line of a file that only grows.

mod append;
mod line;
mod series;

use crate::bounded::HISTORY;
use crate::json::{self, Head, Wrong};
use std::io;
use std::path::{Path, PathBuf};

pub use line::{Figure, RuleLine, SessionLine, TargetLine};
pub(crate) use series::{Kind, Point, Series};

/// The sessions of a gate, in the order in which they were added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The sessions.
    pub sessions: Vec<SessionLine>,
    /// The numbers of lines, from 1, that were cut off when a gate was killed. They are skipped.
    pub cut: Vec<usize>,
}

/// Why a history cannot be read, or cannot be added to.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// It cannot be read.
    #[error("cannot read the history {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("cannot add to the history {}: {source}; name another file with --history", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is not a session.
    #[error("{}:{line}:{column}: {why}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Where in it, from 1, in bytes.
        column: usize,
        /// What is wrong there.
        why: String,
    },
    /// It is empty.
    #[error(
        "{}: there is no session in it: add some with `probe-gate run --history {0}`",
        path.display()
    )]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl History {
    /// Reads a history.
    ///
    /// # Errors
    ///
    /// If it cannot be read, has more than 64 MiB or no session, or has a line that is not a session and was not cut off.
    pub fn read(path: &Path) -> Result<Self, HistoryError> {
        let bytes = HISTORY.read(path).map_err(|source| HistoryError::Read { path: path.into(), source })?;
        match History::parse(&bytes, path)? {
            History { sessions, .. } if sessions.is_empty() => Err(HistoryError::Empty { path: path.into() }),
            history => Ok(history),
        }
    }

    /// Reads a history that is in memory. The path is for messages. Empty lines are skipped.
    ///
    /// # Errors
    ///
    /// If a line is not a session and was not cut off.
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Self, HistoryError> {
        let mut history = History::default();
        for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.trim_ascii().is_empty() {
                continue;
            }
            match session(line) {
                Ok(session) => history.sessions.push(session),
                Err(_) if is_cut(line) => history.cut.push(at + 1),
                Err(Wrong { column, why, .. }) => {
                    return Err(HistoryError::Line { path: path.into(), line: at + 1, column, why });
                }
            }
        }
        Ok(history)
    }

    /// Appends a session as one line. The lines before it are not changed, and several gates may append to one file. If the last line was cut off
    /// when a gate was killed, the session gets a new line after it, and the number of the cut line is returned.
    ///
    /// # Errors
    ///
    /// If the file cannot be written, or is not a history. Nothing is added then.
    pub fn append(path: &Path, session: &SessionLine) -> Result<Option<usize>, HistoryError> {
        append::append(path, session)
    }

    /// Checks that a session can be added. Creates the file if it does not exist.
    ///
    /// # Errors
    ///
    /// As [`History::append`].
    pub fn look(path: &Path) -> Result<(), HistoryError> {
        append::look(path)
    }
}

/// The session of a line.
fn session(line: &[u8]) -> Result<SessionLine, Wrong> {
    let other = |schema: &str| {
        wrong(format!("its schema is `{}`, expected `{}`", schema.escape_debug(), SessionLine::SCHEMA))
    };
    match json::parse::<SessionLine>(line) {
        Ok(session) if session.schema == SessionLine::SCHEMA => Ok(session),
        Ok(session) => Err(other(&session.schema)),
        Err(error) => Err(match Head::of(line)?.schema() {
            Some(schema) if schema == SessionLine::SCHEMA => error,
            Some(schema) => other(schema),
            None => wrong(format!("expected a session of a history (`{}`)", SessionLine::SCHEMA)),
        }),
    }
}

fn wrong(why: String) -> Wrong {
    Wrong { line: 1, column: 1, why }
}

/// Whether a line is the beginning of JSON that was cut off.
fn is_cut(line: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(line).is_err_and(|error| error.is_eof())
}
