//! `PassRecord`: the passes of one batch, summed.

use crate::base::text::plural;
use crate::book::batch::{Batch, BatchKind};
use crate::book::meter::{self, Measured};
use crate::book::report::{PassKind, PassReport};
use std::sync::Arc;

/// The passes of one label and place, or the offloads of one place.
#[derive(Clone)]
pub(crate) struct PassRecord {
    pub(crate) batch: Arc<Batch>,
    pub(crate) passes: u64,
    /// Passes with one item that were not stopped, and ran while no other pass of the batch did.
    pub(crate) of_one_item: u64,
    /// How many such passes were the last ones, in a row. `longest_one_item_run` is the longest row.
    one_item_run: u64,
    pub(crate) longest_one_item_run: u64,
    pub(crate) items: u64,
    completed: u64,
    pub(crate) max_items: u64,
    max_concurrent: usize,
    pub(crate) threads: usize,
    levels_ns: Vec<u64>,
    cpu_ns: Option<u64>,
    /// The most offloads that were under way at once.
    pub(crate) max_under_way: usize,
}

impl PassRecord {
    pub(crate) fn new(batch: Arc<Batch>) -> Self {
        PassRecord {
            batch,
            passes: 0,
            of_one_item: 0,
            one_item_run: 0,
            longest_one_item_run: 0,
            items: 0,
            completed: 0,
            max_items: 0,
            max_concurrent: 0,
            threads: 0,
            levels_ns: Vec::new(),
            cpu_ns: Some(0),
            max_under_way: 0,
        }
    }

    /// Adds a pass. `stopped`: an error, a panic or a drop stopped it, so that the number of its items says nothing. `was_alone`: no other
    /// pass of the batch ran beside it.
    pub(crate) fn add(&mut self, threads: usize, measured: &Measured, stopped: bool, was_alone: bool) {
        self.passes += 1;
        if measured.items == 1 && !stopped && was_alone {
            self.of_one_item += 1;
            self.one_item_run += 1;
            self.longest_one_item_run = self.longest_one_item_run.max(self.one_item_run);
        } else if measured.items > 1 || !was_alone {
            self.one_item_run = 0;
        }
        self.max_items = self.max_items.max(measured.items);
        self.sum(threads, measured);
    }

    /// The record of the offloads of a place. Each is one item.
    pub(crate) fn of_offloads(batch: Arc<Batch>, threads: usize, measured: &Measured) -> Self {
        let mut record = PassRecord::new(batch);
        record.passes = measured.items;
        record.max_items = measured.items.min(1);
        record.sum(threads, measured);
        record
    }

    fn sum(&mut self, threads: usize, measured: &Measured) {
        self.items += measured.items;
        self.completed += measured.completed;
        self.max_concurrent = self.max_concurrent.max(measured.max_concurrent());
        self.max_under_way = self.max_under_way.max(measured.max_under_way);
        self.threads = self.threads.max(threads);
        if self.levels_ns.len() < measured.levels_ns.len() {
            self.levels_ns.resize(measured.levels_ns.len(), 0);
        }
        for (sum, ns) in self.levels_ns.iter_mut().zip(&measured.levels_ns) {
            *sum = sum.saturating_add(*ns);
        }
        self.cpu_ns = self.cpu_ns.zip(measured.cpu_ns).map(|(sum, ns)| sum.saturating_add(ns));
    }

    pub(crate) fn is_of_offloads(&self) -> bool {
        self.batch.place.kind == BatchKind::Offload
    }

    /// The sizes and the place, as messages name them.
    pub(crate) fn summary(&self) -> String {
        let at = self.batch.place.at;
        if self.is_of_offloads() {
            let offloads = plural(self.items, "offload", "offloads");
            return match self.max_under_way {
                1 => format!("{offloads} at {at}, each sent after the one before it had ended"),
                most => format!("{offloads} at {at}, at most {most} under way at once"),
            };
        }
        if self.passes == self.of_one_item && self.passes > 1 {
            return format!(
                "{} passes of 1 item each at {at}: a pass per item cannot overlap; collect the items into one pass",
                self.passes
            );
        }
        let threads = plural(self.threads as u64, "thread", "threads");
        let items = plural(self.items, "item", "items");
        match self.passes {
            1 => format!("a pass of {items} on {threads} ({at})"),
            passes => format!("{passes} passes of {items} in all on {threads} ({at})"),
        }
    }

    pub(crate) fn report(&self) -> PassReport {
        let (file, line) = self.batch.place.source();
        PassReport {
            kind: if self.is_of_offloads() { PassKind::Offload } else { PassKind::Pass },
            label: self.batch.place.label.to_string(),
            file: file.into(),
            line,
            passes: self.passes,
            items: self.items,
            completed: self.completed,
            max_items: self.max_items,
            wall_ns: meter::wall_ns(&self.levels_ns),
            busy_ns: meter::busy_ns(&self.levels_ns),
            cpu_ns: self.cpu_ns,
            max_concurrent: self.max_concurrent as u64,
            threads: self.threads as u64,
            levels_ns: self.levels_ns.clone(),
        }
    }
}
