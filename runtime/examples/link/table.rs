//! `Table`: prints the run as a table.

use crate::error::{Action, Error};
use crate::store::Store;
use crate::tally::Tally;
use concurrency_probe::{PassReport, Reading, Report};
use indicatif::{HumanBytes, HumanCount};
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::time::Duration;

/// What was linked, and the report and the reading of the scope.
#[derive(Debug)]
pub(crate) struct Table<'run> {
    pub(crate) warm: Tally,
    pub(crate) cold: Tally,
    pub(crate) threads: usize,
    pub(crate) store: &'run Store,
    pub(crate) reading: &'run Reading,
    pub(crate) report: &'run Report,
}

impl Table<'_> {
    /// Prints the table. It is not an error if the reader stops early (`| head`).
    pub(crate) fn print(&self) -> Result<(), Error> {
        match self.write(&mut io::stdout().lock()) {
            Err(source) if source.kind() != ErrorKind::BrokenPipe => {
                Err(Error::Io { action: Action::Print, source })
            }
            _ => Ok(()),
        }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let fate = if matches!(self.store, Store::Kept(_)) { "" } else { " (temporary, removed now)" };
        writeln!(out, "store: {}{fate}\n", self.store.path().display())?;

        row(out, "", &["warm", "cold", "total"])?;
        self.tally(out, "packages", |tally| HumanCount(tally.packages))?;
        self.tally(out, "files", |tally| HumanCount(tally.files()))?;
        self.tally(out, "bytes", |tally| HumanBytes(tally.bytes))?;
        self.tally(out, "hard links", |tally| HumanCount(tally.hard_links))?;
        self.tally(out, "copies", |tally| HumanCount(tally.copies))?;
        self.tally(out, "symlinks", |tally| HumanCount(tally.symlinks))?;
        row(out, "checksum", &["", &format!("{:016x}", self.cold.checksum), ""])?;
        row(out, "threads", &["", "", &self.threads.to_string()])?;
        row(out, "effective parallelism", &self.parallelism())?;
        let peak = self.reading.max_concurrent().map_or_else(|| "-".into(), |peak| peak.to_string());
        row(out, "max_concurrent", &["", "", &peak])?;

        writeln!(out)?;
        for phase in &self.report.phases {
            row(out, &phase.name, &["", "", &time(phase.total_ns)])?;
        }
        row(out, "in all", &["", "", &time(self.report.wall_ns)])?;

        writeln!(out, "\n{}", self.reading)?;
        out.flush()
    }

    /// A row of something that adds up.
    fn tally<D: Display>(
        &self,
        out: &mut impl Write,
        name: &str,
        of: impl Fn(&Tally) -> D,
    ) -> io::Result<()> {
        row(out, name, &[self.warm, self.cold, self.warm + self.cold].map(|tally| of(&tally).to_string()))
    }

    /// How many threads worked on average while the pass ran. It is not known if there was no pass.
    fn parallelism(&self) -> [String; 3] {
        let passes = |labels: &[&str]| {
            let (wall, busy) = self
                .report
                .passes
                .iter()
                .filter(|pass| pass.items > 0 && labels.contains(&pass.label.as_str()))
                .fold((0, 0), |(wall, busy), pass: &PassReport| (wall + pass.wall_ns, busy + pass.busy_ns));
            if wall == 0 { "-".into() } else { format!("{:.2}", seconds(busy) / seconds(wall)) }
        };
        [passes(&["warm"]), passes(&["cold"]), passes(&["warm", "cold"])]
    }
}

fn row(out: &mut impl Write, name: &str, cells: &[impl AsRef<str>; 3]) -> io::Result<()> {
    let [warm, cold, total] = cells.each_ref().map(AsRef::as_ref);
    let line = format!("{name:<22}{warm:>12}{cold:>18}{total:>14}");
    writeln!(out, "{}", line.trim_end())
}

fn seconds(ns: u64) -> f64 {
    Duration::from_nanos(ns).as_secs_f64()
}

fn time(ns: u64) -> String {
    format!("{:.1} ms", seconds(ns) * 1000.0)
}
