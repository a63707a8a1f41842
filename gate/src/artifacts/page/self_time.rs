//! Self time: the time of phases without the phases inside of them.

use concurrency_probe::{SpanKind, Timeline};
use std::collections::{BTreeMap, BTreeSet};

/// The most phases that are distinguished.
const MAX_PARTS: usize = 100;

/// How long each phase lasted without the phases inside of it, in the order in which they began.
///
/// A moment belongs to the open phase that began last. So the sum is at most `wall_ns`, also if phases nest or overlap.
pub(super) fn self_times(timeline: &Timeline, wall_ns: u64) -> Vec<(&str, u64)> {
    let mut phases: Vec<_> = timeline.spans.iter().filter(|span| span.kind == SpanKind::Phase).collect();
    phases.sort_by_key(|phase| (phase.start_ns, std::cmp::Reverse(phase.end_ns)));
    // Ends before begins, where both are at one moment.
    let mut changes: Vec<(u64, bool, usize)> = Vec::new();
    for (at, phase) in phases.iter().enumerate() {
        let [start, end] = [phase.start_ns, phase.end_ns].map(|ns| ns.min(wall_ns));
        if start < end {
            changes.extend([(start, true, at), (end, false, at)]);
        }
    }
    changes.sort_unstable();
    let mut names: Vec<&str> = Vec::new();
    let mut times: BTreeMap<&str, u64> = BTreeMap::new();
    let mut under_way = BTreeSet::new();
    let mut before = 0;
    for (now, begins, at) in changes {
        if let Some(innermost) = under_way.last() {
            let innermost: &usize = innermost;
            *times.entry(&phases[*innermost].name).or_default() += now - before;
        }
        before = now;
        if begins {
            under_way.insert(at);
            if !names.contains(&phases[at].name.as_str()) && names.len() < MAX_PARTS {
                names.push(&phases[at].name);
            }
        } else {
            under_way.remove(&at);
        }
    }
    names.into_iter().map(|name| (name, times.get(name).copied().unwrap_or(0))).collect()
}

#[cfg(test)]
mod tests {
    use super::self_times;
    use serde_json::json;

    #[test]
    fn each_moment_counts_once() {
        type Case<'a> = (&'a str, &'a [(&'a str, u64, u64)], &'a [(&'a str, u64)]);
        let cases: &[Case<'_>] = &[
            ("one in another", &[("a", 0, 10), ("b", 2, 5)], &[("a", 7), ("b", 3)]),
            ("twice", &[("a", 0, 10), ("b", 2, 5), ("b", 6, 7)], &[("a", 6), ("b", 4)]),
            ("beside one another", &[("a", 0, 6), ("b", 2, 10)], &[("a", 2), ("b", 8)]),
            ("longer than the scope", &[("a", 0, 50)], &[("a", 20)]),
            ("in itself", &[("a", 0, 9), ("a", 1, 8)], &[("a", 9)]),
            ("backwards", &[("a", 9, 0)], &[]),
        ];
        for (what, phases, times) in cases {
            let spans: Vec<_> = phases
                .iter()
                .map(|(name, start, end)| json!({ "kind": "phase", "name": name, "batch": "", "thread": 0, "start_ns": start, "end_ns": end }))
                .collect();
            let timeline =
                serde_json::from_value(json!({ "left_out": 0, "spans": spans, "threads": [] })).unwrap();
            assert_eq!(self_times(&timeline, 20), *times, "{what}");
        }
    }
}
