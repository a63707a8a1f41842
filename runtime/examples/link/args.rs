//! `Args`: the command line.

use clap::Parser;
use std::path::PathBuf;
use std::thread::available_parallelism;

/// Hard-links each package directory under DIR into a fresh virtual store, and shows how parallel that was.
///
/// A part of the packages is warm, as if an earlier install had verified it, and is linked immediately. The rest is
/// cold: each file is read and hashed before it is linked. If a file cannot be hard-linked (another file system),
/// it is copied. A hard link is the same file: if you edit it in the store, you edit it in DIR.
#[derive(Debug, Parser)]
#[command(name = "link")]
pub(crate) struct Args {
    /// The directory of packages: each directory in it is one [default: the sources in this machine's Cargo
    /// registry]
    pub(crate) dir: Option<PathBuf>,

    /// Where to make the store, a directory that is empty or does not exist; it is kept [default: a temporary
    /// directory, removed at the end]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Keep the store also where it is in a temporary directory
    #[arg(long)]
    pub(crate) keep: bool,

    /// How many percent of the packages are warm, spread evenly over their names
    #[arg(long, value_name = "PERCENT", default_value_t = 25, value_parser = clap::value_parser!(u8).range(..=100))]
    pub(crate) warm: u8,

    /// Threads of the install's own pool, 1 to 1024 [default: one for each core, and at least 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// Do the same work the buggy way, one blocking link per future of one `try_join_all`, and assert that two ran
    /// at once
    #[arg(long)]
    pub(crate) serialized: bool,

    /// Append the report to this file, as one line of JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

impl Args {
    /// The number of threads of the pool. The default is at least 2: a thread that links mostly waits for the file
    /// system, so that a second thread helps on a single core too.
    pub(crate) fn threads(&self) -> usize {
        self.threads.map_or_else(|| available_parallelism().map_or(2, |n| n.get().max(2)), usize::from)
    }
}
