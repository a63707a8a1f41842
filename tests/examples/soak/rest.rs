//! `Rest`: whether what was under way has ended, and what was done until then.

use concurrency_probe::ScopeHandle;
use std::fmt;
use std::time::Duration;

/// Looks enough for any machine.
pub(crate) const PATIENCE: usize = 60_000;

/// The scope name of the pools of their own, and so of their threads.
pub(crate) const OWN: &str = "soak own";

/// What has been done, and what of it did not come to rest.
#[derive(Debug)]
pub(crate) struct Rest {
    /// How often is looked, a millisecond apart at least, before what is under way is taken for stuck.
    looks: usize,
    scopes: u64,
    calls: u64,
    passes: u64,
    memory: (usize, usize),
    faults: Vec<String>,
}

impl Rest {
    pub(crate) fn new(looks: usize) -> Self {
        Rest { looks, scopes: 0, calls: 0, passes: 0, memory: (0, 0), faults: Vec::new() }
    }

    /// Notes how many bytes were taken after the first rounds, and are at the end.
    pub(crate) fn memory(&mut self, before: usize, after: usize) {
        self.memory = (before, after);
    }

    /// Waits until nothing is in flight in scopes that are closed.
    pub(crate) fn settle(&mut self, handles: &[ScopeHandle]) {
        for handle in handles {
            if !self.eventually(|| in_flight(handle) == 0) {
                self.faults.push(format!("{} calls are in flight in {handle:?}", in_flight(handle)));
            }
            let report = handle.report();
            self.scopes += 1;
            self.calls += report.probes.iter().map(|probe| probe.calls).sum::<u64>();
            self.passes += report.passes.iter().map(|pass| pass.passes).sum::<u64>();
        }
    }

    /// Notes what is not as it should be.
    pub(crate) fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.faults.push(what());
        }
    }

    /// Waits until no thread of a scope's pool is left.
    pub(crate) fn wait(&mut self) {
        if !self.eventually(|| threads(OWN) == 0) {
            self.faults.push(format!("{} threads `{OWN}` are left", threads(OWN)));
        }
    }

    fn eventually(&self, at_rest: impl Fn() -> bool) -> bool {
        (0..self.looks).any(|look| {
            if look > 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
            at_rest()
        })
    }

    pub(crate) fn faults(&self) -> &[String] {
        &self.faults
    }
}

impl fmt::Display for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rest { scopes, passes, calls, memory: (before, after), .. } = self;
        write!(f, "{scopes} scopes, {passes} passes, {calls} calls; {before} bytes taken, then {after}")
    }
}

fn in_flight(handle: &ScopeHandle) -> u64 {
    handle.report().probes.iter().map(|probe| probe.in_flight).sum()
}

/// How many threads of this process have names that begin like this. None where the system does not tell.
fn threads(name: &str) -> usize {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0 };
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|comm| comm.starts_with(name)).count()
}
