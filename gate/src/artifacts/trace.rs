//! Timelines in the Chrome trace format, which <https://ui.perfetto.dev> opens.

use crate::results::Results;
use concurrency_probe::SpanKind;
use serde_json::{Value, json};

/// What the timelines of all runs show: a process is a run, and its times are since its scope opened.
///
/// A lane is a slice of its thread, as lanes of one thread follow one another or are nested. Phases may overlap in any way, which
/// slices of one thread cannot. So each phase is a pair of events with an id of its own, and has a track of its own.
pub(super) fn trace(results: &Results) -> String {
    let mut events: Vec<Value> = Vec::new();
    let mut phases = 0_u64;
    for (process, run) in results.runs.iter().enumerate() {
        let Some(report) = &run.report else { continue };
        let name = format!("{}, round {}", run.target, run.round);
        events.push(json!({ "ph": "M", "name": "process_name", "pid": process, "args": { "name": name } }));
        let Some(timeline) = &report.timeline else { continue };
        for thread in &timeline.threads {
            let args = json!({ "name": thread.name });
            events.push(
                json!({ "ph": "M", "name": "thread_name", "pid": process, "tid": thread.id, "args": args }),
            );
        }
        for span in &timeline.spans {
            let event = |ph: &str, ns: u64, key: &str, value: Value| {
                json!({
                    "ph": ph, "name": span.name, "cat": span.kind, "pid": process, "tid": span.thread,
                    "ts": micros(ns), key: value,
                })
            };
            let (start, end) = (span.start_ns, span.end_ns.max(span.start_ns));
            if span.kind == SpanKind::Phase {
                phases += 1;
                let id = || format!("{phases:#x}").into();
                events.extend([event("b", start, "id", id()), event("e", end, "id", id())]);
            } else {
                events.push(event("X", start, "dur", micros(end - start).into()));
            }
        }
    }
    json!({ "traceEvents": events, "displayTimeUnit": "ms" }).to_string()
}

/// Microseconds. Perfetto multiplies them by 1000 and cuts off what is behind the point, so that they must not be a little less:
/// of two lanes, one after another, the second would begin before the first had ended.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "2^53 ns are 104 days"
)]
fn micros(ns: u64) -> f64 {
    let micros = ns as f64 / 1000.0;
    if ((micros * 1000.0) as u64) < ns { micros.next_up() } else { micros }
}
