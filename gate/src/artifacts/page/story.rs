//! The story: what is wrong, and where, before anything else.

use super::html::escape;
use super::subject::Subject;
use crate::failure::Failure;
use crate::judgement::{Judgement, Verdict};
use crate::look::{Look, looks};
use crate::results::{Results, Run};
use crate::sentence::counted;
use concurrency_probe::{Finding, FindingKind};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The most sentences of one sort.
const MAX_SENTENCES: usize = 20;

/// The most batches of calls that are said in one line.
const MAX_CALLS: usize = 4;

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
    if results.failure.is_some() {
        return "probe-gate: a run failed".into();
    }
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
    let mut all: Vec<Sentence> = results.failure.iter().map(failed).collect();
    all.extend(rules(judgements));
    all.extend(findings(results));
    // Where there are rules, they decide what is wrong.
    if judgements.is_empty() {
        all.extend(to_look_at(subjects));
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

/// The run that ended all runs.
fn failed(failure: &Failure) -> Sentence {
    let Failure { what, output, log, live, .. } = failure;
    let mut says = live.clone();
    if !output.is_empty() {
        says.push(format!("The end of what it printed: {output}"));
    }
    if let Some(log) = log {
        says.push(format!("All of it is in {}.", log.display()));
    }
    says.push("The rules judge only the runs before it.".into());
    Sentence { tone: Tone::Wrong, about: format!("a run failed: {what}"), place: None, says: says.join("\n") }
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
        let reports = results.of_target(target).flat_map(Run::reports);
        for Finding { kind, file, line, message, .. } in reports.flat_map(|report| &report.findings) {
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

/// What is wrong with what one picture shows, in one line, with the class of its colour. Where a report has no finding: what to look at first.
pub(super) fn headline(subject: Subject<'_>) -> (&'static str, String) {
    let Subject { target, report } = subject;
    let findings = report.map_or(&[][..], |report| &report.findings);
    let looks = report.map(looks).unwrap_or_default();
    let more = |number: usize| if number > 1 { format!(", and {} more", number - 1) } else { String::new() };
    match (findings.first(), looks.first()) {
        (Some(Finding { kind, file, line, .. }), _) => {
            let says = format!("✗ {target}: {} at {file}:{line}{}", words(*kind), more(findings.len()));
            (Tone::Wrong.class(), says)
        }
        (None, Some(look)) => {
            (Tone::Look.class(), format!("→ {target}: {}{}", look.about, more(looks.len())))
        }
        (None, None) => ("text", target.to_owned()),
    }
}

/// What the probes of a subject counted, in one line: how many calls each batch had, and how many threads ran them at once.
pub(super) fn calls(subject: Subject<'_>) -> Option<String> {
    let probes = subject.report.iter().flat_map(|report| &report.probes);
    let mut said: Vec<String> = probes
        .flat_map(|probe| probe.batches.iter().map(move |batch| (&probe.name, batch)))
        .map(|(name, batch)| {
            let label = if batch.label.is_empty() { String::new() } else { format!(" in `{}`", batch.label) };
            let peak = match batch.max_concurrent {
                Some(peak) => format!("max_concurrent {peak}"),
                None => format!("max_in_flight {}", batch.max_in_flight),
            };
            format!("`{name}`{label}: {}, {peak}", counted(batch.calls, "call"))
        })
        .collect();
    if let more @ 1.. = said.len().saturating_sub(MAX_CALLS) {
        said.truncate(MAX_CALLS);
        said.push(format!("and {more} more batches"));
    }
    (!said.is_empty()).then(|| said.join("; "))
}

/// Where no rule says what is expected: what to look at in the run that stands for each target.
fn to_look_at(subjects: &[Subject<'_>]) -> Vec<Sentence> {
    let of = |Subject { target, report }: &Subject<'_>| {
        let sentence = |look: Look| Sentence {
            tone: Tone::Look,
            about: format!("{target}: {}", look.about),
            place: Some(look.place),
            says: look.says,
        };
        report.map(looks).into_iter().flatten().map(sentence).collect::<Vec<_>>()
    };
    subjects.iter().flat_map(of).take(MAX_SENTENCES).collect()
}
