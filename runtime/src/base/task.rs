//! `Task`: a thread as the operating system sees it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

/// A thread whose activity the system may tell. The default value is a thread whose activity it does not tell.
#[derive(Clone, Default)]
pub(crate) struct Task {
    #[cfg(target_os = "linux")]
    dir: Option<std::path::PathBuf>,
}

/// What a thread does.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "no other system is asked"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    /// It runs, or could run if it had a core.
    Runs,
    /// It waits for something that comes without another thread: a timer, a disk, a socket.
    Rests,
    /// It waits for another thread without a time limit. It is idle, or waits for a lock, a channel or a barrier.
    Waits,
}

impl Task {
    /// The thread that calls.
    pub(crate) fn this() -> Self {
        Task {
            #[cfg(target_os = "linux")]
            dir: std::fs::read_link("/proc/thread-self")
                .ok()
                .map(|task| std::path::Path::new("/proc").join(task)),
        }
    }

    /// The system's number for the thread.
    pub(crate) fn number(&self) -> Option<u32> {
        #[cfg(target_os = "linux")]
        {
            self.dir.as_deref()?.file_name()?.to_str()?.parse().ok()
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = self;
            None
        }
    }

    /// What the thread does now. `None` where the system does not tell.
    #[cfg(target_os = "linux")]
    pub(crate) fn activity(&self) -> Option<Activity> {
        linux::activity(self.dir.as_deref()?)
    }

    /// What the thread does now. `None` where the system does not tell.
    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unused_self, reason = "as on Linux")]
    pub(crate) fn activity(&self) -> Option<Activity> {
        None
    }
}

/// The thread that stands aside. No thread has the number 0.
static ASIDE: AtomicU32 = AtomicU32::new(0);

/// This thread belongs to the library and never wakes another thread. So [`all_others`] leaves it out. There is only one such thread.
#[cfg_attr(not(feature = "report"), allow(dead_code, reason = "it is that of the live file"))]
pub(crate) fn stand_aside() {
    // `Relaxed`: a thread that asks too early counts this thread too, which does no harm.
    ASIDE.store(Task::this().number().unwrap_or_default(), Ordering::Relaxed);
}

/// The other threads of this process that may wake one another.
#[cfg(target_os = "linux")]
fn others() -> BTreeSet<u32> {
    let mut all = all_numbers();
    all.remove(&ASIDE.load(Ordering::Relaxed));
    all.remove(&Task::this().number().unwrap_or_default());
    all
}

/// What the other threads of this process do, taken together. `Runs` if one of them runs, else `Rests` if one of them rests, else
/// `Waits`. `None` where the system does not tell.
pub(crate) fn all_others() -> Option<Activity> {
    #[cfg(target_os = "linux")]
    {
        Task::this().dir?;
        let mut all = Activity::Waits;
        for number in others() {
            match linux::activity(&dir_of(number)) {
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
fn dir_of(number: u32) -> std::path::PathBuf {
    std::path::PathBuf::from(format!("/proc/self/task/{number}"))
}

/// The threads of this process, by the system's numbers.
#[cfg(target_os = "linux")]
fn all_numbers() -> BTreeSet<u32> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().filter_map(Result::ok);
    tasks.filter_map(|task| task.file_name().to_str()?.parse().ok()).collect()
}

/// Whether a thread may run that is not this thread and not one of these. It is true where the system does not tell.
pub(crate) fn another_may_run(known: &BTreeSet<u32>) -> bool {
    #[cfg(target_os = "linux")]
    {
        let Some(this) = Task::this().number() else { return true };
        let runs = |number: &u32| linux::activity(&dir_of(*number)) == Some(Activity::Runs);
        all_numbers().difference(known).filter(|number| **number != this).any(runs)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = known;
        true
    }
}

/// Runs `work` on a new thread. Returns false if no thread can be started.
pub(crate) fn spawn(work: impl FnOnce() + Send + 'static) -> bool {
    std::thread::Builder::new().name("concurrency-probe".into()).spawn(work).is_ok()
}

#[cfg(target_os = "linux")]
mod linux {
    use super::Activity;
    use std::fs::read_to_string;
    use std::path::Path;

    /// From proc(5): the state in `stat`, and for a sleeping thread the system call in which it sleeps.
    pub(crate) fn activity(task: &Path) -> Option<Activity> {
        let stat = read_to_string(task.join("stat")).ok()?;
        // `pid (comm) state ..`, and only comm may contain a parenthesis.
        let (_, after_name) = stat.rsplit_once(')')?;
        if !after_name.trim_start().starts_with('S') {
            let disk = after_name.trim_start().starts_with('D');
            return Some(if disk { Activity::Rests } else { Activity::Runs });
        }
        // `number arg0 arg1 ..`: only another thread can wake a futex without a timeout (arg3).
        let call = read_to_string(task.join("syscall")).ok()?;
        let mut words = call.split_whitespace();
        let is_futex = words.next()? == FUTEX?;
        let waits = is_futex && words.nth(3)? == "0x0";
        Some(if waits { Activity::Waits } else { Activity::Rests })
    }

    /// The number of the system call futex(2), for the architectures whose number is listed here.
    const FUTEX: Option<&str> = if cfg!(target_arch = "x86_64") {
        Some("202")
    } else if cfg!(any(target_arch = "aarch64", target_arch = "riscv64")) {
        Some("98")
    } else {
        None
    };
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{Task, all_numbers, another_may_run, others, stand_aside};
    use std::collections::BTreeSet;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_thread_that_runs_may_come_unless_it_is_known() {
        let (runs, stop) = (AtomicBool::new(false), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    runs.store(true, Ordering::Relaxed);
                }
            });
            while !runs.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            let may_come = another_may_run(&BTreeSet::new());
            // Other tests start threads of their own meanwhile, if seldom.
            let may_not = (0..1000).any(|_| !another_may_run(&all_numbers()));
            stop.store(true, Ordering::Relaxed);
            assert!(may_come && may_not, "{may_come} {may_not}");
        });
    }

    #[test]
    fn a_thread_that_stands_aside_is_not_told_of() {
        let met = Barrier::new(2);
        for is_aside in [true, false] {
            std::thread::scope(|scope| {
                let (send, number) = std::sync::mpsc::channel();
                let met = &met;
                scope.spawn(move || {
                    if is_aside {
                        stand_aside();
                    }
                    send.send(Task::this().number().unwrap()).unwrap();
                    met.wait();
                });
                let number = number.recv().unwrap();
                assert_eq!(others().contains(&number), !is_aside);
                met.wait();
            });
        }
        assert!(!others().contains(&Task::this().number().unwrap()));
    }
}

#[cfg(all(test, not(target_os = "linux")))]
mod tests {
    use super::{Task, all_others, another_may_run};
    use std::collections::BTreeSet;

    /// What is not known is not taken for an answer: a thread that may run is waited for.
    #[test]
    fn a_system_that_does_not_tell_claims_nothing() {
        assert_eq!((Task::this().number(), Task::this().activity(), all_others()), (None, None, None));
        assert!(another_may_run(&BTreeSet::new()));
    }
}
