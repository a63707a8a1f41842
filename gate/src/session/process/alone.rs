//! A process alone, where the system has no groups of processes: what it starts is not known.

use super::{Ended, Ending, Event};
use shared_child::SharedChild;
use std::io;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

pub(super) const TERMINATE: i32 = 15;

/// A process.
pub(super) struct Leader(Arc<SharedChild>);

/// Starts a process, and a thread that tells when it has ended.
pub(super) fn spawn(command: &mut Command, began: Instant, sender: Sender<Event>) -> io::Result<Leader> {
    let child = Arc::new(SharedChild::spawn(command)?);
    let waited_for = Arc::clone(&child);
    std::thread::spawn(move || {
        // An error is told by `reap`, which asks again.
        let _ = waited_for.wait();
        // The receiver is gone if the gate is about to end.
        let _ = sender.send(Event::Ended(began.elapsed()));
    });
    Ok(Leader(child))
}

impl Leader {
    /// Ends it: there is no signal that it could obey.
    pub(super) fn tell(&self, _signal: i32) {
        // It may have ended by itself.
        let _ = self.0.kill();
    }

    /// Waits until it has ended.
    #[expect(clippy::unused_self, reason = "the leader of a group needs it")]
    pub(super) fn end(&self, events: &Receiver<Event>, began: Instant) -> Duration {
        loop {
            match events.recv() {
                Ok(Event::Signal(_)) => {}
                Ok(Event::Ended(wall)) => return wall,
                Err(_) => return began.elapsed(),
            }
        }
    }

    /// How it has ended.
    pub(super) fn reap(self, wall: Duration, ending: Option<Ending>) -> io::Result<Ended> {
        let status = self.0.wait()?;
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

/// The same code runs on Linux in these tests, as what is built for another system cannot be run there.
#[cfg(all(test, unix))]
mod tests {
    use super::{TERMINATE, spawn};
    use crate::session::event::Event;
    use crate::session::process::Ending;
    use std::process::Command;
    use std::sync::mpsc::channel;
    use std::time::Instant;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn the_end_of_a_process_is_told() {
        let (sender, events) = channel();
        let child = spawn(&mut shell("exit 3"), Instant::now(), sender).unwrap();
        let Event::Ended(wall) = events.recv().unwrap() else { panic!("there is no signal") };
        let ended = child.reap(wall, None).unwrap();
        assert!(matches!(ended.ending, Ending::Exited(status) if status.code() == Some(3)), "{ended:?}");
        assert!(spawn(&mut Command::new("/not/there"), Instant::now(), channel().0).is_err());
    }

    #[test]
    fn a_process_that_is_told_to_end_does() {
        let (sender, events) = channel();
        // A signal that the gate gets meanwhile is not its end.
        sender.send(Event::Signal(TERMINATE)).unwrap();
        let began = Instant::now();
        let child = spawn(&mut shell("exec sleep 999"), began, sender).unwrap();
        child.tell(TERMINATE);
        let wall = child.end(&events, began);
        let ended = child.reap(wall, Some(Ending::TimedOut)).unwrap();
        assert!(matches!(ended.ending, Ending::TimedOut) && ended.exit_code().is_none(), "{ended:?}");
    }
}
