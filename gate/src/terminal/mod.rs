//! Reports, histories and verdicts as text for a terminal.

mod curve;
mod history;
mod table;
mod time;
mod verdicts;

use crate::levels::{Levels, known_until};
use crate::look::{Look, looks};
use crate::sentence::counted;
use crate::text::{self, fold, shown};
use concurrency_probe::{PassKind, Report, Timeline};
use curve::Curve;
use std::fmt::Write;
use table::Table;
use time::time;

pub use history::history;
pub use verdicts::{failure, verdicts, warnings};

/// How many findings and remarks are shown.
const SENTENCES: usize = 12;
/// How many things to look at are shown. Each takes some lines.
const LOOKS: usize = 4;

/// A report, under a name.
///
/// ```
/// use concurrency_probe::Scope;
/// use concurrency_probe_gate::terminal::{Shown, story};
///
/// let mut install = Scope::builder("install").threads(4).timeline().open();
/// for slot in 0..8 {
///     install.pass("cold").for_each([slot], |_lane, _slot| ());
/// }
/// let story = story(&[Shown { name: "inline", report: &install.report() }], 80);
/// assert!(story.starts_with("inline: scope `install`"));
/// assert!(story.contains("degenerate_passes"));
/// assert!(story.contains("At most 1 thread at once, of a pool of 4"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Its name: that of a target, or of a run.
    pub name: &'a str,
    /// What it reported.
    pub report: &'a Report,
}

/// Tells these reports, one after another. Lines are at most `columns` wide; `columns` is limited to 20 to 200.
///
/// For each report it tells the wall time, what is wrong and where, how many threads ran at once over time, and the batches of its probes, its
/// passes, phases and counts. Long tables are cut, and say how many rows are left out. Names are shown with control characters escaped.
pub fn story(pictures: &[Shown<'_>], width: usize) -> String {
    let room = width.clamp(20, 200);
    let mut lines = Vec::new();
    // All curves have one scale: one thread must not look like four.
    let ceiling = pictures.iter().map(|picture| ceiling(picture.report)).max().unwrap_or(0).max(2);
    for picture in pictures {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        tell(picture, ceiling, room, &mut lines);
    }
    if pictures.is_empty() {
        lines.push("Nothing was reported.".into());
    }
    let mut story = String::new();
    for line in lines {
        // Characters that combine across cells may be wider together.
        let folded = if text::width(&line) > room { fold(&line, room, 0, 0) } else { vec![line] };
        for line in folded {
            story += &line;
            story.push('\n');
        }
    }
    story
}

/// The story of one report.
fn tell(Shown { name, report }: &Shown<'_>, ceiling: u32, room: usize, lines: &mut Vec<String>) {
    let title = format!("{}: scope `{}`, {}", shown(name), shown(&report.scope), time(report.wall_ns));
    let title = fold(&title, room, 0, 2);
    lines.push(
        title.iter().map(|line| text::width(line)).max().map_or_else(String::new, |wide| "═".repeat(wide)),
    );
    lines.splice(lines.len() - 1..lines.len() - 1, title);
    let mut part = |heading: &str, body: Vec<String>| {
        if !body.is_empty() {
            lines.extend(fold(heading, room, 0, 2));
            lines.extend(body);
        }
    };
    part("Findings", findings(report, room));
    part("To look at", to_look_at(report, room));
    part("At once, over time", at_once(report, ceiling, room));
    part("Probes, by batch", probes(report, room));
    part("Passes", passes(report, room));
    part("Phases", phases(report, room));
    part("Counts", counts(report, room));
}

/// A sentence for each finding, with its place.
fn findings(report: &Report, room: usize) -> Vec<String> {
    let sentences = report.findings.iter().map(|finding| {
        let place = place(&finding.file, finding.line);
        let message = shown(&finding.message);
        let at = if message.contains(&place) { String::new() } else { format!(" at {place}") };
        format!("✗ {}{at}: {message}", finding.kind)
    });
    if report.findings.is_empty() { fold("None.", room, 2, 2) } else { capped(sentences, SENTENCES, room) }
}

/// What is not a finding, and worth a look.
fn to_look_at(report: &Report, room: usize) -> Vec<String> {
    let looks = looks(report).into_iter().map(|Look { about, place, says }| {
        format!("→ {} at {}: {}", shown(&about), shown(&place), shown(&says))
    });
    capped(looks.collect::<Vec<_>>().into_iter(), LOOKS, room)
}

/// The curve of how many ran at once, or how to get one.
fn at_once(report: &Report, ceiling: u32, room: usize) -> Vec<String> {
    let say = |text: &str| fold(text, room, 2, 0);
    let Some(timeline) = &report.timeline else {
        return say(
            "No timeline, so there is no curve. For one, run the program with CONCURRENCY_PROBE_TIMELINE=1, or open the \
             scope with `Scope::builder(..).timeline()`.",
        );
    };
    let levels = Levels::of_threads(timeline);
    let futures = Levels::of_futures(timeline).most();
    let mut lines = Vec::new();
    if levels.most() > 0 || timeline.left_out > 0 {
        lines.extend(curve(report, timeline, &levels, ceiling, room));
    } else {
        lines.extend(say("No thread was in a lane or in a call of a probe."));
    }
    if futures > 0 {
        lines.extend(say(&format!("Futures of probes in flight at once: at most {futures}.")));
    }
    if timeline.left_out > 0 {
        lines.extend(say(&format!(
            "{} found no room in the timeline: later there was more than is shown.",
            counted(timeline.left_out, "span")
        )));
    }
    lines
}

/// The threads of the largest pool, or 0 if none is known.
fn pool(report: &Report) -> u32 {
    let pool = report.passes.iter().map(|pass| pass.threads).max().unwrap_or(0);
    u32::try_from(pool).unwrap_or(u32::MAX)
}

/// The number of threads that fills a block: the pool, or the most that were seen.
fn ceiling(report: &Report) -> u32 {
    pool(report).max(report.timeline.as_ref().map_or(0, |timeline| Levels::of_threads(timeline).most()))
}

fn curve(report: &Report, timeline: &Timeline, levels: &Levels, ceiling: u32, room: usize) -> Vec<String> {
    let (most, pool) = (levels.most(), pool(report));
    let end = timeline.spans.iter().map(|span| span.end_ns.max(span.start_ns)).max().unwrap_or(0);
    let total = report.wall_ns.max(end);
    let known = known_until(timeline).unwrap_or(total);
    let mut at_once = format!("At most {} at once", counted(most.into(), "thread"));
    if known < total {
        let _ = write!(at_once, " in the first {}", time(known));
    }
    let text = match pool {
        0 => format!("{at_once}. No pass ran, so no pool is known: the full block is {ceiling}."),
        _ if most > pool => {
            format!("{at_once}, with some outside of the pool of {pool}: the full block is {ceiling}.")
        }
        _ => format!("{at_once}, of a pool of {pool}: the full block is {ceiling}."),
    };
    let mut lines = fold(&text, room, 2, 0);
    let columns = room - "  most ││".chars().count();
    let curve = Curve::new(levels, total, known, columns);
    lines.push(format!("  most │{}│", curve.most(ceiling)));
    lines.push(format!("  mean │{}│", curve.mean(ceiling)));
    let [axis, labels] = curve.axis();
    lines.push(format!("        {axis}"));
    lines.push(format!("        {labels}"));
    let column = time(total / columns as u64);
    lines.extend(fold(
        &format!(
            "A column is {column}. `most` is the highest level within it, so that a short overlap is not hidden; `mean` is \
             weighted by time."
        ),
        room,
        2,
        0,
    ));
    if total > known {
        lines.extend(fold("`?`: not in the timeline.", room, 2, 0));
    }
    lines
}

/// The batches of each probe, and remarks about its calls.
fn probes(report: &Report, room: usize) -> Vec<String> {
    let mut table = Table::new(&["probe", "batch", "calls", "in flight", "at once"], 2);
    let mut remarks = Vec::new();
    let mut has_unknown = false;
    for probe in &report.probes {
        let name = shown(&probe.name);
        let mut add = |batch: String, calls: u64, in_flight: u64, at_once: Option<u64>, note: String| {
            has_unknown |= at_once.is_none();
            let at_once = at_once.map_or_else(|| "-".into(), |threads| threads.to_string());
            table.add(
                calls,
                vec![name.clone(), batch, calls.to_string(), in_flight.to_string(), at_once],
                note,
            );
        };
        let at = place(&probe.file, probe.line);
        if probe.batches.is_empty() {
            add("(all)".into(), probe.calls, probe.max_in_flight, probe.max_concurrent, at);
        } else {
            for batch in &probe.batches {
                let label = if batch.label.is_empty() { "(outside)".into() } else { shown(&batch.label) };
                add(label, batch.calls, batch.max_in_flight, batch.max_concurrent, at.clone());
            }
        }
        if probe.in_flight > 0 {
            remarks.push(format!("{} of {name} had not ended.", counted(probe.in_flight, "call")));
        }
    }
    let mut lines = table.lines(room, 2);
    if !lines.is_empty() {
        let text = "`in flight` and `at once` are the most: calls that had begun and not ended, and threads that were inside.";
        lines.extend(fold(text, room, 2, 0));
    }
    if has_unknown {
        lines.extend(fold("`-`: an async function without `polls`.", room, 2, 0));
    }
    lines.extend(capped(remarks.into_iter(), SENTENCES, room));
    lines
}

/// Passes and offloads: how parallel they were.
fn passes(report: &Report, room: usize) -> Vec<String> {
    let mut table = Table::new(&["pass", "runs", "items", "wall", "busy/wall", "at once", "pool"], 1);
    for pass in &report.passes {
        let mut name = shown(&pass.label);
        if pass.kind == PassKind::Offload {
            name += " (offloads)";
        }
        let pool = if pass.threads == 0 { "-".into() } else { pass.threads.to_string() };
        let mut note = place(&pass.file, pass.line);
        let failed = pass.items.saturating_sub(pass.completed);
        if failed > 0 {
            let _ = write!(note, ", {} not completed", counted(failed, "item"));
        }
        let cells = vec![
            name,
            pass.passes.to_string(),
            pass.items.to_string(),
            time(pass.wall_ns),
            format!("{:.2}", pass.effective_parallelism()),
            pass.max_concurrent.to_string(),
            pool,
        ];
        table.add(pass.wall_ns, cells, note);
    }
    table.lines(room, 2)
}

fn phases(report: &Report, room: usize) -> Vec<String> {
    let mut table = Table::new(&["phase", "times", "total", "of wall"], 1);
    for phase in &report.phases {
        #[expect(clippy::cast_precision_loss, reason = "it is rounded to a whole percent")]
        let percent = phase.total_ns as f64 * 100.0 / report.wall_ns.max(1) as f64;
        let cells = vec![
            shown(&phase.name),
            phase.times.to_string(),
            time(phase.total_ns),
            format!("{percent:.0} %"),
        ];
        table.add(phase.total_ns, cells, String::new());
    }
    let mut lines = table.lines(room, 2);
    if report.phases.len() > 1 {
        lines.extend(fold(
            "Phases may be inside of each other: they do not add up to the wall time.",
            room,
            2,
            0,
        ));
    }
    lines
}

fn counts(report: &Report, room: usize) -> Vec<String> {
    let mut table = Table::new(&["name", "count"], 1);
    for (name, count) in &report.counts {
        table.add(*count, vec![shown(name), count.to_string()], String::new());
    }
    table.lines(room, 2)
}

/// The first sentences, and how many more there are.
fn capped(sentences: impl ExactSizeIterator<Item = String>, most: usize, room: usize) -> Vec<String> {
    let more = sentences.len().saturating_sub(most);
    let mut lines: Vec<_> = sentences.take(most).flat_map(|sentence| fold(&sentence, room, 2, 2)).collect();
    if more > 0 {
        lines.extend(fold(&format!(".. and {more} more"), room, 2, 2));
    }
    lines
}

fn place(file: &str, line: u32) -> String {
    format!("{}:{line}", shown(file))
}
