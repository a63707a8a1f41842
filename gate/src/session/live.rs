//! What a program that hangs was doing: the file that it rewrites while it runs.

use concurrency_probe::{Live, LiveProbe, LiveScope};
use std::path::Path;
use std::time::Duration;

/// The most bytes of a live file. It has at most 64 scopes of 256 probes.
const MOST_BYTES: u64 = 16 << 20;
/// The most probes that are named.
const MOST_PROBES: usize = 20;

/// A sentence for each probe with calls in progress. The probe in which nothing happened for the longest time comes first. There is none if the
/// program does not write the file.
pub(super) fn sentences(path: &Path) -> Vec<String> {
    let is_small = std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= MOST_BYTES);
    let Some(live) = is_small.then(|| std::fs::read(path).ok()).flatten() else { return Vec::new() };
    match serde_json::from_slice::<Live>(&live) {
        Ok(live) if live.schema == Live::SCHEMA => told(&live),
        _ => vec![format!("{} cannot be read: expected `{}`", path.display(), Live::SCHEMA)],
    }
}

fn told(live: &Live) -> Vec<String> {
    if live.scopes.is_empty() {
        return vec!["no scope of the program was open".into()];
    }
    let all = live.scopes.iter().flat_map(|scope| scope.probes.iter().map(move |probe| (scope, probe)));
    let mut inside: Vec<(&LiveScope, &LiveProbe)> = all.filter(|(_, probe)| probe.inside > 0).collect();
    inside.sort_by_key(|(_, probe)| std::cmp::Reverse(probe.unchanged_ns));
    if inside.is_empty() {
        let scopes: Vec<String> = live.scopes.iter().map(|scope| format!("`{}`", scope.scope)).collect();
        return vec![format!("no call of a probe was under way in the open scopes: {}", scopes.join(", "))];
    }
    let more = inside.len().saturating_sub(MOST_PROBES);
    let mut sentences: Vec<String> =
        inside.iter().take(MOST_PROBES).map(|(scope, probe)| one(scope, probe)).collect();
    if more > 0 {
        sentences.push(format!("calls of {more} more probes were under way"));
    }
    sentences
}

fn one(scope: &LiveScope, probe: &LiveProbe) -> String {
    let calls =
        if probe.inside == 1 { "1 call was".to_owned() } else { format!("{} calls were", probe.inside) };
    let seconds = |ns: u64| Duration::from_nanos(ns).as_secs();
    format!(
        "{calls} inside of `{}` ({}:{}) in scope `{}`, and for {} s none had begun or ended; {} had ended before",
        probe.name,
        probe.file,
        probe.line,
        scope.scope,
        seconds(probe.unchanged_ns),
        probe.calls.saturating_sub(probe.inside)
    )
}
