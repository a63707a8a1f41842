//! The ledger of a scope: metrics, phases, passes, offloads and findings. The counts of calls are in gauges.

use crate::book::batch::{Batch, BatchPlace};
use crate::book::findings::{self, Blocking, PassesAtPlace};
use crate::book::meter::{Measured, Meter};
use crate::book::pass_record::PassRecord;
use crate::book::report::{Finding, PhaseReport};
use std::collections::{BTreeMap, HashMap};
use std::panic::Location;
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) phases: Vec<PhaseReport>,
    passes: Vec<PassRecord>,
    /// Index into `passes`, by the number of the batch.
    index: BTreeMap<u32, usize>,
    offloads: Vec<Offloads>,
    nested: Vec<(&'static Location<'static>, u64)>,
    passes_in_poll: Vec<PassInPoll>,
    serial_lanes: Vec<SerialLanes>,
}

/// The offloads of one place.
struct Offloads {
    batch: Arc<Batch>,
    threads: usize,
    meter: Arc<Meter>,
}

struct PassInPoll {
    place: BatchPlace,
    poll: &'static str,
    times: u64,
}

struct SerialLanes {
    at: &'static Location<'static>,
    lanes: u64,
    max_stages: u64,
}

impl Ledger {
    pub(crate) fn count(&mut self, name: &str, n: u64) {
        if let Some(count) = self.counts.get_mut(name) {
            *count = count.saturating_add(n);
        } else {
            self.counts.insert(name.into(), n);
        }
    }

    pub(crate) fn phase(&mut self, name: &str, ns: u64) {
        if let Some(phase) = self.phases.iter_mut().find(|phase| phase.name == name) {
            phase.total_ns = phase.total_ns.saturating_add(ns);
            phase.times += 1;
        } else {
            self.phases.push(PhaseReport { name: name.into(), total_ns: ns, times: 1 });
        }
    }

    /// Records a pass. `stopped`: an error, a panic or a drop stopped it, so that the number of its items says nothing.
    pub(crate) fn pass(
        &mut self,
        batch: &Arc<Batch>,
        threads: usize,
        measured: &Measured,
        stopped: bool,
        was_alone: bool,
    ) {
        let passes = &mut self.passes;
        let i = *self.index.entry(batch.number).or_insert_with(|| {
            passes.push(PassRecord::new(Arc::clone(batch)));
            passes.len() - 1
        });
        passes[i].add(threads, measured, stopped, was_alone);
    }

    /// The meter of the offloads of a place. `threads` is the size of their pool, or 0 if it is not known.
    pub(crate) fn offloads(&mut self, batch: &Arc<Batch>, threads: usize) -> Arc<Meter> {
        if let Some(known) = self.offloads.iter_mut().find(|offloads| offloads.batch.number == batch.number) {
            known.threads = known.threads.max(threads);
            return Arc::clone(&known.meter);
        }
        let meter = Arc::new(Meter::new());
        self.offloads.push(Offloads { batch: Arc::clone(batch), threads, meter: Arc::clone(&meter) });
        meter
    }

    pub(crate) fn nested_scope(&mut self, at: &'static Location<'static>) {
        match self.nested.iter_mut().find(|(seen, _)| *seen == at) {
            Some((_, times)) => *times += 1,
            None => self.nested.push((at, 1)),
        }
    }

    pub(crate) fn pass_in_poll(&mut self, place: &BatchPlace, poll: &'static str) {
        let seen = |pair: &&mut PassInPoll| pair.place == *place && pair.poll == poll;
        match self.passes_in_poll.iter_mut().find(seen) {
            Some(pair) => pair.times += 1,
            None => self.passes_in_poll.push(PassInPoll { place: place.clone(), poll, times: 1 }),
        }
    }

    /// A lane ran another stage. It has run `stages` now.
    pub(crate) fn stage(&mut self, at: &'static Location<'static>, stages: u64) {
        if stages <= findings::MANY {
            return;
        }
        let first_time = u64::from(stages == findings::MANY + 1);
        match self.serial_lanes.iter_mut().find(|serial| serial.at == at) {
            Some(serial) => {
                serial.lanes += first_time;
                serial.max_stages = serial.max_stages.max(stages);
            }
            None => self.serial_lanes.push(SerialLanes { at, lanes: 1, max_stages: stages }),
        }
    }

    /// The passes, then the offloads, each in the order in which they were first met.
    pub(crate) fn passes(&self) -> Vec<PassRecord> {
        self.passes.iter().cloned().chain(self.offload_records()).collect()
    }

    fn offload_records(&self) -> impl Iterator<Item = PassRecord> {
        self.offloads.iter().map(|Offloads { batch, threads, meter }| {
            PassRecord::of_offloads(Arc::clone(batch), *threads, &meter.measured())
        })
    }

    /// The findings that the ledger can tell by itself, for a scope of this name.
    pub(crate) fn findings(&self, scope: &str) -> Vec<Finding> {
        let nested = self.nested.iter().map(|(at, times)| findings::nested_scope(scope, at, *times));
        let blocked = self
            .passes_in_poll
            .iter()
            .map(|pair| findings::blocked_poll(&Blocking::Pass(&pair.place), pair.times, pair.poll));
        let lanes = self
            .serial_lanes
            .iter()
            .map(|serial| findings::serial_lane(serial.at, serial.max_stages, serial.lanes));
        let offloads: Vec<Finding> =
            self.offload_records().filter_map(|record| findings::serial_offloads(&record)).collect();
        self.degenerate().into_iter().chain(nested).chain(blocked).chain(offloads).chain(lanes).collect()
    }

    /// One finding for each place in the source with a pass per item, whatever the labels.
    fn degenerate(&self) -> Vec<Finding> {
        let mut places: Vec<(&'static Location<'static>, PassesAtPlace)> = Vec::new();
        let mut index = HashMap::new();
        for record in &self.passes {
            let at = record.batch.place.at;
            let i = *index.entry(at).or_insert_with(|| {
                places.push((at, PassesAtPlace::default()));
                places.len() - 1
            });
            places[i].1.add(record);
        }
        places.into_iter().filter_map(|(at, passes)| passes.degenerate(at)).collect()
    }

    /// The finding about passes made at this place in the source.
    pub(crate) fn degenerate_at(&self, at: &'static Location<'static>) -> Option<Finding> {
        let mut passes = PassesAtPlace::default();
        self.passes.iter().filter(|record| record.batch.place.at == at).for_each(|record| passes.add(record));
        passes.degenerate(at)
    }

    /// The finding about the offloads of this batch.
    pub(crate) fn serial_offloads_of(&self, batch: &Batch) -> Option<Finding> {
        self.offload_records()
            .find(|record| record.batch.number == batch.number)
            .and_then(|record| findings::serial_offloads(&record))
    }

    /// The finding about lanes that ran too many stages, the last one at this place.
    pub(crate) fn serial_lane_at(&self, at: &'static Location<'static>) -> Option<Finding> {
        let serial = self.serial_lanes.iter().find(|serial| serial.at == at)?;
        Some(findings::serial_lane(at, serial.max_stages, serial.lanes))
    }
}
