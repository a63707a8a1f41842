//! `Look`: what a person should look at, although the report has no finding about it.

use concurrency_probe::{BatchReport, PassKind, PassReport, ProbeReport, Report};

/// Something that looks wrong, although the report has no finding about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// What it is.
    pub about: String,
    /// Where in the source.
    pub place: String,
    /// What was seen, and what to do.
    pub says: String,
}

/// Fewer items at once than this, on average, are one at a time: a short overlap is no parallelism.
const SERIAL: f64 = 1.1;
/// Calls from which on a batch that never had two at once is looked at.
const MANY_CALLS: u64 = 4;

/// What to look at in a report.
pub(crate) fn looks(report: &Report) -> Vec<Look> {
    let passes = report.passes.iter().filter(|pass| is_serial(pass) && !is_found(report, pass));
    let calls = report.probes.iter().flat_map(|probe| {
        let batches = probe.batches.iter().filter(|batch| is_one_by_one(report, batch));
        batches.map(|batch| one_by_one(probe, batch))
    });
    let unattributed = report.probes.iter().filter(|probe| probe.unattributed > 0).map(unattributed);
    passes.map(serial_pass).chain(calls).chain(unattributed).collect()
}

/// Whether a pass with several items ran one at a time, on a pool that has more threads.
fn is_serial(pass: &PassReport) -> bool {
    let is_serial = pass.max_concurrent <= 1 || pass.effective_parallelism() < SERIAL;
    pass.kind == PassKind::Pass && pass.items > 1 && pass.threads > 1 && is_serial
}

fn is_found(report: &Report, pass: &PassReport) -> bool {
    report.findings.iter().any(|finding| finding.file == pass.file && finding.line == pass.line)
}

fn serial_pass(pass: &PassReport) -> Look {
    let ran = if pass.max_concurrent <= 1 {
        "never ran two items at once".into()
    } else {
        format!("ran {:.2} items at once on average", pass.effective_parallelism())
    };
    Look {
        about: format!("pass `{}` {ran}", pass.label),
        place: format!("{}:{}", pass.file, pass.line),
        says: format!(
            "{} items in {} passes, at most {} at once, and the pool has {} threads. If they may overlap, collect them into one pass, \
             and see that they wait for no common lock.",
            pass.items, pass.passes, pass.max_concurrent, pass.threads
        ),
    }
}

/// Whether the calls of a batch followed one another. Calls of a serial pass are left out: the pass is reported already.
fn is_one_by_one(report: &Report, batch: &BatchReport) -> bool {
    let is_of_a_serial_pass = report.passes.iter().any(|pass| pass.label == batch.label && is_serial(pass));
    // In flight, as the threads of a probe with `polls` are those that poll.
    batch.calls >= MANY_CALLS && batch.max_in_flight <= 1 && !is_of_a_serial_pass
}

fn one_by_one(probe: &ProbeReport, batch: &BatchReport) -> Look {
    let of_batch = if batch.label.is_empty() { String::new() } else { format!(" in `{}`", batch.label) };
    Look {
        about: format!("`{}`{of_batch} was never called twice at once", probe.name),
        place: format!("{}:{}", probe.file, probe.line),
        says: format!(
            "{} calls, one after another. If they may overlap, look at what calls them: a loop, or a blocking call in each future of \
             one task.",
            batch.calls
        ),
    }
}

fn unattributed(probe: &ProbeReport) -> Look {
    Look {
        about: format!("`{}` was called where no scope was current", probe.name),
        place: format!("{}:{}", probe.file, probe.line),
        says: format!(
            "{} calls are in no batch, and nothing is said of them. Give the threads that make them a `ScopeHandle`.",
            probe.unattributed
        ),
    }
}
