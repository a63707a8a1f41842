//! `Ground`: the threads, the memory and the open files that a command stands on.

use crate::store::MORE_THREADS;
use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::sync::{PoisonError, RwLock};
use std::thread::{self, available_parallelism};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Why a command cannot begin.
#[derive(Debug, thiserror::Error)]
pub(super) enum GroundError {
    /// The system has no threads to give.
    #[error("cannot start {wanted} threads, the system gave {given}: {source}; {MORE_THREADS}")]
    Threads {
        /// What the command needs.
        wanted: usize,
        /// How many could be started.
        given: usize,
        /// What the system said of the next one.
        source: io::Error,
    },
    /// This process may not have enough memory.
    #[error(
        "{threads} threads need {} MiB of memory, and this process may have {} MiB; raise the limit \
         (`ulimit {option}`), or take fewer threads (`--threads`)",
        needed >> 20, limit >> 20
    )]
    Memory {
        /// How many there are.
        threads: usize,
        /// What they need.
        needed: u64,
        /// The limit.
        limit: u64,
        /// What sets it.
        option: &'static str,
    },
    /// This process may not have enough files open.
    #[error(
        "{needed} files and connections may be open at once, and this process may have {limit}; raise the limit (`ulimit -n {needed}`), or \
         take fewer threads (`--threads`)"
    )]
    Files {
        /// The most that are open.
        needed: u64,
        /// The limit.
        limit: u64,
    },
    /// The runtime cannot be started.
    #[error("cannot start the threads that talk to the network: {0}; {MORE_THREADS}")]
    Runtime(#[source] io::Error),
}

/// The processors.
pub(super) fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Whether this process may have so many threads, and memory for them.
///
/// What this program is made of takes threads in many places, and some of those panic where there is none: tokio, the pool
/// that all of rayon shares, the line that shows the progress. So they are all asked for here, where it can be said, and
/// started later. What another program takes meanwhile is for [`tell_of_panics`].
pub(super) fn check(threads: usize) -> Result<(), GroundError> {
    check_memory(threads)?;
    raise_files(threads)?;
    // Nobody ends before all were started.
    let gate = RwLock::new(());
    let closed = gate.write().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        for given in 0..threads {
            let wait = || drop(gate.read());
            if let Err(source) = thread::Builder::new().spawn_scoped(scope, wait) {
                drop(closed);
                return Err(GroundError::Threads { wanted: threads, given, source });
            }
        }
        drop(closed);
        Ok(())
    })
}

/// Whether the limits on memory leave enough for so many threads. What is large is asked for where it can be said that there is
/// none; this is for the many small things, any of which would end the program without a word of what to do.
#[cfg(unix)]
fn check_memory(threads: usize) -> Result<(), GroundError> {
    use rustix::process::{Resource, getrlimit};
    const MIB: u64 = 1 << 20;
    // The program with what it is linked to; and for each thread its stack with what it uses of the heap, but of addresses a
    // part of the heap (64 MiB, as the GNU library has it), which it keeps for itself from its first allocation on.
    for (limit, each, option) in [(Resource::As, 72 * MIB, "-v"), (Resource::Data, 8 * MIB, "-d")] {
        let needed = 256 * MIB + threads as u64 * each;
        if let Some(limit) = getrlimit(limit).current.filter(|limit| *limit < needed) {
            return Err(GroundError::Memory { threads, needed, limit, option });
        }
    }
    Ok(())
}

/// Raises the limit on open files as far as this process may, which is what it is for: the lower one is for programs that are built for few. Where
/// that is not enough, whatever is opened next fails: an error would name a file that nothing is wrong with, and a connection would be tried again in vain.
#[cfg(unix)]
fn raise_files(threads: usize) -> Result<(), GroundError> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    /// The most connections of an installer, at both ends if the registry is in this process.
    const CONNECTIONS: u64 = 2 * 64;
    /// Of the standard streams, the runtimes, the databases, locks and listeners.
    const OTHERS: u64 = 48;
    // A thread copies one file to another, in a directory.
    let needed = OTHERS + CONNECTIONS + 3 * threads as u64;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    let most = maximum.unwrap_or(needed).min(needed);
    let raised = Rlimit { current: Some(most), maximum };
    if most < needed || setrlimit(Resource::Nofile, raised).is_err() {
        return Err(GroundError::Files { needed, limit: current.unwrap_or(most) });
    }
    Ok(())
}

/// Elsewhere there are no such limits.
#[cfg(not(unix))]
fn raise_files(_threads: usize) -> Result<(), GroundError> {
    Ok(())
}

/// Elsewhere there are no such limits.
#[cfg(not(unix))]
fn check_memory(_threads: usize) -> Result<(), GroundError> {
    Ok(())
}

/// Starts a runtime, for a command that has so many other threads.
pub(super) fn start(others: usize) -> Result<Runtime, GroundError> {
    // Its own are one for each processor, and one at least for what blocks: names are looked up there.
    check(others + cores() + 2)?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(cores())
        // Longer than any command takes: while one is there, what blocks waits for it where no other can be had.
        .thread_keep_alive(Duration::from_secs(24 * 60 * 60))
        .enable_all()
        .build()
        .map_err(GroundError::Runtime)?;
    runtime.spawn_blocking(|| {});
    Ok(runtime)
}

/// Has a panic end the program with one sentence: without this the threads that wait for the one that is gone may wait for
/// ever. What was being made is left as by a kill, and the next install takes it away.
pub(super) fn tell_of_panics() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
            default(panic);
        } else {
            let _ = writeln!(io::stderr(), "error: {}", sentence(panic));
        }
        std::process::exit(1);
    }));
}

fn sentence(panic: &PanicHookInfo<'_>) -> String {
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let what = text.unwrap_or("it did not say why");
    let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
    let place = panic.location().map(|place| format!(" ({place})")).unwrap_or_default();
    format!(
        "the program cannot go on: {what}{place}; if the system has no threads or no memory to give, {MORE_THREADS}, else \
         run it with RUST_BACKTRACE=1 and report it"
    )
}

#[cfg(test)]
mod tests {
    use super::{GroundError, check};

    #[test]
    fn what_there_is_can_be_had() {
        check(0).unwrap();
        check(50).unwrap();
        let source = std::io::ErrorKind::WouldBlock.into();
        let error = GroundError::Threads { wanted: 50, given: 3, source }.to_string();
        assert!(
            error.starts_with("cannot start 50 threads, the system gave 3") && !error.contains('\n'),
            "{error}"
        );
    }
}
