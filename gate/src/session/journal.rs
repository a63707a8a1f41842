//! `Journal`: the runs so far, on disk after every run.

use super::error::{SessionError, read_failed, remove_failed, write_failed};
use concurrency_probe_gate::{Made, Results, Run};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// The name of its file.
pub(super) const NAME: &str = "session.ndjson";

/// The most JSON of all runs together: three quarters of what is read again.
const MOST_BYTES: usize = 384 << 20;
/// The most JSON of timelines. A page draws only a few, and each is also in the file of its run.
const MOST_TIMELINE_BYTES: usize = 128 << 20;

/// What the first line says.
#[derive(Serialize, Deserialize)]
struct Head {
    schema: String,
    made: Made,
}

const SCHEMA: &str = "probe-gate-session/1";

/// The runs so far, one on each line. A run is appended, and nothing is written again, so that the time between two runs does not grow with
/// their number.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    bytes: usize,
    timeline_bytes: usize,
}

impl Journal {
    /// Begins a journal with these runs. An existing journal is replaced when the new one is complete. Returns the runs as they are in it.
    ///
    /// # Errors
    ///
    /// If it cannot be written, or the runs are too large.
    pub(super) fn create(
        path: &Path,
        made: &Made,
        mut runs: Vec<Run>,
    ) -> Result<(Self, Vec<Run>), SessionError> {
        let new = path.with_extension("new");
        let file = File::create(&new).map_err(write_failed(&new))?;
        let mut journal = Journal { path: path.into(), file, bytes: 0, timeline_bytes: 0 };
        journal.write(&text(&Head { schema: SCHEMA.into(), made: made.clone() }, path)?)?;
        for run in &mut runs {
            journal.add(run)?;
        }
        fs::rename(&new, path).map_err(write_failed(path))?;
        Ok((journal, runs))
    }

    /// Adds a run, without its timelines if there is no more room for them.
    pub(super) fn add(&mut self, run: &mut Run) -> Result<(), SessionError> {
        let mut line = text(run, &self.path)?;
        if run.reports().any(|report| report.timeline.is_some()) {
            self.timeline_bytes += line.len();
            if self.timeline_bytes > MOST_TIMELINE_BYTES {
                run.report.iter_mut().chain(&mut run.more_reports).for_each(|report| report.timeline = None);
                line = text(run, &self.path)?;
            }
        }
        self.bytes += line.len();
        if self.bytes > MOST_BYTES {
            return Err(SessionError::TooLarge { most_mib: MOST_BYTES >> 20 });
        }
        self.write(&line)
    }

    fn write(&mut self, line: &str) -> Result<(), SessionError> {
        self.file.write_all(line.as_bytes()).map_err(write_failed(&self.path))
    }

    /// The runs of a session that was killed, if there was one, and how they were made. A last line that was cut off is skipped.
    pub(super) fn read(path: &Path) -> Result<Option<Results>, SessionError> {
        let file = match File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(read_failed(path))?,
        };
        let damaged = |line: usize| SessionError::Damaged { path: path.into(), line };
        let mut results: Option<Results> = None;
        for (at, line) in BufReader::new(file).split(b'\n').enumerate() {
            let line = line.map_err(read_failed(path))?;
            match &mut results {
                None => {
                    let Ok(Head { schema, made }) = serde_json::from_slice(&line) else {
                        return Err(damaged(1));
                    };
                    if schema != SCHEMA {
                        return Err(damaged(1));
                    }
                    results = Some(Results { made: Some(made), ..Results::of_runs(Vec::new()) });
                }
                Some(results) => match serde_json::from_slice::<Run>(&line) {
                    Ok(run) => results.runs.push(run),
                    Err(error) if error.is_eof() => break,
                    Err(_) => return Err(damaged(at + 1)),
                },
            }
        }
        Ok(results)
    }

    /// Its runs are in the results now.
    pub(super) fn close(self) -> Result<(), SessionError> {
        fs::remove_file(&self.path).map_err(remove_failed(&self.path))
    }
}

fn text<T: Serialize>(value: &T, path: &Path) -> Result<String, SessionError> {
    serde_json::to_string(value).map(|text| text + "\n").map_err(|error| write_failed(path)(error.into()))
}
