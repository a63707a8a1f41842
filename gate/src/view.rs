//! Reports as they are, without a configuration: what `probe-gate view` draws.

use crate::bounded::RESULTS;
use crate::json::Head;
use crate::report_line::{ReportError, ReportLine};
use crate::results::{Results, ResultsError, Run};
use concurrency_probe::Report;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// Why files cannot be viewed.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// A file cannot be read, or is too large.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is empty.
    #[error(
        "{}:1:1: it is empty, expected a report in each line: run the program with \
         CONCURRENCY_PROBE_REPORT naming this file, and let its scope close",
        path.display()
    )]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A line is not a report.
    #[error("{}:{line}:{column}: {why}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Where in it, from 1, in bytes.
        column: usize,
        /// What is wrong there, and what was expected.
        why: String,
    },
    /// It is named twice.
    #[error("{} is named twice, expected each file once", path.display())]
    Twice {
        /// The file.
        path: PathBuf,
    },
    /// Results of a gate that are wrong.
    #[error(transparent)]
    Results(#[from] ResultsError),
}

/// Reads files, each with any number of reports, one a line, or with results of a gate. Each report is the only run of a target, which
/// is named by its scope, by its line where there are several, and by its file where there are several.
///
/// # Errors
///
/// If a file cannot be read, has more than 512 MiB, or has a line that is not a report. Empty lines are skipped.
pub fn view(paths: &[PathBuf]) -> Result<Results, ViewError> {
    let mut seen = BTreeSet::new();
    let mut all = Results::of_runs(Vec::new());
    for path in paths {
        // Of one file, however its path is written.
        if !seen.insert(std::fs::canonicalize(path).unwrap_or_else(|_| path.clone())) {
            return Err(ViewError::Twice { path: path.clone() });
        }
        let mut runs = read(path)?;
        if paths.len() > 1 {
            for run in &mut runs {
                run.target = format!("{}: {}", path.display(), run.target);
            }
        }
        all.runs.extend(runs);
    }
    Ok(all)
}

fn read(path: &Path) -> Result<Vec<Run>, ViewError> {
    let failed = |source| ViewError::Read { path: path.into(), source };
    // Reading a pipe might never end.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("it is not a regular file")));
    }
    let bytes = RESULTS.read(path).map_err(failed)?;
    if is_results(&bytes) {
        return Ok(Results::parse(&bytes, path)?.runs);
    }
    let mut reports: Vec<(usize, Report)> = Vec::new();
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match ReportLine::parse(line) {
            Ok(ReportLine(report)) => reports.push((at + 1, report)),
            Err(error) => {
                let (column, why) = match error {
                    ReportError::Form { column, why, .. } => (column, why),
                    // Its line is the first of what was given to it.
                    ReportError::Schema { found, .. } => (1, schema(&found)),
                    error => (1, error.to_string()),
                };
                return Err(ViewError::Line { path: path.into(), line: at + 1, column, why });
            }
        }
    }
    let number = reports.len();
    if number == 0 {
        return Err(ViewError::Empty { path: path.into() });
    }
    let run = |(line, report): (usize, Report)| {
        let target = if number > 1 { format!("{}, line {line}", report.scope) } else { report.scope.clone() };
        Run::of(target, 1, report.wall_ns).with_reports([report])
    };
    Ok(reports.into_iter().map(run).collect())
}

fn schema(found: &str) -> String {
    format!(
        "its schema is `{}`, expected `{}`, or results of `{}`: program and gate must be of one version",
        found.escape_debug(),
        Report::SCHEMA,
        Results::SCHEMA
    )
}

/// Whether a file is not of reports, but of results: one object over all lines, of another schema.
fn is_results(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(200)];
    let says = |schema: &str| head.windows(schema.len()).any(|part| part == schema.as_bytes());
    // The reader of results reports a file that was cut off.
    let says_so = says(&format!("\"{}\"", Results::SCHEMA));
    says_so && !says(&format!("\"{}\"", Report::SCHEMA))
        || Head::of(bytes).is_ok_and(|head| {
            head.schema() == Some(Results::SCHEMA) || (head.schema().is_none() && head.has_results())
        })
}
