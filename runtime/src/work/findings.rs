//! The findings of a scope: those of its ledger, and calls that began inside polls, which its gauges count.

use crate::book::batch::Batch;
use crate::book::findings::{Blocking, blocked_poll};
use crate::book::ledger::Ledger;
use crate::book::report::Finding;
use crate::call::key::Key;
use crate::call::name::Name;
use crate::call::site::Site;
use std::collections::BTreeMap;
use std::sync::Arc;

/// All findings of the scope of this name that has these batches.
pub(super) fn of_scope(name: &'static Name, ledger: &Ledger, batches: &[Arc<Batch>]) -> Vec<Finding> {
    let mut findings = ledger.findings(name.text());
    for (key, site) in Site::probes_of(name) {
        let mut pairs: BTreeMap<u32, u64> = BTreeMap::new();
        for gauge in batches.iter().filter_map(|batch| batch.board.find(key)) {
            for (poll, entries) in gauge.blocked().pairs() {
                *pairs.entry(poll.bits()).or_default() += u64::from(entries);
            }
        }
        for (poll, entries) in pairs {
            let poll = Key::from_bits(poll).and_then(Site::of).map_or("?", Site::name);
            findings.push(call_in_poll(site, entries, poll));
        }
    }
    findings
}

/// Calls of a probe began inside polls of the probe `poll`.
pub(super) fn call_in_poll(probe: &Site, times: u64, poll: &str) -> Finding {
    let call = Blocking::Call { probe: probe.name(), file: probe.file(), line: probe.line() };
    blocked_poll(&call, times, poll)
}
