//! A process with all that it starts, where the system has groups of processes.

use super::{Ended, Ending, Event, GRACE, wait};
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process_group, test_kill_process_group, waitid,
};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};
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
        // The receiver is gone if the gate is about to end.
        let _ = sender.send(Event::Ended(began.elapsed()));
    });
    Ok(Leader { child, pid })
}

impl Leader {
    /// Passes a signal on to the whole group.
    pub(super) fn tell(&self, signal: i32) {
        let known = [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM, Signal::USR1, Signal::USR2];
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
            peak_bytes: Some(used.rusage.maxrss).filter(|peak| *peak > own_peak()),
            involuntary_switches: None,
            left_others,
        })
    }

    /// Ends what is left of the group, and says whether anything was. The number of a group is not given to a new one while a process
    /// is in it.
    fn end_others(&self) -> bool {
        let is_there = || test_kill_process_group(self.pid).is_ok() && runs(self.pid);
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
            // There is no event for the end of a process that is not our child, so this polls.
            std::thread::sleep(Duration::from_millis(5));
        }
        true
    }
}

/// The peak memory of the gate itself so far. On Linux a process that the gate starts begins with the memory of the gate, and keeps that peak when
/// it runs its own program (`setmax_mm_hiwater_rss` in `exec_mmap`). So the peak of a process that needs less than the gate is not known.
fn own_peak() -> u64 {
    use nix::sys::resource::{UsageWho, getrusage};
    if !cfg!(target_os = "linux") {
        return 0;
    }
    let kib = getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.max_rss());
    u64::try_from(kib).unwrap_or(0) * 1024
}

/// Whether a process of a group still runs. A process that has ended stays in the group until its parent waits for it. In a container whose first
/// process never waits, it stays for ever. Without /proc, every process of the group counts as running.
fn runs(group: Pid) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else { return true };
    let stats =
        processes.flatten().filter_map(|process| std::fs::read_to_string(process.path().join("stat")).ok());
    let mut is_told = false;
    // `pid (name) state parent group ..`, and only the name may contain a parenthesis.
    let runs = stats.filter_map(|stat| Some(stat.rsplit_once(')')?.1.to_owned())).any(|stat| {
        let mut words = stat.split_whitespace();
        let (activity, of) = (words.next(), words.nth(1));
        is_told = true;
        of == Some(&group.as_raw_nonzero().to_string()) && activity != Some("Z")
    });
    runs || !is_told
}
