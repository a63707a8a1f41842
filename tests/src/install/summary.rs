//! `Summary`: what an install did.

use super::Failed;
use concurrency_probe::Report;
use indicatif::{HumanBytes, HumanDuration};
use std::fmt;
use std::time::Duration;

/// What an install did. It prints as one line.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Everything the scope knows.
    pub report: Report,
    /// Optional packages that could not be had.
    pub failed: Vec<Failed>,
    /// Packages that were downloaded.
    pub downloaded: u64,
    /// The bytes of their tarballs.
    pub bytes: u64,
}

impl Summary {
    pub(super) fn new(report: Report, failed: Vec<Failed>, (downloaded, bytes): (u64, u64)) -> Self {
        Summary { report, failed, downloaded, bytes }
    }

    /// A count of the report; 0 if it was never counted.
    pub fn count(&self, name: &str) -> u64 {
        self.report.counts.get(name).copied().unwrap_or_default()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [linked, warm, cold, kept] = ["linked", "warm", "cold", "kept"].map(|name| self.count(name));
        write!(f, "linked {linked} packages ({warm} warm, {cold} cold)")?;
        if kept > 0 {
            write!(f, ", kept {kept}")?;
        }
        let skipped = self.count("skipped");
        if skipped > 0 {
            write!(f, ", left out {skipped} for other platforms")?;
        }
        if let Some(first) = self.failed.first() {
            write!(f, ", left out {} optional ({})", self.failed.len(), first.why)?;
        }
        write!(f, "; downloaded {} ({})", self.downloaded, HumanBytes(self.bytes))?;
        let wall = Duration::from_nanos(self.report.wall_ns);
        if wall < Duration::from_secs(60) {
            write!(f, " in {:.2} s", wall.as_secs_f64())
        } else {
            write!(f, " in {}", HumanDuration(wall))
        }
    }
}
