//! A thread as the operating system sees it.

/// A thread that may be asked whether it sleeps.
pub(super) struct Task {
    #[cfg(target_os = "linux")]
    stat: Option<std::path::PathBuf>,
}

impl Task {
    /// The thread that calls.
    pub(super) fn this() -> Self {
        Task {
            #[cfg(target_os = "linux")]
            stat: std::fs::read_link("/proc/thread-self")
                .ok()
                .map(|task| std::path::Path::new("/proc").join(task).join("stat")),
        }
    }

    /// Whether the thread sleeps: neither runs nor could run if it had a core. `None` where it cannot be told.
    pub(super) fn sleeps(&self) -> Option<bool> {
        #[cfg(target_os = "linux")]
        {
            // proc(5): `pid (comm) state ..`, and only comm may contain a parenthesis.
            let stat = std::fs::read_to_string(self.stat.as_ref()?).ok()?;
            let (_, after_name) = stat.rsplit_once(')')?;
            Some(after_name.trim_start().starts_with('S'))
        }
        #[cfg(not(target_os = "linux"))]
        None
    }
}
