//! A process: run to its end with everything that it started, and measured.

#[cfg(any(not(unix), test))]
mod alone;
#[cfg(unix)]
mod group;

use super::event::Event;
use super::signals::Signals;
#[cfg(not(unix))]
use alone as group;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The most bytes that a command may print. A program that prints without end would fill the disk.
const MOST_PRINTED: u64 = 256 << 20;
/// How often the amount that a process has printed is checked.
const LOOK: Duration = Duration::from_secs(1);

/// How long a process has to end by itself after `TERM`.
#[cfg_attr(not(unix), expect(dead_code, reason = "only where there are groups of processes are they told"))]
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// How a process came to its end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ending {
    /// By itself.
    Exited(ExitStatus),
    /// It took too long.
    TimedOut,
    /// It printed too much.
    PrintedTooMuch,
    /// The gate was told to end, by this signal.
    Interrupted(i32),
}

impl Ending {
    /// How, as the rest of a sentence about what was run with this limit.
    pub(super) fn how(self, limit_s: f64) -> String {
        match self {
            Ending::Exited(status) => format!("failed ({status})"),
            Ending::TimedOut => format!("did not end in {limit_s} s"),
            Ending::PrintedTooMuch => {
                format!(
                    "printed more than {} MiB: have it print less, or to a place of its own",
                    MOST_PRINTED >> 20
                )
            }
            Ending::Interrupted(signal) => format!("was interrupted by signal {signal}"),
        }
    }
}

/// A process that has come to its end, and what it took. Of its memory and time, what the system counts for it and for those of
/// its own children that it waited for.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) ending: Ending,
    /// From its start to its end.
    pub(super) wall: Duration,
    /// In its own code.
    pub(super) user: Option<Duration>,
    /// In the system, for it.
    pub(super) system: Option<Duration>,
    /// The most memory that it had at any time, in bytes, if that is known.
    pub(super) peak_bytes: Option<u64>,
    /// How often the system took the processor from it (involuntary context switches).
    pub(super) involuntary_switches: Option<u64>,
    /// Whether processes that it had started were still running when it ended.
    pub(super) left_others: bool,
}

impl Ended {
    /// The exit code, if it ended with one.
    pub(super) fn exit_code(&self) -> Option<i32> {
        match self.ending {
            Ending::Exited(status) => status.code(),
            Ending::TimedOut | Ending::PrintedTooMuch | Ending::Interrupted(_) => None,
        }
    }
}

/// A program as it is started in a directory. A path is relative to that directory; the standard library leaves open what it is relative to, and on
/// Windows it is the directory of the gate.
///
/// # Errors
///
/// If the directory of the gate itself is gone.
pub(super) fn program(name: &str, dir: &Path) -> io::Result<PathBuf> {
    let path = Path::new(name);
    if path.is_absolute() || !name.contains(std::path::is_separator) {
        return Ok(path.into());
    }
    // Lexically, so that `..` behind a link means what it means to the program.
    std::path::absolute(dir).map(|dir| dir.join(path))
}

/// How a command is run.
#[derive(Clone, Copy, Debug)]
pub(super) struct How<'a> {
    /// How long it may take.
    pub(super) limit: Duration,
    pub(super) signals: &'a Signals,
    /// Whether a signal that came before ends it.
    pub(super) heeds_earlier_signals: bool,
    /// Where it prints to, beside what others printed there before.
    pub(super) log: &'a Path,
}

/// Runs a command to its end. It is a process group of its own, and its standard input is empty. Whatever is left of the group when it has
/// ended is ended as well. A signal that the gate gets is passed on.
///
/// A process that takes longer than the limit, or prints too much, is told to end (`TERM`), and killed if it is still there after [`GRACE`]. `before_end` is called before it is told, or before a signal is passed on.
///
/// # Errors
///
/// If it cannot be started, or the system does not tell how it ended.
pub(super) fn run(command: &mut Command, how: How<'_>, before_end: impl FnOnce()) -> io::Result<Ended> {
    let How { limit, signals, heeds_earlier_signals, log } = how;
    let (sender, events) = channel();
    signals.listen_with(sender.clone(), heeds_earlier_signals);
    let length = || std::fs::metadata(log).map_or(0, |log| log.len());
    let before = length();
    let has_printed_too_much = || length().saturating_sub(before) > MOST_PRINTED;
    command.stdin(Stdio::null());
    let switches = involuntary_switches();
    let began = Instant::now();
    let child = group::spawn(command, began, sender)?;
    let (signal, ending) = loop {
        let left = limit.saturating_sub(began.elapsed());
        match wait(&events, left.min(LOOK)) {
            Some(Event::Ended(wall)) => {
                let ending = has_printed_too_much().then_some(Ending::PrintedTooMuch);
                return Ok(measured(child.reap(wall, ending)?, switches));
            }
            Some(Event::Signal(signal)) => break (signal, Ending::Interrupted(signal)),
            None if left <= LOOK => break (group::TERMINATE, Ending::TimedOut),
            None if has_printed_too_much() => {
                break (group::TERMINATE, Ending::PrintedTooMuch);
            }
            None => {}
        }
    };
    before_end();
    child.tell(signal);
    let wall = child.end(&events, began);
    Ok(measured(child.reap(wall, Some(ending))?, switches))
}

/// With what the system counted of it since then.
fn measured(mut ended: Ended, switches: Option<u64>) -> Ended {
    ended.involuntary_switches = switches.and_then(|before| involuntary_switches()?.checked_sub(before));
    ended
}

/// What comes next; nothing if that takes too long.
fn wait(events: &Receiver<Event>, limit: Duration) -> Option<Event> {
    events.recv_timeout(limit).ok()
}

/// Of all processes that the gate waited for. The difference is that of the one that ran in between, as there is one at a time.
#[cfg(unix)]
fn involuntary_switches() -> Option<u64> {
    use nix::sys::resource::{UsageWho, getrusage};
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    u64::try_from(usage.involuntary_context_switches()).ok()
}

#[cfg(not(unix))]
fn involuntary_switches() -> Option<u64> {
    None
}
