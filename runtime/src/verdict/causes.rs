//! The message of a failed assertion: the causes, the likeliest first, and what to do about them.

use crate::base::text::{did_you_mean, plural, quoted};
use crate::book::batch::BatchKind;
use crate::book::pass_record::PassRecord;
use crate::book::report::FindingKind;
use crate::call::key::Kind;
use crate::call::origin::Origin;
use crate::verdict::batch_reading::BatchReading;
use crate::verdict::fault::{Asked, Fault, was_alone};
use crate::verdict::hold::evidence::Evidence;
use crate::verdict::not_concurrent::NotConcurrent;
use crate::verdict::reading::Reading;
use std::fmt::Write as _;

/// Batches that a message lists.
const BATCHES: usize = 8;

/// Why an assertion fails for these faults, or `None` if there are none.
pub(crate) fn explain(
    reading: &Reading,
    asked: Asked,
    n: usize,
    faults: &[Fault<'_>],
) -> Option<NotConcurrent> {
    let worst = faults.first()?;
    // A hold on a `polls` probe holds threads. If the assertion is about its futures, the hold has proved nothing about them.
    let is_proven = worst.is_proven()
        && (asked.is_what_is_held(reading.facts.kind) || matches!(worst, Fault::TooMany(_)));
    let mut message = headline(reading, asked, n, worst);
    let mut add = |line: &str| {
        message += "\n  ";
        message += line;
    };
    for line in batch_lines(reading, faults) {
        add(&line);
    }
    if !matches!(asked, Asked::AtMost(_)) {
        for line in causes(reading, n, worst, is_proven) {
            add(&line);
        }
    }
    message += &of_unattributed(reading);
    message += &place_of_probe(reading);
    Some(NotConcurrent { message, is_proven })
}

/// Says what did not happen.
fn never(reading: &Reading, asked: Asked, n: usize) -> String {
    let probe = &reading.facts.probe;
    match (asked, reading.facts.kind) {
        (Asked::Threads(_), _) => format!("`{probe}` never ran on {n} threads at once"),
        (_, Some(Kind::Async | Kind::Polls)) => format!("`{probe}` never had {n} futures in flight at once"),
        _ => format!("`{probe}` never had {n} calls in flight at once"),
    }
}

/// What is wrong, in one line.
fn headline(reading: &Reading, asked: Asked, n: usize, fault: &Fault<'_>) -> String {
    let probe = &reading.facts.probe;
    let opened = reading.facts.opened();
    let never = never(reading, asked, n);
    match fault {
        Fault::NeverMet(batch) => match batch.batch.place.kind {
            BatchKind::Outside if reading.batches().len() == 1 => format!("{never} in {opened}"),
            BatchKind::Outside => format!("{never} outside of any pass in {opened}"),
            _ => format!("{never} {} of {opened}", batch.name()),
        },
        Fault::UnmetPasses { batch, passes, calls, .. } => format!(
            "{never} in {}, the largest of {}, {} of {opened}, though others met",
            plural(*passes, "pass", "passes"),
            plural(*calls, "call", "calls"),
            batch.name(),
        ),
        Fault::PassPerItem { batch, passes } => format!(
            "{passes} passes of 1 item each followed one another {} of {opened}, though others met: a pass per item cannot overlap; \
             collect the items into one pass",
            batch.name(),
        ),
        Fault::SerialStretch { batch, stretch } => format!(
            "{} of `{probe}` followed one another alone {} of {opened}, though others met",
            plural(stretch.calls, "call", "calls"),
            batch.name(),
        ),
        Fault::ManyLabels { at, batches, calls, .. } => format!(
            "{never} in {} of {} in all, each with a label of its own, at {at} in {opened}: a pass per item cannot overlap; \
             collect the items into one pass",
            plural(*batches, "batch", "batches"),
            plural(*calls, "call", "calls"),
        ),
        Fault::TooMany(batch) => format!(
            "`{probe}` had {} in flight at once, and at most {n} are allowed, {} of {opened}",
            batch.max_in_flight(),
            batch.name(),
        ),
    }
}

/// A line for each batch: first those that are at fault, then the others.
fn batch_lines(reading: &Reading, faults: &[Fault<'_>]) -> Vec<String> {
    let at_fault: Vec<u32> = faults.iter().filter_map(Fault::batch).map(|batch| batch.batch.number).collect();
    let is_at_fault = |batch: &&BatchReading| at_fault.contains(&batch.batch.number);
    let first = reading.batches().filter(is_at_fault);
    let others = reading.batches().filter(|batch| !is_at_fault(batch));
    let mut lines: Vec<String> = first.chain(others).map(BatchReading::summary).collect();
    if lines.len() > BATCHES {
        let more = lines.split_off(BATCHES).len() as u64;
        lines.push(format!("and {}", plural(more, "more batch", "more batches")));
    }
    lines
}

/// A line for each cause that the scope has found.
fn causes(reading: &Reading, n: usize, worst: &Fault<'_>, is_proven: bool) -> Vec<String> {
    let facts = &reading.facts;
    let mut causes: Vec<String> = facts
        .findings
        .iter()
        .filter(|finding| match finding.kind {
            FindingKind::BlockedPoll => finding.probe.as_ref().is_none_or(|probe| *probe == facts.probe),
            FindingKind::NestedScope | FindingKind::SerialLane => true,
            // The lines of the batches say it.
            FindingKind::DegeneratePasses | FindingKind::SerialOffloads => false,
        })
        .map(|finding| finding.message.clone())
        .collect();
    let batch = worst.batch();
    let record = batch.and_then(|batch| batch.record.as_ref());
    let is_explained = !causes.is_empty()
        || matches!(worst, Fault::ManyLabels { .. })
        || record.is_some_and(|record| {
            is_pass_per_item(record) || record.is_of_offloads() && record.max_under_way == 1
        });
    let is_outside = batch.is_none_or(|batch| batch.batch.place.kind == BatchKind::Outside);
    if record.is_none() && is_outside && causes.is_empty() && facts.kind == Some(Kind::Sync) {
        causes.push(
            "no pass ran them: calls in a loop run one after another, and so do blocking calls in the futures of one `join_all`, \
             because a future that blocks keeps the others from being polled; collect the items and run them through one pass \
             (`Scope::pass`), or through `Pass::drive`"
                .into(),
        );
    }
    let threads = record.map(|record| record.threads).filter(|threads| *threads > 0);
    if facts.kind != Some(Kind::Async) && threads.is_some_and(|threads| threads < n) {
        causes.push(format!("the pool has fewer than {n} threads: open the scope with `.threads({n})`"));
    }
    match (facts.held_for, batch.and_then(|batch| batch.evidence.as_ref())) {
        (None, _) if is_explained => {}
        (None, _) => causes.push(format!(
            "nothing was held: a correct program can read this by chance; open the scope with `.hold(\"{}\", {n})` to be certain",
            facts.probe
        )),
        (Some(_), Some(evidence)) => {
            let held = Held::of(facts.kind, record.is_some(), is_explained);
            causes.push(of_evidence(evidence, is_proven, held));
        }
        (Some(_), None) if batch.is_some() && !is_proven => causes.push(
            "undecided: none of its calls was held, because they came after the end of their pass, through a handle that was taken in \
             a lane; let the lane wait for these calls, or make them in a batch of their own (`handle.batch(..)`)"
                .into(),
        ),
        (Some(_), None) => {}
    }
    causes
}

fn is_pass_per_item(record: &PassRecord) -> bool {
    record.passes > 1 && record.passes == record.of_one_item
}

/// What the hold kept waiting.
#[derive(Clone, Copy)]
enum Held {
    Futures,
    /// Threads, in passes. `is_explained`: another line says already why the calls of a pass did not meet.
    InPasses {
        is_explained: bool,
    },
    /// Threads, outside of passes.
    Elsewhere,
}

impl Held {
    fn of(kind: Option<Kind>, in_passes: bool, is_explained: bool) -> Self {
        match (kind, in_passes) {
            (Some(Kind::Async), _) => Held::Futures,
            (_, true) => Held::InPasses { is_explained },
            (_, false) => Held::Elsewhere,
        }
    }
}

/// How the waits in the batch ended. If the fault `is_proven`, the line is about the waits that prove it, also if another wait ended by the
/// limit.
fn of_evidence(evidence: &Evidence, is_proven: bool, held: Held) -> String {
    if let Some(undecided) = evidence.undecided.as_ref().filter(|_| !is_proven) {
        return format!(
            "undecided: nobody came in {:.3} s of free time, but another call was still possible ({}); a longer \
             `.hold_limit(..)` waits longer",
            undecided.free.as_secs_f64(),
            undecided.doing,
        );
    }
    if !is_proven && (!evidence.was_alone || evidence.was_let_go) {
        return "undecided: the hold has found out nothing, because its waits ended early: to make room for another batch or another \
                held probe, in an item that a worker began on top of an item that waits, because a stream that is driven in place \
                had no more ready items, or because a call came by a way that the hold did not know of"
            .into();
    }
    match held {
        Held::Futures => {
            "while futures were held pending, nothing but the hold could wake them, and no call came by another way: the next one \
             begins when one of them has ended"
        }
        Held::InPasses { is_explained: true } => {
            "while threads were held inside, every other worker was idle, if there was one, and every queue empty: the pass had \
             nothing to run beside them"
        }
        Held::InPasses { is_explained: false } => {
            "while threads were held inside, every other worker was idle, if there was one, and every queue empty: the pass had \
             nothing to run beside them: it has one item, or a loop in one lane makes the calls, or a large `with_min_len` keeps \
             its items together, or after a `filter` or an `if` few items call, or `drive_in_place` runs one item at a time \
             (`.queue(1)`)"
        }
        Held::Elsewhere => {
            "while a thread was held inside, everything that was under way in the scope was on the stack of this thread, every worker \
             was idle and every queue empty: nothing could run beside it"
        }
    }
    .into()
}

/// Why there is no call to judge.
pub(crate) fn of_no_call(reading: &Reading) -> String {
    let facts = &reading.facts;
    let mut why = of_unattributed(reading);
    let mut add = |line: String| {
        why += "\n  ";
        why += &line;
    };
    if cfg!(feature = "off") {
        add("concurrency-probe is built with its feature `off`, which turns every probe into nothing: build tests without it".into());
    } else if facts.kind.is_none() && !facts.of_other_scopes.is_empty() {
        let scopes = quoted(&facts.of_other_scopes);
        let near = did_you_mean(facts.scope, facts.of_other_scopes.iter().copied());
        add(format!(
            "a probe `{}` counts for scope {scopes}, and this scope is `{}`{near}",
            facts.probe, facts.scope
        ));
    } else if facts.entered.is_empty() && reading.unattributed() == 0 {
        add("no probe of this scope was entered at all".into());
    } else if facts.kind.is_none() && !facts.entered.is_empty() {
        let near = did_you_mean(&facts.probe, facts.entered.iter().copied());
        add(format!(
            "no probe of this name was ever entered; those that were: {}{near}",
            quoted(&facts.entered)
        ));
    }
    for finding in &facts.findings {
        add(finding.message.clone());
    }
    if !facts.held_but_not_entered.is_empty() {
        add(format!("{} held and never entered{}", were(&facts.held_but_not_entered), near_names(reading)));
    }
    why += &of_other_scopes(reading);
    why += &place_of_probe(reading);
    why
}

/// `` `a` was``, `` `a`, `b` were``.
pub(crate) fn were(names: &[String]) -> String {
    format!("{} {}", quoted(names), if names.len() == 1 { "was" } else { "were" })
}

/// Suggestions: the entered probes whose names are nearest to those that were held and never entered.
pub(crate) fn near_names(reading: &Reading) -> String {
    let facts = &reading.facts;
    let entered = facts.entered.iter().copied();
    let near = facts.held_but_not_entered.iter().map(|held| did_you_mean(held, entered.clone()));
    let near: String = near.collect();
    if near.is_empty() && !facts.entered.is_empty() {
        return format!("; those that were entered: {}", quoted(&facts.entered));
    }
    near
}

/// Where the probe is.
pub(crate) fn place_of_probe(reading: &Reading) -> String {
    let place = reading.facts.place;
    place.map_or_else(String::new, |(file, line)| {
        format!("\n  `{}` is the probe at {file}:{line}", reading.facts.probe)
    })
}

/// The unattributed calls, and what to do on the threads that made them.
pub(crate) fn of_unattributed(reading: &Reading) -> String {
    let facts = &reading.facts;
    let mut lines = String::new();
    for (origin, count) in [Origin::Rayon, Origin::Tokio, Origin::Thread].into_iter().zip(facts.unattributed)
    {
        if count == 0 {
            continue;
        }
        let (whence, what_to_do) = match origin {
            Origin::Rayon => (
                "workers of a rayon pool",
                "make them in a pass (in a `flat_map` of its items: use `flat_map_iter`), start them under `Scope::run` in a \
                 scope with `.threads(n)` of its own, or make the scope current there with `handle.in_scope(..)`",
            ),
            Origin::Tokio => (
                "tasks or threads of tokio",
                "give what is spawned the scope along: `handle.attach(future)`, `handle.run(closure)`",
            ),
            Origin::Thread => (
                "other threads",
                "run them under `handle.run(..)`, or the future that makes them under `handle.attach(..)`; calls of another test \
                 do not matter here",
            ),
        };
        let _ = write!(
            lines,
            "\n  {} of `{}` came from {whence} where no scope `{}` is current: {what_to_do}; or open the scope `process_wide`",
            plural(count, "call", "calls"),
            facts.probe,
            facts.scope,
        );
    }
    lines
}

/// Other scopes of the same name, which may have counted the calls.
fn of_other_scopes(reading: &Reading) -> String {
    let facts = &reading.facts;
    let mut lines = String::new();
    for (at, scopes) in &facts.other_scopes {
        let _ = write!(
            lines,
            "\n  {} `{}` opened at {at} while this one was open; calls in them do not count here: open one scope for each \
             unit of work, and give its parts a `ScopeHandle`",
            plural(*scopes, "other scope", "other scopes"),
            facts.scope,
        );
    }
    lines
}

/// Why there is nothing to judge although there are enough calls. Either no batch has `n` of them, or the batches that have are passes, and no
/// pass had `n` while it ran.
pub(crate) fn of_nothing_to_judge(reading: &Reading, asked: Asked, n: usize) -> NotConcurrent {
    let facts = &reading.facts;
    let probe = &facts.probe;
    let large: Vec<&BatchReading> = reading.batches().filter(|batch| batch.calls() >= n as u64).collect();
    // A call after the end of its pass may have been meant to come earlier. Then a wait that ended by the limit proves nothing.
    let is_proven = large.iter().all(|batch| was_alone(batch));
    let mut message = if large.is_empty() {
        format!(
            "no batch of {} has {n} calls of `{probe}`: {} in {}, and each batch is judged by itself",
            facts.opened(),
            plural(reading.calls(), "call", "calls"),
            plural(reading.batches().count() as u64, "batch", "batches"),
        )
    } else {
        format!("{} in {}: no pass had {n} calls to judge", never(reading, asked, n), facts.opened())
    };
    message += &of_batches(reading);
    let mut add = |line: &str| {
        message += "\n  ";
        message += line;
    };
    if large.is_empty() {
        add("make the calls that should overlap in one pass, or in one batch of a handle");
    } else {
        for evidence in large.iter().filter(|_| !is_proven).filter_map(|batch| batch.evidence.as_ref()) {
            add(&of_evidence(evidence, is_proven, Held::of(facts.kind, true, false)));
        }
        add(&format!(
            "each pass is judged by itself, by the calls that are made before it ends; a pass that an error, a panic or a drop stops \
             is not judged: give one pass {n} items that call `{probe}`"
        ));
        add(
            "calls through a handle that was taken in a lane may come after the end of the pass: let the lane wait for them, or make \
             them in a batch of their own (`handle.batch(..)`)",
        );
    }
    message += &place_of_probe(reading);
    NotConcurrent { message, is_proven }
}

/// Why there are too few calls.
pub(crate) fn of_few_calls(reading: &Reading) -> String {
    let mut why = of_batches(reading);
    why += &of_unattributed(reading);
    why += &of_other_scopes(reading);
    why
}

/// A line for each batch.
pub(crate) fn of_batches(reading: &Reading) -> String {
    batch_lines(reading, &[]).iter().fold(String::new(), |lines, line| lines + "\n  " + line)
}
