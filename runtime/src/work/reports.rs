//! The report of a scope.

use crate::base::clock::ns;
use crate::book::batch::Batch;
use crate::book::pass_record::PassRecord;
use crate::book::report::{BatchReport, ProbeReport, Report};
use crate::call::gauge::Counts;
use crate::call::key::{Key, Kind};
use crate::call::site::Site;
use crate::work::findings;
use crate::work::state::ScopeState;
use std::sync::Arc;

impl ScopeState {
    pub(crate) fn report(&self) -> Report {
        // Read first. So the batches, which are read later, include the batch of each span, and the wall time is after the end of each span.
        let recorded = self.timeline().map(|timeline| (timeline, timeline.recorded()));
        let batches = self.batches().all();
        let ledger = self.books().ledger();
        Report {
            schema: Report::SCHEMA.into(),
            scope: self.name().text().into(),
            wall_ns: ns(self.opened().elapsed()),
            counts: ledger.counts.clone(),
            phases: ledger.phases.clone(),
            probes: Site::probes_of(self.name())
                .filter_map(|(key, site)| {
                    let unattributed = self.unattributed().of(key, site).iter().sum();
                    probe_report(key, site, unattributed, &batches)
                })
                .collect(),
            passes: ledger.passes().iter().map(PassRecord::report).collect(),
            findings: findings::of_scope(self.name(), &ledger, &batches),
            timeline: recorded.map(|(timeline, recorded)| timeline.timeline(&recorded, &batches)),
        }
    }
}

#[cfg(feature = "report")]
impl ScopeState {
    /// The counts of each probe now. `unchanged_ns` is left 0, for the live file to fill in.
    pub(crate) fn live_probes(&self) -> Vec<crate::book::live::LiveProbe> {
        let batches = self.batches().all();
        let probes = Site::probes_of(self.name()).filter_map(|(key, site)| {
            let probe = probe_report(key, site, 0, &batches)?;
            Some(crate::book::live::LiveProbe {
                name: probe.name,
                file: probe.file,
                line: probe.line,
                inside: probe.in_flight,
                calls: probe.calls,
                unchanged_ns: 0,
            })
        });
        probes.collect()
    }
}

#[cfg(feature = "metrics")]
impl ScopeState {
    /// What is counted of each probe in each batch right now: the name of the probe, the label of the batch, and whether threads are
    /// counted.
    pub(crate) fn each_count(&self, mut tell: impl FnMut(&'static str, &str, &Counts, bool)) {
        let batches = self.batches().all();
        for (key, site) in Site::probes_of(self.name()) {
            for batch in &batches {
                if let Some(gauge) = batch.board.find(key) {
                    tell(site.name(), &batch.place.label, &gauge.counts(), key.kind() != Kind::Async);
                }
            }
        }
    }
}

/// The report of a probe, if it was called.
fn probe_report(key: Key, site: &Site, unattributed: u64, batches: &[Arc<Batch>]) -> Option<ProbeReport> {
    let is_async = key.kind() == Kind::Async;
    let read: Vec<(&Arc<Batch>, Counts)> =
        batches.iter().filter_map(|batch| Some((batch, batch.board.find(key)?.counts()))).collect();
    if read.is_empty() && unattributed == 0 {
        return None;
    }
    let highest =
        |of: fn(&Counts) -> usize| read.iter().map(|(_, counts)| of(counts)).max().unwrap_or_default() as u64;
    Some(ProbeReport {
        name: site.name().into(),
        file: site.file().into(),
        line: site.line(),
        calls: read.iter().map(|(_, counts)| counts.calls).sum(),
        in_flight: read.iter().map(|(_, counts)| counts.in_flight as u64).sum(),
        max_in_flight: highest(|counts| counts.max_in_flight),
        max_concurrent: (!is_async).then(|| highest(|counts| counts.max_threads)),
        unattributed,
        stolen: read.iter().map(|(_, counts)| counts.stolen).sum(),
        batches: read
            .iter()
            .map(|(batch, counts)| BatchReport {
                label: batch.place.label.to_string(),
                file: batch.place.at.file().into(),
                line: batch.place.at.line(),
                calls: counts.calls,
                max_in_flight: counts.max_in_flight as u64,
                max_concurrent: (!is_async).then_some(counts.max_threads as u64),
            })
            .collect(),
    })
}
