//! A process: run to its end with everything that it started, and measured.

use super::event::Event;
use super::signals::Signals;
use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// How long a process has to end by itself after it was told to.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// How a process came to its end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ending {
    /// By itself.
    Exited(ExitStatus),
    /// It took too long.
    TimedOut,
    /// The gate was told to end, by this signal.
    Interrupted(i32),
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
    /// The most memory that it had at once, in bytes.
    pub(super) peak_bytes: Option<u64>,
    /// How often the system took a processor from it before it gave it back by itself.
    pub(super) involuntary_switches: Option<u64>,
    /// Whether processes that it had started were still there when it had ended.
    pub(super) left_others: bool,
}

impl Ended {
    /// The exit code, if it ended with one.
    pub(super) fn exit_code(&self) -> Option<i32> {
        match self.ending {
            Ending::Exited(status) => status.code(),
            Ending::TimedOut | Ending::Interrupted(_) => None,
        }
    }
}

/// Runs a command to its end. It is a process group of its own, and its standard input is empty. Whatever is left of the group when it has
/// ended is ended as well. A signal that the gate gets is passed on.
///
/// A process that takes longer than `limit` is told to end (`TERM`), and killed if it is still there after [`GRACE`]. `before_end` is called before
/// it is told, or before a signal is passed on.
pub(super) fn run(
    command: &mut Command,
    limit: Duration,
    signals: &Signals,
    before_end: impl FnOnce(),
) -> io::Result<Ended> {
    let (sender, events) = channel();
    signals.tell(sender.clone());
    command.stdin(Stdio::null());
    let switches = involuntary_switches();
    let began = Instant::now();
    let child = group::spawn(command, began, sender)?;
    let ended = match wait(&events, limit.saturating_sub(began.elapsed())) {
        Some(Event::Ended(wall)) => child.reap(wall, None),
        Some(Event::Signal(signal)) => {
            before_end();
            child.tell(signal);
            let wall = child.end(&events, began);
            child.reap(wall, Some(Ending::Interrupted(signal)))
        }
        None => {
            before_end();
            child.tell(group::TERMINATE);
            let wall = child.end(&events, began);
            child.reap(wall, Some(Ending::TimedOut))
        }
    }?;
    let involuntary_switches =
        switches.and_then(|before| involuntary_switches()?.checked_sub(before)).filter(|_| cfg!(unix));
    Ok(Ended { involuntary_switches, ..ended })
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

#[cfg(unix)]
mod group {
    use super::{Child, Command, Duration, Ended, Ending, Event, GRACE, Instant, Receiver, Sender, io, wait};
    use rustix::process::{
        Pid, Signal, WaitId, WaitIdOptions, kill_process_group, test_kill_process_group, waitid,
    };
    use std::os::unix::process::CommandExt;
    use wait4::Wait4;

    pub(super) const TERMINATE: i32 = 15;

    /// A process that is the first of its group.
    pub(super) struct Leader {
        child: Child,
        pid: Pid,
    }

    /// Starts a process, and a thread that tells when it has ended.
    pub(super) fn spawn(command: &mut Command, began: Instant, sender: Sender<Event>) -> io::Result<Leader> {
        let child = command.process_group(0).spawn()?;
        let pid = Pid::from_child(&child);
        // The standard library has no wait with a limit, and one that looks again and again would round the time up. This one
        // leaves the process to be waited for: its number cannot be that of another one when it is ended.
        std::thread::spawn(move || {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while matches!(waitid(WaitId::Pid(pid), options), Err(rustix::io::Errno::INTR)) {}
            // Nobody listens any more if the gate is about to end.
            let _ = sender.send(Event::Ended(began.elapsed()));
        });
        Ok(Leader { child, pid })
    }

    impl Leader {
        /// Passes a signal on to the whole group.
        pub(super) fn tell(&self, signal: i32) {
            let known = [Signal::HUP, Signal::INT, Signal::TERM];
            let signal = known.into_iter().find(|known| known.as_raw() == signal).unwrap_or(Signal::TERM);
            // It may have ended by itself.
            let _ = kill_process_group(self.pid, signal);
        }

        /// Waits until it has ended, and kills the group if that takes longer than the grace, or if another signal comes.
        pub(super) fn end(&self, events: &Receiver<Event>, began: Instant) -> Duration {
            if let Some(Event::Ended(wall)) = wait(events, GRACE) {
                return wall;
            }
            let _ = kill_process_group(self.pid, Signal::KILL);
            loop {
                match events.recv() {
                    Ok(Event::Signal(_)) => {}
                    Ok(Event::Ended(wall)) => return wall,
                    Err(_) => return began.elapsed(),
                }
            }
        }

        /// Takes the process off the system's list, and ends what is left of its group.
        pub(super) fn reap(mut self, wall: Duration, ending: Option<Ending>) -> io::Result<Ended> {
            let used = self.child.wait4()?;
            let left_others = self.end_others();
            Ok(Ended {
                ending: ending.unwrap_or(Ending::Exited(used.status)),
                wall,
                user: Some(used.rusage.utime),
                system: Some(used.rusage.stime),
                peak_bytes: Some(used.rusage.maxrss),
                involuntary_switches: None,
                left_others,
            })
        }

        /// Ends what is left of the group, and says whether anything was. The number of a group is not given to a new one while a process
        /// is in it.
        fn end_others(&self) -> bool {
            let is_there = || test_kill_process_group(self.pid).is_ok();
            if !is_there() {
                return false;
            }
            let _ = kill_process_group(self.pid, Signal::TERM);
            let told = Instant::now();
            while is_there() {
                if told.elapsed() > GRACE {
                    let _ = kill_process_group(self.pid, Signal::KILL);
                    break;
                }
                // Nobody tells when a process ends that is a child of none of ours.
                std::thread::sleep(Duration::from_millis(5));
            }
            true
        }
    }
}

#[cfg(not(unix))]
mod group {
    use super::{Child, Command, Duration, Ended, Ending, Event, GRACE, Instant, Receiver, Sender, io};
    use std::cell::RefCell;

    pub(super) const TERMINATE: i32 = 15;

    /// A process. What it starts is not known here.
    pub(super) struct Leader(RefCell<Child>);

    /// Starts a process.
    pub(super) fn spawn(command: &mut Command, began: Instant, sender: Sender<Event>) -> io::Result<Leader> {
        let child = command.spawn()?;
        let _ = (began, sender, GRACE);
        Ok(Leader(RefCell::new(child)))
    }

    impl Leader {
        pub(super) fn tell(&self, _signal: i32) {
            let _ = self.0.borrow_mut().kill();
        }

        pub(super) fn end(&self, _events: &Receiver<Event>, began: Instant) -> Duration {
            let _ = self.0.borrow_mut().wait();
            began.elapsed()
        }

        pub(super) fn reap(self, wall: Duration, ending: Option<Ending>) -> io::Result<Ended> {
            let status = self.0.borrow_mut().wait()?;
            Ok(Ended {
                ending: ending.unwrap_or(Ending::Exited(status)),
                wall,
                user: None,
                system: None,
                peak_bytes: None,
                involuntary_switches: None,
                left_others: false,
            })
        }
    }
}
