//! `Ended`: a process that has come to its end.

use std::io;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

/// A process that has come to its end, and what it took. Of its memory and time, what the system counts for it and for those of
/// its own children that it waited for.
pub(crate) struct Ended {
    /// How it ended; `None` if it took too long, and was ended.
    pub(crate) status: Option<ExitStatus>,
    /// From its start to its end.
    pub(crate) wall: Duration,
    /// In its own code.
    pub(crate) user: Option<Duration>,
    /// In the system, for it.
    pub(crate) system: Option<Duration>,
    /// The most memory that it had at once, in bytes.
    pub(crate) peak_bytes: Option<u64>,
}

impl Ended {
    /// Waits for a process, and ends it if it takes longer than `limit`.
    #[cfg(unix)]
    pub(crate) fn wait(child: &mut Child, began: Instant, limit: Duration) -> io::Result<Self> {
        use std::sync::mpsc::channel;
        use wait4::Wait4;
        let pid = rustix::process::Pid::from_child(child);
        // The standard library has no wait with a limit, and one that looks again and again would round the time up. This one
        // leaves the process to be waited for: its number cannot be that of another one when it is ended.
        let (sender, ended) = channel();
        std::thread::spawn(move || {
            use rustix::process::{WaitId, WaitIdOptions, waitid};
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while matches!(waitid(WaitId::Pid(pid), options), Err(rustix::io::Errno::INTR)) {}
            // Nobody listens any more if it took too long.
            let _ = sender.send(began.elapsed());
        });
        let wall = ended.recv_timeout(limit.saturating_sub(began.elapsed()));
        if wall.is_err() {
            child.kill()?;
        }
        let used = child.wait4()?;
        Ok(Ended {
            status: wall.is_ok().then_some(used.status),
            wall: wall.unwrap_or(limit),
            user: Some(used.rusage.utime),
            system: Some(used.rusage.stime),
            peak_bytes: Some(used.rusage.maxrss),
        })
    }

    /// Waits for a process, and ends it if it takes longer than `limit`.
    #[cfg(not(unix))]
    pub(crate) fn wait(child: &mut Child, began: Instant, limit: Duration) -> io::Result<Self> {
        let mut status = child.try_wait()?;
        while status.is_none() && began.elapsed() <= limit {
            std::thread::sleep(Duration::from_millis(1));
            status = child.try_wait()?;
        }
        let wall = began.elapsed();
        if status.is_none() {
            child.kill()?;
            child.wait()?;
        }
        Ok(Ended { status, wall, user: None, system: None, peak_bytes: None })
    }
}
