//! `Run`: what one run measured.

use super::cell::Cell;
use crate::install::Summary;
use concurrency_probe::{PassReport, Report};
use serde::Serialize;
use std::collections::BTreeMap;

/// What one run measured: one install.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// Of what.
    #[serde(flatten)]
    pub cell: Cell,
    /// In which round, from 1.
    pub round: u16,
    /// From the opening of the scope to the end of the install.
    pub wall_ns: u64,
    /// What the install counted: `warm`, `cold`, `failed`, `linked`, ..
    pub counts: BTreeMap<String, u64>,
    /// The time of each phase.
    pub phases_ns: BTreeMap<String, u64>,
    /// The links of warm packages.
    pub warm: Links,
    /// The links of cold packages.
    pub cold: Links,
    /// The most threads that linked a package at once, warm or cold: what a test asserts on.
    pub max_concurrent: u64,
    /// What is structurally wrong with the run.
    pub findings: Vec<String>,
    /// All that it reported.
    #[serde(skip)]
    pub report: Report,
}

/// How a batch of packages was linked, in one pass or in many.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Links {
    /// The passes.
    pub passes: u64,
    /// The packages.
    pub items: u64,
    /// The time in which at least one package was being linked: of a pass that waits for downloads, without the waiting.
    pub linking_ns: u64,
    /// The time of all threads in links together.
    pub busy_ns: u64,
    /// The most packages that were linked at once.
    pub max_concurrent: u64,
}

impl Links {
    /// Of passes, or offloads, of these labels.
    fn of(passes: &[PassReport], labels: &[&str]) -> Self {
        passes.iter().filter(|pass| labels.contains(&&*pass.label)).fold(Links::default(), |links, pass| {
            Links {
                passes: links.passes + pass.passes,
                items: links.items + pass.items,
                linking_ns: links.linking_ns + pass.levels_ns.iter().skip(1).sum::<u64>(),
                busy_ns: links.busy_ns + pass.busy_ns,
                max_concurrent: links.max_concurrent.max(pass.max_concurrent),
            }
        })
    }

    /// How many packages were linked at once, on average, while any was; `None` if none was.
    #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
    pub fn effective_parallelism(&self) -> Option<f64> {
        (self.linking_ns > 0).then(|| self.busy_ns as f64 / self.linking_ns as f64)
    }
}

impl Run {
    pub(super) fn new(cell: Cell, round: u16, summary: &Summary) -> Self {
        let report = &summary.report;
        let probe = report.probes.iter().find(|probe| probe.name == "create_virtual_dir_by_snapshot");
        Run {
            cell,
            round,
            wall_ns: report.wall_ns,
            counts: report.counts.clone(),
            phases_ns: report.phases.iter().map(|phase| (phase.name.clone(), phase.total_ns)).collect(),
            warm: Links::of(&report.passes, &["warm"]),
            cold: Links::of(&report.passes, &["cold", "offload"]),
            max_concurrent: probe.and_then(|probe| probe.max_concurrent).unwrap_or_default(),
            findings: report.findings.iter().map(|finding| finding.kind.to_string()).collect(),
            report: report.clone(),
        }
    }

    /// The batch that the run is about: the cold one, if there is one to speak of.
    pub fn batch(&self) -> &Links {
        if self.cold.items * 10 >= self.warm.items { &self.cold } else { &self.warm }
    }

    /// The links of the batch of this label.
    pub(super) fn links(&self, label: &str) -> &Links {
        if label == "warm" { &self.warm } else { &self.cold }
    }

    /// A count; 0 if it was never counted.
    pub fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or_default()
    }
}
