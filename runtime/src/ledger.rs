//! The ledger of a scope: everything but the gauges. Behind a lock, as nothing here is on a probe's way.

use crate::meter::{Measured, Span};
use crate::report::{Finding, FindingKind, ItemSpan, PassReport, PhaseReport, Timeline};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::panic::Location;

#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) phases: Vec<PhaseReport>,
    passes: Vec<PassRecord>,
    /// The places of `passes`.
    index: HashMap<PassPlace, usize>,
    nested: Vec<(&'static Location<'static>, u64)>,
    passes_in_poll: Vec<PassInPoll>,
}

/// Where a pass was made, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PassPlace {
    pub(crate) label: Cow<'static, str>,
    pub(crate) at: &'static Location<'static>,
}

impl PassPlace {
    pub(crate) fn what(&self) -> String {
        format!("a pass `{}`", self.label)
    }

    pub(crate) fn source(&self) -> (&'static str, u32) {
        (self.at.file(), self.at.line())
    }
}

#[derive(Clone)]
pub(crate) struct PassRecord {
    place: PassPlace,
    passes: u64,
    /// Passes that had one item, and were not stopped at it.
    of_one_item: u64,
    items: u64,
    completed: u64,
    max_items: u64,
    max_concurrent: usize,
    threads: usize,
    levels_ns: Vec<u64>,
    spans: Option<(Vec<Span>, u64)>,
}

struct PassInPoll {
    place: PassPlace,
    poll: &'static str,
    times: u64,
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

    /// Books a pass; `stopped` by an error, a panic or a drop, so that the number of its items says nothing.
    pub(crate) fn pass(
        &mut self,
        place: &PassPlace,
        threads: usize,
        measured: &Measured,
        stopped: bool,
        timeline: bool,
    ) {
        let passes = &mut self.passes;
        let i = *self.index.entry(place.clone()).or_insert_with(|| {
            passes.push(PassRecord::new(place.clone()));
            passes.len() - 1
        });
        passes[i].add(threads, measured, stopped, timeline);
    }

    pub(crate) fn nested_scope(&mut self, at: &'static Location<'static>) {
        match self.nested.iter_mut().find(|(seen, _)| *seen == at) {
            Some((_, times)) => *times += 1,
            None => self.nested.push((at, 1)),
        }
    }

    pub(crate) fn pass_in_poll(&mut self, place: &PassPlace, poll: &'static str) {
        let seen = |pair: &&mut PassInPoll| pair.place == *place && pair.poll == poll;
        match self.passes_in_poll.iter_mut().find(seen) {
            Some(pair) => pair.times += 1,
            None => self.passes_in_poll.push(PassInPoll { place: place.clone(), poll, times: 1 }),
        }
    }

    /// The threads of the largest pool that a pass ran on.
    pub(crate) fn threads(&self) -> Option<usize> {
        self.passes.iter().map(|record| record.threads).max()
    }

    pub(crate) fn passes(&self) -> &[PassRecord] {
        &self.passes
    }

    /// What the ledger itself finds wrong, for a scope of this name.
    pub(crate) fn findings(&self, scope: &str) -> Vec<Finding> {
        let degenerate = self.degenerate();
        let nested = self.nested.iter().map(|(at, times)| nested_scope(scope, at, *times));
        let blocked = self
            .passes_in_poll
            .iter()
            .map(|pair| blocked_poll(&pair.place.what(), pair.times, pair.poll, pair.place.source()));
        degenerate.into_iter().chain(nested).chain(blocked).collect()
    }

    /// One finding for each place in the source with a pass an item, whatever the labels.
    fn degenerate(&self) -> Vec<Finding> {
        let mut places: Vec<(&'static Location<'static>, Degenerate)> = Vec::new();
        let mut index = HashMap::new();
        for record in &self.passes {
            let i = *index.entry(record.place.at).or_insert_with(|| {
                places.push((record.place.at, Degenerate::default()));
                places.len() - 1
            });
            places[i].1.add(record);
        }
        places.into_iter().filter_map(|(at, sum)| sum.finding(at)).collect()
    }

    /// The finding about passes made at this place in the source.
    pub(crate) fn degenerate_at(&self, at: &'static Location<'static>) -> Option<Finding> {
        let mut sum = Degenerate::default();
        self.passes.iter().filter(|record| record.place.at == at).for_each(|record| sum.add(record));
        sum.finding(at)
    }
}

impl PassRecord {
    fn new(place: PassPlace) -> Self {
        PassRecord {
            place,
            passes: 0,
            of_one_item: 0,
            items: 0,
            completed: 0,
            max_items: 0,
            max_concurrent: 0,
            threads: 0,
            levels_ns: Vec::new(),
            spans: None,
        }
    }

    fn add(&mut self, threads: usize, measured: &Measured, stopped: bool, timeline: bool) {
        self.passes += 1;
        self.of_one_item += u64::from(measured.items == 1 && !stopped);
        self.items += measured.items;
        self.completed += measured.completed;
        self.max_items = self.max_items.max(measured.items);
        let peak = measured.levels_ns.len().saturating_sub(1);
        self.max_concurrent = self.max_concurrent.max(peak);
        self.threads = self.threads.max(threads);
        if self.levels_ns.len() < measured.levels_ns.len() {
            self.levels_ns.resize(measured.levels_ns.len(), 0);
        }
        for (sum, ns) in self.levels_ns.iter_mut().zip(&measured.levels_ns) {
            *sum = sum.saturating_add(*ns);
        }
        if timeline {
            let (spans, left_out) = self.spans.get_or_insert_default();
            spans.extend(&measured.spans);
            *left_out += measured.spans_left_out;
        }
    }

    pub(crate) fn items(&self) -> u64 {
        self.items
    }

    /// The place and the sizes, in words.
    pub(crate) fn summary(&self) -> String {
        let PassPlace { label, at } = &self.place;
        let (passes, items) = (plural(self.passes, "pass", "passes"), plural(self.items, "item", "items"));
        format!("{passes} over {items} in all at {at} (`{label}`), {} threads", self.threads)
    }

    pub(crate) fn report(&self) -> PassReport {
        PassReport {
            label: self.place.label.to_string(),
            file: self.place.at.file().into(),
            line: self.place.at.line(),
            passes: self.passes,
            items: self.items,
            completed: self.completed,
            max_items: self.max_items,
            wall_ns: self.levels_ns.iter().fold(0, |sum, ns| sum.saturating_add(*ns)),
            busy_ns: (0_u64..)
                .zip(&self.levels_ns)
                .fold(0, |sum, (level, ns)| sum.saturating_add(level.saturating_mul(*ns))),
            max_concurrent: self.max_concurrent as u64,
            threads: self.threads as u64,
            levels_ns: self.levels_ns.clone(),
            timeline: self.spans.as_ref().map(|(spans, left_out)| Timeline {
                spans: spans.iter().map(item_span).collect(),
                left_out: *left_out,
            }),
        }
    }
}

/// The passes of one place in the source.
#[derive(Default)]
struct Degenerate {
    of_one_item: u64,
    max_items: u64,
    threads: usize,
}

impl Degenerate {
    /// Passes at one place from which on a pass an item is no accident.
    const MANY: u64 = 4;

    fn add(&mut self, record: &PassRecord) {
        self.of_one_item += record.of_one_item;
        self.max_items = self.max_items.max(record.max_items);
        self.threads = self.threads.max(record.threads);
    }

    fn finding(&self, at: &'static Location<'static>) -> Option<Finding> {
        (self.of_one_item >= Self::MANY && self.max_items <= 1 && self.threads > 1).then(|| Finding {
            kind: FindingKind::DegeneratePasses,
            file: at.file().into(),
            line: at.line(),
            message: format!(
                "{} passes of 1 item each at {at}: a pass per item cannot overlap; collect the items into one pass",
                self.of_one_item
            ),
        })
    }
}

fn item_span(span: &Span) -> ItemSpan {
    ItemSpan { thread: span.thread as u64, start_ns: span.start_ns, end_ns: span.end_ns }
}

fn nested_scope(scope: &str, at: &Location<'_>, times: u64) -> Finding {
    let times = plural(times, "scope", "scopes");
    Finding {
        kind: FindingKind::NestedScope,
        file: at.file().into(),
        line: at.line(),
        message: format!(
            "{times} `{scope}` opened at {at} while a scope `{scope}` was current there: open one scope for each \
             unit of work, and give its parts a `ScopeHandle`"
        ),
    }
}

/// The finding that `what` began inside polls of the probe `poll`.
pub(crate) fn blocked_poll(what: &str, times: u64, poll: &str, (file, line): (&str, u32)) -> Finding {
    let times = plural(times, "time", "times");
    Finding {
        kind: FindingKind::BlockedPoll,
        file: file.into(),
        line,
        message: format!(
            "{what} ({file}:{line}) began {times} inside a poll of `{poll}`: until it ends, no future of the same task is polled; \
             run it after the join, through `Pass::drive`, or through `offload`"
        ),
    }
}

/// `1 call`, `2 calls`.
pub(crate) fn plural(n: u64, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}
