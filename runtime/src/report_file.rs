//! The report file: one line of JSON for each scope that closes.

use crate::report::Report;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const VARIABLE: &str = "CONCURRENCY_PROBE_REPORT";

/// One line at a time: scopes of one process may close together.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Appends the report to `path`, else to the file that the environment names. Never fails the program: what goes wrong
/// is a warning.
pub(crate) fn append(path: Option<&Path>, report: &Report) {
    let named = || std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    let Some(path) = path.map(Path::to_owned).or_else(named) else { return };
    if let Err(error) = try_append(&path, report) {
        crate::warn(format_args!(
            "the report of scope `{}` could not be appended to {}: {error}; name a file that can be written with \
             `report_to` or {VARIABLE}",
            report.scope,
            path.display(),
        ));
    }
}

fn try_append(path: &Path, report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    let _one_at_a_time = crate::lock(&ONE_AT_A_TIME);
    let mut file = File::options().append(true).create(true).open(path)?;
    let before = file.metadata()?.len();
    // One write, so that lines of several processes do not mix where the system appends atomically.
    let written = file.write(&line)?;
    let written = match file.write_all(&line[written..]) {
        Ok(()) => return file.flush(),
        Err(error) => (written, error),
    };
    // A line that was cut off is taken back, unless somebody has written behind it.
    let (written, error) = written;
    if file.metadata()?.len() == before + written as u64 {
        file.set_len(before)?;
    }
    Err(error)
}
