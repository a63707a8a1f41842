//! Timelines in the Chrome trace format, which <https://ui.perfetto.dev> opens.
//!
//! The format is described in <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>. Perfetto reads
//! it in its `src/trace_processor/importers/json`. Three rules of that reader decide what is written here:
//!
//! - Slices of one thread must nest. If two overlap in part, Perfetto drops the second.
//! - An async event belongs to the track of its category and id. On one track events nest as the slices of a thread do. With an
//!   `id2` that is `local` the track stands in its process, with an `id` beside all processes.
//! - A counter belongs to its process. Its track is named by the event's name, a space and the key in `args`.

mod events;
mod process;
mod row;

use crate::results::Results;
use events::Events;
use process::Process;

/// The timelines of all runs. Each report of a run is a process, and its times are since its scope opened.
pub(super) fn trace(results: &Results) -> String {
    let mut events = Events::default();
    let mut at = 0;
    for run in &results.runs {
        let lines = run.reports().count();
        for line in 0..lines.max(1) {
            Process::named(&mut events, at, run, (lines > 1).then_some(line)).show(run.reports().nth(line));
            at += 1;
        }
    }
    events.into_trace()
}
