//! Whether an assertion on a reading holds. It must hold in every batch, and not only in the best moment of the run.

use crate::base::text::{did_you_mean, plural, quoted};
use crate::book::batch::{BatchKind, Batches};
use crate::book::findings::MANY;
use crate::call::key::Kind;
use crate::verdict::batch_reading::BatchReading;
use crate::verdict::causes;
use crate::verdict::fault::{Asked, Fault, was_alone};
use crate::verdict::hold::evidence::Evidence;
use crate::verdict::not_concurrent::NotConcurrent;
use crate::verdict::reading::Reading;
use std::collections::BTreeMap;
use std::panic::Location;

/// Whether an assertion holds.
pub(crate) fn check(reading: &Reading, asked: Asked) -> Result<(), NotConcurrent> {
    let facts = &reading.facts;
    let probe = &facts.probe;
    let opened = facts.opened();
    let certain = |message: String| Err(NotConcurrent { message, is_proven: true });
    let (assertion, n) = match asked {
        Asked::Threads(n) => ("assert_concurrent", n),
        Asked::InFlight(n) => ("assert_in_flight", n),
        Asked::AtMost(n) => ("assert_at_most", n),
    };
    if n == 0 {
        return certain(match asked {
            Asked::AtMost(_) => format!(
                "`assert_at_most(0)` on `{probe}` asserts that it is never called: assert that its `calls()` are 0 instead"
            ),
            _ => format!("`{assertion}(0)` on `{probe}` asks for nothing: ask for at least 1"),
        });
    }
    if let Some(label) = reading.unknown_batch() {
        return certain(no_such_batch(reading, label, &opened));
    }
    let calls = reading.calls();
    if calls == 0 {
        let of_batch = reading.batch_label().map_or_else(String::new, |label| format!("batch `{label}` of "));
        return certain(format!(
            "`{probe}` was never called in {of_batch}{opened}{}",
            causes::of_no_call(reading)
        ));
    }
    if !facts.held_but_not_entered.is_empty() {
        return certain(format!(
            "{} never entered in {opened}, and held: that hold proves nothing{}{}",
            causes::were(&facts.held_but_not_entered),
            causes::near_names(reading),
            causes::place_of_probe(reading),
        ));
    }
    let unattributed = reading.unattributed();
    if facts.is_strict && unattributed > 0 {
        let why = format!("not all calls of `{probe}` were made in {opened}, which is strict");
        return certain(format!(
            "{why}{}{}",
            causes::of_unattributed(reading),
            causes::place_of_probe(reading)
        ));
    }
    if asked == Asked::Threads(n) && facts.kind == Some(Kind::Async) {
        return certain(format!(
            "`{probe}` in {opened} is async: the number of its futures in flight ({} at most) does not tell how many \
             threads ran them\n  assert on the futures in flight with `assert_in_flight`, or add `polls` to its \
             `#[concurrency_probe(..)]`{}",
            reading.max_in_flight(),
            causes::place_of_probe(reading),
        ));
    }
    if let Asked::AtMost(most) = asked {
        let faults: Vec<Fault<'_>> =
            reading.batches().filter(|batch| batch.max_in_flight() > most).map(Fault::TooMany).collect();
        return causes::explain(reading, asked, n, &faults).map_or(Ok(()), Err);
    }
    if let Some(held_for) =
        facts.held_for.filter(|held_for| *held_for < n && asked.is_what_is_held(facts.kind))
    {
        let message = format!(
            "undecided: `{assertion}({n})` on `{probe}` asks for more than it is held for in {opened}: under a hold for {held_for} it is \
             chance whether {n} meet; open the scope with `.hold(\"{probe}\", {n})`"
        );
        return Err(NotConcurrent { message, is_proven: false });
    }
    let enough = |calls: u64| calls >= n as u64;
    if !enough(calls) {
        let calls = plural(calls, "call", "calls");
        let what = if n == 2 {
            "a single call cannot overlap with anything".into()
        } else {
            format!("{n} are asked for")
        };
        let why = format!("`{probe}` had {calls} in {opened}: {what}");
        return certain(format!("{why}{}{}", causes::of_few_calls(reading), causes::place_of_probe(reading)));
    }
    let faults = faults(reading, asked, n);
    if faults.is_empty() && !reading.batches().any(|batch| peak(asked, batch) >= n) {
        return Err(causes::of_nothing_to_judge(reading, asked, n));
    }
    causes::explain(reading, asked, n, &faults).map_or(Ok(()), Err)
}

/// The scope has no batch of this label. The message lists the batches that it has, and suggests the nearest name.
fn no_such_batch(reading: &Reading, label: &str, opened: &str) -> String {
    let known = reading.facts.labels.iter().filter(|label| !label.is_empty());
    let batches = quoted(known.clone());
    let batches =
        if batches.is_empty() { "it has no batches".into() } else { format!("its batches are {batches}") };
    let near = did_you_mean(label, known.map(String::as_str));
    let is_full = reading.facts.labels.iter().any(|label| label == Batches::OTHER_LABELS);
    let near = if is_full {
        format!(
            "; after the first {} labels of a place, its further labels are counted as `{}`",
            Batches::LABELS,
            Batches::OTHER_LABELS
        )
    } else {
        near
    };
    format!("there is no batch `{label}` of {opened}: {batches}{near}")
}

/// The peak that the assertion is about.
fn peak(asked: Asked, batch: &BatchReading) -> usize {
    match asked {
        Asked::Threads(_) => batch.counts.max_threads,
        Asked::InFlight(_) | Asked::AtMost(_) => batch.counts.max_in_flight,
    }
}

/// What is wrong with the batches, the worst first.
fn faults(reading: &Reading, asked: Asked, n: usize) -> Vec<Fault<'_>> {
    let peak = |batch: &BatchReading| peak(asked, batch);
    let mut faults = Vec::new();
    let mut small: BTreeMap<(&str, u32, u32), Small> = BTreeMap::new();
    for batch in reading.batches() {
        if batch.calls() < n as u64 {
            // Only passes can be one batch for each item, and only if they followed one another.
            if batch.batch.place.kind != BatchKind::Pass || reading.facts.passes_overlapped {
                continue;
            }
            let at = batch.batch.place.at;
            let small = small.entry((at.file(), at.line(), at.column()));
            let small = small.or_insert(Small { at, batches: 0, calls: 0, is_proven: true });
            small.batches += 1;
            small.calls += batch.calls();
            small.is_proven &= was_alone(batch);
            continue;
        }
        let is_held = asked.is_what_is_held(reading.facts.kind);
        let evidence = batch.evidence.as_ref().filter(|_| is_held);
        if peak(batch) < n {
            if evidence.is_none_or(|evidence| never_could(batch, evidence)) {
                faults.push(Fault::NeverMet(batch));
            }
            continue;
        }
        // Fewer than `MANY` in a row may be the end of larger passes.
        if let Some(passes) = batch
            .record
            .as_ref()
            .map(|record| record.longest_one_item_run)
            .filter(|run| *run >= MANY && n > 1)
        {
            faults.push(Fault::PassPerItem { batch, passes });
        }
        let Some(evidence) = evidence else { continue };
        let unmet: Vec<_> = evidence.unmet_passes.iter().filter(|pass| pass.most < n).collect();
        if let Some(worst) = unmet.iter().max_by_key(|pass| pass.calls) {
            let passes = unmet.len() as u64 + evidence.further_unmet_passes;
            let is_proven = unmet.iter().any(|pass| pass.is_proven);
            faults.push(Fault::UnmetPasses { batch, passes, calls: worst.calls, is_proven });
        }
        if let Some(stretch) = evidence.stretch.filter(|stretch| stretch.most < n) {
            faults.push(Fault::SerialStretch { batch, stretch });
        }
    }
    let many = small.into_values().filter(|small| small.batches > 1 && small.calls >= MANY.max(n as u64));
    faults.extend(many.map(|Small { at, batches, calls, is_proven }| Fault::ManyLabels {
        at,
        batches,
        calls,
        is_proven,
    }));
    faults.sort_by_key(|fault| std::cmp::Reverse((fault.is_proven(), fault.calls())));
    faults
}

/// Whether a batch in which the calls never met is at fault, by what the hold has found out. Passes with enough items, but too few calls
/// of the probe in each pass, are not at fault: their calls could not have met.
fn never_could(batch: &BatchReading, evidence: &Evidence) -> bool {
    match &batch.record {
        Some(record) if !record.is_of_offloads() => {
            record.longest_one_item_run >= MANY || !evidence.unmet_passes.is_empty()
        }
        _ => true,
    }
}

/// Batches of one place that have too few calls to be judged.
struct Small {
    at: &'static Location<'static>,
    batches: u64,
    calls: u64,
    is_proven: bool,
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::book::batch::{Batch, BatchKind, BatchPlace, UnderWay};
    use crate::call::board::Board;
    use crate::call::gauge::Counts;
    use crate::call::key::Kind;
    use crate::call::origin::Origin;
    use crate::verdict::batch_reading::BatchReading;
    use crate::verdict::facts::Facts;
    use crate::verdict::fault::Asked;
    use crate::verdict::hold::evidence::{Evidence, Undecided, UnmetPass};
    use crate::verdict::hold::rhythm::{Lone, Rhythm, Stretch};
    use crate::verdict::reading::Reading;
    use std::borrow::Cow;
    use std::panic::Location;
    use std::sync::Arc;
    use std::time::Duration;

    /// A batch: its label, its calls, its peak, and what the hold found out.
    type Read = (&'static str, u64, usize, Evidence);

    /// A program, its batches, and its red verdict: whether it is proven, and a text that it must contain. `None`: green.
    type Judged = (&'static str, Vec<Read>, Option<(bool, &'static str)>);

    /// A reading of a function that is held for two. All its batches are made at one place.
    fn reading(batches: Vec<Read>) -> Reading {
        let at = Location::caller();
        let facts = Facts {
            scope: "check",
            opened_at: at,
            is_strict: false,
            probe: "link".into(),
            kind: Some(Kind::Sync),
            place: None,
            unattributed: [0; Origin::COUNT],
            held_for: Some(2),
            held_but_not_entered: Vec::new(),
            findings: Vec::new(),
            entered: vec!["link"],
            passes_overlapped: false,
            of_other_scopes: Vec::new(),
            other_scopes: Vec::new(),
            labels: batches.iter().map(|(label, ..)| (*label).into()).collect(),
        };
        let batches = (1..).zip(batches).map(|(number, (label, calls, peak, evidence))| BatchReading {
            batch: Arc::new(Batch {
                number,
                place: BatchPlace { kind: BatchKind::Pass, label: Cow::Borrowed(label), at },
                board: Board::leaked(),
                passes: UnderWay::default(),
            }),
            counts: Counts { calls, max_in_flight: peak, max_threads: peak, ..Counts::default() },
            is_async: false,
            record: None,
            evidence: Some(evidence),
        });
        Reading::new(facts, batches.collect())
    }

    fn met() -> Evidence {
        Evidence { meetings: 1, ..Evidence::default() }
    }

    fn alone() -> Evidence {
        Evidence { was_alone: true, ..Evidence::default() }
    }

    fn stretch(is_proven: bool) -> Stretch {
        let mut rhythm = Rhythm::new(true, 0);
        for _ in 0..9 {
            let entry = rhythm.enter();
            rhythm.lone(Lone { entry, inside: 1, is_proven, may_be_a_leaf: false, piece: 0 });
        }
        rhythm.longest_serial().expect("nine in a row")
    }

    fn unmet(is_proven: bool) -> Evidence {
        let unmet_passes = vec![UnmetPass { calls: 33, most: 1, is_proven }];
        Evidence { unmet_passes, ..met() }
    }

    /// The verdict of each program.
    #[test]
    fn each_batch_is_judged_by_itself() {
        let clock = Undecided { free: Duration::from_secs(5), doing: "of 2 workers: 1 held inside".into() };
        let programs: [Judged; 15] = [
            ("one that met", vec![("a", 9, 2, met())], None),
            ("one that never met", vec![("a", 9, 1, alone())], Some((true, "in batch `a`"))),
            (
                "the last never met",
                vec![("a", 9, 2, met()), ("b", 9, 1, alone())],
                Some((true, "in batch `b`")),
            ),
            (
                "the first never met",
                vec![("a", 9, 1, alone()), ("b", 9, 2, met())],
                Some((true, "in batch `a`")),
            ),
            (
                "one whose last wait a clock ended",
                vec![("a", 9, 1, Evidence { undecided: Some(clock.clone()), ..alone() })],
                Some((false, "undecided: nobody came in 5.000 s")),
            ),
            (
                "a pass that is proven, beside one that a clock ended",
                vec![("a", 66, 2, Evidence { undecided: Some(clock), ..unmet(true) })],
                Some((true, "held inside, every")),
            ),
            (
                "one whose wait proves nothing",
                vec![("a", 9, 1, Evidence { was_let_go: true, ..alone() })],
                Some((false, "the hold has found out nothing")),
            ),
            ("one without evidence", vec![("a", 9, 1, Evidence::default())], Some((false, "in batch `a`"))),
            ("a pass that never met", vec![("a", 66, 2, unmet(true))], Some((true, "though others met"))),
            (
                "a pass that a clock ended",
                vec![("a", 66, 2, unmet(false))],
                Some((false, "though others met")),
            ),
            (
                "a serial stretch",
                vec![("a", 66, 2, Evidence { stretch: Some(stretch(true)), ..met() })],
                Some((true, "9 calls of `link` followed one another")),
            ),
            (
                "a serial stretch that a clock ended",
                vec![("a", 66, 2, Evidence { stretch: Some(stretch(false)), ..met() })],
                Some((false, "9 calls of `link` followed one another")),
            ),
            ("one call beside many", vec![("a", 1, 1, alone()), ("b", 9, 2, met())], None),
            (
                "a label for each call, beside many",
                vec![
                    ("1", 1, 1, alone()),
                    ("2", 1, 1, alone()),
                    ("3", 1, 1, alone()),
                    ("4", 1, 1, alone()),
                    ("b", 9, 2, met()),
                ],
                Some((true, "each with a label of its own")),
            ),
            (
                "no batch with enough",
                vec![("a", 1, 1, alone()), ("b", 1, 1, alone())],
                Some((true, "no batch")),
            ),
        ];
        for (name, batches, expected) in programs {
            let verdict = check(&reading(batches), Asked::Threads(2));
            match (verdict, expected) {
                (Ok(()), None) => {}
                (Err(why), Some((is_proven, says))) => {
                    assert!(why.message.contains(says), "{name}: {why}");
                    assert_eq!(why.is_proven, is_proven, "{name}: {why}");
                    assert!(!is_proven || !why.message.contains("undecided"), "{name}: {why}");
                }
                (verdict, _) => panic!("{name}: {verdict:?}"),
            }
        }
    }
}
