//! A thread as the operating system sees it.

/// A thread that may be asked what it does; by default one that cannot be.
#[derive(Clone, Default)]
pub(super) struct Task {
    #[cfg(target_os = "linux")]
    dir: Option<std::path::PathBuf>,
}

/// What a thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activity {
    /// It runs, or could run if it had a core.
    Runs,
    /// It waits for what comes by itself: a timer, a disk, a socket.
    Rests,
    /// It waits for another thread, with no limit of time: idle, or stuck on a lock, a channel, a barrier.
    Waits,
}

impl Task {
    /// The thread that calls.
    pub(super) fn this() -> Self {
        Task {
            #[cfg(target_os = "linux")]
            dir: std::fs::read_link("/proc/thread-self")
                .ok()
                .map(|task| std::path::Path::new("/proc").join(task)),
        }
    }

    /// What the thread does now. `None` where the system does not tell.
    #[cfg(target_os = "linux")]
    pub(super) fn activity(&self) -> Option<Activity> {
        linux::activity(self.dir.as_deref()?)
    }

    /// What the thread does now. `None` where the system does not tell.
    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unused_self, reason = "as on Linux")]
    pub(super) fn activity(&self) -> Option<Activity> {
        None
    }
}

/// What the other threads of this process do, taken together: one that runs counts more than one that rests, and that
/// more than those that wait. `None` where the system does not tell.
pub(super) fn all_others() -> Option<Activity> {
    #[cfg(target_os = "linux")]
    {
        let this = Task::this().dir?;
        let mut all = Activity::Waits;
        for task in std::fs::read_dir("/proc/self/task").ok()?.filter_map(Result::ok) {
            if this.file_name() == Some(&task.file_name()) {
                continue;
            }
            match linux::activity(&task.path()) {
                Some(Activity::Runs) => return Some(Activity::Runs),
                Some(Activity::Rests) => all = Activity::Rests,
                _ => {}
            }
        }
        Some(all)
    }
    #[cfg(not(target_os = "linux"))]
    None
}

#[cfg(target_os = "linux")]
mod linux {
    use super::Activity;
    use std::fs::read_to_string;
    use std::path::Path;

    /// From proc(5): the state in `stat`, and for a sleeping thread the system call it sleeps in.
    pub(super) fn activity(task: &Path) -> Option<Activity> {
        let stat = read_to_string(task.join("stat")).ok()?;
        // `pid (comm) state ..`, and only comm may contain a parenthesis.
        let (_, after_name) = stat.rsplit_once(')')?;
        if !after_name.trim_start().starts_with('S') {
            let disk = after_name.trim_start().starts_with('D');
            return Some(if disk { Activity::Rests } else { Activity::Runs });
        }
        // `number arg0 arg1 ..`: a futex without a timeout (arg3) is woken by another thread only.
        let call = read_to_string(task.join("syscall")).ok()?;
        let mut words = call.split_whitespace();
        let is_futex = words.next()? == FUTEX?;
        let waits = is_futex && words.nth(3)? == "0x0";
        Some(if waits { Activity::Waits } else { Activity::Rests })
    }

    /// The number of futex(2), where it is known.
    const FUTEX: Option<&str> = if cfg!(target_arch = "x86_64") {
        Some("202")
    } else if cfg!(any(target_arch = "aarch64", target_arch = "riscv64")) {
        Some("98")
    } else {
        None
    };
}
