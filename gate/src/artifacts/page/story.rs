//! The story: what is wrong, and where, before anything else.

use super::html::escape;
use super::subject::Subject;
use crate::judgement::{Judgement, Verdict};
use crate::results::Results;
use concurrency_probe::{BatchReport, Finding, FindingKind, PassKind, PassReport};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The most sentences of one sort.
const MAX_SENTENCES: usize = 20;

/// How a sentence is meant, by its word and its colour.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tone {
    Wrong,
    Unsure,
    Look,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Tone::Wrong => "wrong",
            Tone::Unsure => "unsure",
            Tone::Look => "look",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Tone::Wrong => "✗ Wrong",
            Tone::Unsure => "? Not decided",
            Tone::Look => "→ Look at",
        }
    }
}

/// A sentence of the story.
struct Sentence {
    tone: Tone,
    /// What it is about.
    about: String,
    /// Where in the source.
    place: Option<String>,
    /// What happened, and what to do.
    says: String,
}

/// The heading of the page.
pub(super) fn title(results: &Results, judgements: &[Judgement]) -> String {
    let of = |fails: bool| {
        let is = |judgement: &&Judgement| match judgement.verdict {
            Verdict::Fails => fails,
            Verdict::Holds => false,
            _ => !fails,
        };
        judgements.iter().filter(is).count()
    };
    let rules = |number: usize| if number == 1 { "1 rule".into() } else { format!("{number} rules") };
    match (judgements.len(), of(true), of(false)) {
        (0, ..) => match results.targets()[..] {
            [target] => format!("probe-gate: {target}"),
            ref targets => format!("probe-gate: {} reports", targets.len()),
        },
        (all, 0, 0) => format!(
            "probe-gate: {} hold",
            if all == 1 { "1 rule".into() } else { format!("all {all} rules") }
        ),
        (all, 0, unsure) => format!("probe-gate: {unsure} of {} not decided", rules(all)),
        (all, fails, _) => format!("probe-gate: {fails} of {} fail", rules(all)),
    }
}

/// What is wrong, or that nothing is known to be.
pub(super) fn story(results: &Results, subjects: &[Subject<'_>], judgements: &[Judgement]) -> String {
    let mut all = rules(judgements);
    all.extend(findings(results));
    // Whoever wrote rules has decided what is wrong.
    if judgements.is_empty() {
        all.extend(serial_passes(subjects));
        all.extend(serial_calls(subjects));
    }
    if all.is_empty() {
        let says = match judgements.len() {
            _ if results.runs.iter().all(|run| run.report.is_none()) && judgements.is_empty() => {
                return "<p class=\"sentence unsure\" role=\"status\">Nothing was reported.</p>\n".into();
            }
            0 => "No report has a finding, and no batch of several calls ran one at a time from beginning to end.".into(),
            1 => "The rule holds, and no run has a finding.".into(),
            rules => format!("All {rules} rules hold, and no run has a finding."),
        };
        return format!("<p class=\"sentence right\" role=\"status\"><strong>✓</strong> {says}</p>\n");
    }
    let mut html = String::from("<ul class=\"story\" role=\"list\">\n");
    for Sentence { tone, about, place, says } in all {
        let place = place.map_or_else(String::new, |place| format!(" <code>{}</code>", escape(&place)));
        let _ = writeln!(
            html,
            "<li class=\"sentence {}\"><strong>{}: {}</strong>{place}<br>{}</li>",
            tone.class(),
            tone.word(),
            escape(&about),
            escape(&says)
        );
    }
    html + "</ul>\n"
}

/// A sentence for each rule that does not hold, those that fail first.
fn rules(judgements: &[Judgement]) -> Vec<Sentence> {
    let mut sentences: Vec<Sentence> = judgements
        .iter()
        .filter(|judgement| judgement.verdict != Verdict::Holds)
        .map(|Judgement { rule, why, verdict, found, .. }| {
            let tone = if *verdict == Verdict::Fails { Tone::Wrong } else { Tone::Unsure };
            let says = format!("{found}. The rule is there because: {why}");
            Sentence { tone, about: format!("{rule} ({verdict})"), place: None, says }
        })
        .collect();
    sentences.sort_by_key(|sentence| sentence.tone != Tone::Wrong);
    sentences
}

/// A sentence for each finding, once for a target however many of its runs have it.
fn findings(results: &Results) -> Vec<Sentence> {
    let mut seen = BTreeSet::new();
    let mut sentences = Vec::new();
    let mut more = 0;
    for target in results.targets() {
        let runs = results.of_target(target).filter_map(|run| run.report.as_ref());
        for Finding { kind, file, line, message, .. } in runs.flat_map(|report| &report.findings) {
            if !seen.insert((target, *kind, file, *line)) {
                continue;
            }
            if sentences.len() == MAX_SENTENCES {
                more += 1;
                continue;
            }
            let about = format!("{target}: {} ({kind})", words(*kind));
            sentences.push(Sentence {
                tone: Tone::Wrong,
                about,
                place: Some(format!("{file}:{line}")),
                says: message.clone(),
            });
        }
    }
    if more > 0 {
        let says = "They are in the reports.".into();
        sentences.push(Sentence {
            tone: Tone::Wrong,
            about: format!("{more} more findings"),
            place: None,
            says,
        });
    }
    sentences
}

fn words(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::DegeneratePasses => "a pass for each item",
        FindingKind::NestedScope => "a scope inside a scope of its name",
        FindingKind::BlockedPoll => "a poll was blocked",
        FindingKind::SerialOffloads => "offloads one after another",
        FindingKind::SerialLane => "many stages in one lane",
        _ => "a finding",
    }
}

/// Fewer items at once than this, on average, are one at a time: a short overlap is no parallelism.
const SERIAL: f64 = 1.1;

/// Whether a pass with several items ran one at a time, on a pool that has more threads.
fn is_serial_pass(pass: &PassReport) -> bool {
    let is_serial = pass.max_concurrent <= 1 || pass.effective_parallelism() < SERIAL;
    pass.kind == PassKind::Pass && pass.items > 1 && pass.threads > 1 && is_serial
}

/// Calls from which on a batch that never had two at once is looked at.
const MANY_CALLS: u64 = 4;

/// Where no rule says what is expected, and no pass either: calls of a probe that followed one another.
fn serial_calls(subjects: &[Subject<'_>]) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    for Subject { target, report } in subjects {
        let Some(report) = report else { continue };
        for probe in &report.probes {
            // What is said of a pass is not said once more of its calls.
            let of_a_pass =
                |label: &str| report.passes.iter().any(|pass| pass.label == label && is_serial_pass(pass));
            let is_serial = |batch: &&BatchReport| {
                // In flight, as the threads of a probe with `polls` are those that poll.
                batch.calls >= MANY_CALLS && batch.max_in_flight <= 1 && !of_a_pass(&batch.label)
            };
            for batch in probe.batches.iter().filter(is_serial) {
                if sentences.len() == MAX_SENTENCES {
                    return sentences;
                }
                let of_batch =
                    if batch.label.is_empty() { String::new() } else { format!(" in `{}`", batch.label) };
                sentences.push(Sentence {
                    tone: Tone::Look,
                    about: format!("{target}: `{}`{of_batch} was never called twice at once", probe.name),
                    place: Some(format!("{}:{}", probe.file, probe.line)),
                    says: format!(
                        "{} calls, one after another. If they may overlap, look at what calls them: a loop, or a blocking call in \
                         each future of one task.",
                        batch.calls
                    ),
                });
            }
        }
    }
    sentences
}

/// Where no rule says what is expected: passes that had more to do than one item, and never did two at once.
fn serial_passes(subjects: &[Subject<'_>]) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    for Subject { target, report } in subjects {
        let Some(report) = report else { continue };
        for pass in &report.passes {
            let is_found =
                report.findings.iter().any(|finding| finding.file == pass.file && finding.line == pass.line);
            if is_found || !is_serial_pass(pass) || sentences.len() == MAX_SENTENCES {
                continue;
            }
            let ran = if pass.max_concurrent <= 1 {
                "never ran two items at once".into()
            } else {
                format!("ran {:.2} items at once on average", pass.effective_parallelism())
            };
            sentences.push(Sentence {
                tone: Tone::Look,
                about: format!("{target}: pass `{}` {ran}", pass.label),
                place: Some(format!("{}:{}", pass.file, pass.line)),
                says: format!(
                    "{} items in {} passes, at most {} at once, and the pool has {} threads. If they may overlap, collect them into one pass, and \
                     see that they wait for no common lock.",
                    pass.items, pass.passes, pass.max_concurrent, pass.threads
                ),
            });
        }
    }
    sentences
}
