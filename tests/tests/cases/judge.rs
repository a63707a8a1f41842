//! `Right`: the verdict that a program must get.

use concurrency_probe::NotConcurrent;
use std::process::{Command, Output};
use std::time::Duration;
use tokio::runtime::Runtime;

/// How a message names the batch of the calls that are in no pass, in no offload and in no batch of a handle.
pub(crate) const OUTSIDE: &str = "outside of any pass";

/// Of holds that only a clock can end: short, so that the tests are. A wait that ends by it halves the next one, and a program takes
/// twice as long at most.
pub(crate) const LIMIT: Duration = Duration::from_millis(200);

/// Of programs in which luck could play a part.
pub(crate) const ROUNDS: usize = 50;

#[derive(Clone, Copy)]
pub(crate) enum Right {
    Green,
    Red { proven: Option<bool>, says: &'static [&'static str] },
}

/// Red as a fact, with all of these in the message.
pub(crate) const fn proven(says: &'static [&'static str]) -> Right {
    Right::Red { proven: Some(true), says }
}

/// Red because a clock ended the wait, which the message has to say.
pub(crate) const fn undecided(says: &'static [&'static str]) -> Right {
    Right::Red { proven: Some(false), says }
}

/// Red, whether it could be proven or not.
pub(crate) const fn red(says: &'static [&'static str]) -> Right {
    Right::Red { proven: None, says }
}

impl Right {
    /// How often it is worth trying: what a clock ends takes its time and has no luck.
    pub(crate) fn rounds(self) -> usize {
        match self {
            Right::Green => ROUNDS,
            Right::Red { proven: Some(true), .. } => 5,
            Right::Red { .. } => 1,
        }
    }
}

/// Fails unless the verdict is the right one.
#[track_caller]
pub(crate) fn judge(program: &str, verdict: Result<(), NotConcurrent>, right: Right) {
    match (verdict, right) {
        (Ok(()), Right::Green) => {}
        (Ok(()), Right::Red { .. }) => panic!("{program}: green"),
        (Err(why), Right::Green) => panic!("{program}: red: {why}"),
        (Err(why), Right::Red { proven, says }) => {
            let message = why.to_string();
            for part in says {
                assert!(message.contains(part), "{program}: {part:?} is missing in:\n{message}");
            }
            if let Some(proven) = proven {
                assert_eq!(why.is_proven(), proven, "{program}: {message}");
            }
            // Of programs whose waits end by a clock at times: the message and the value say the same.
            if proven.is_some() || message.contains("undecided") {
                assert_eq!(message.contains("undecided"), !why.is_proven(), "{program}: {message}");
            }
        }
    }
}

/// Fails unless all of these are in the message.
#[track_caller]
pub(crate) fn assert_says(program: &str, message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{program}: {part:?} is missing in:\n{message}");
    }
}

/// A runtime of each flavour, of two threads where it has threads.
pub(crate) fn runtimes() -> [(&'static str, Runtime); 2] {
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let two = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    [("current-thread", one), ("multi-thread", two)]
}

/// A pool that no scope knows of.
pub(crate) fn foreign_pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

const CHILD: &str = "CASES_TEST_CHILD";

/// What the test is to do in the process that [`in_child`] started.
pub(crate) fn as_child() -> Option<String> {
    std::env::var(CHILD).ok()
}

/// Runs a test alone in a process of its own, which a wrong program may abort or fill with output.
pub(crate) fn in_child(test: &str, task: &str) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, task)
        .output()
        .unwrap()
}
