//! The report file: one line of JSON for each scope that closes.

use crate::base::lock::lock;
use crate::base::warn::warn;
use crate::book::report::Report;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const VARIABLE: &str = "CONCURRENCY_PROBE_REPORT";

/// Scopes of one process may close at the same time. Their lines are written one after another.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Appends the report to `path`, or else to the file that the environment names. It never fails the program: an error is
/// printed as a warning.
pub(crate) fn append(path: Option<&Path>, report: &Report) {
    let named = || std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    let Some(path) = path.map(Path::to_owned).or_else(named) else { return };
    if let Err(error) = try_append(&path, report) {
        warn(format_args!(
            "the report of scope `{}` could not be appended to {}: {error}; name a file that can be written with \
             `report_to` or {VARIABLE}",
            report.scope,
            path.display(),
        ));
    }
}

/// A line that was written in part is not removed: another process may have appended to the file since.
fn try_append(path: &Path, report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    let _one_at_a_time = lock(&ONE_AT_A_TIME);
    let mut file = File::options().read(true).append(true).create(true).open(path).or_else(|error| {
        // Some files can be written and not read: a pipe, or a file of another user.
        File::options().append(true).create(true).open(path).map_err(|_| error)
    })?;
    if ends_in_a_cut_line(&mut file) {
        line.insert(0, b'\n');
    }
    // One write, so that lines of several processes do not mix where the system appends atomically. It is tried again when it
    // was interrupted, and goes on when it was cut short.
    file.write_all(&line)?;
    file.flush()
}

/// Whether an earlier line was cut off, because the disk was full. Without a line break the new line would be lost with it.
fn ends_in_a_cut_line(file: &mut File) -> bool {
    let mut last = [b'\n'];
    let read = file.seek(SeekFrom::End(-1)).and_then(|_| file.read_exact(&mut last));
    read.is_ok() && last != [b'\n']
}

#[cfg(test)]
mod tests {
    use super::try_append;
    use crate::Scope;

    #[test]
    fn a_line_that_was_cut_off_does_not_take_the_next_one_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("report.ndjson");
        let report = Scope::open("cut").report();
        try_append(&file, &report).unwrap();
        let mut cut = std::fs::read(&file).unwrap();
        cut.truncate(cut.len() / 2);
        std::fs::write(&file, &cut).unwrap();
        try_append(&file, &report).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(serde_json::from_str::<crate::Report>(lines[1]).is_ok(), "{}", lines[1]);
    }
}
