//! The live file: what open scopes are doing, written about once a second by a thread of its own.

use crate::base::clock::ns;
use crate::base::lock::lock;
use crate::base::task::stand_aside;
use crate::base::warn::warn;
use crate::book::live::{Live, LiveScope};
use crate::open::open_scopes;
use crate::work::state::ScopeState;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

const VARIABLE: &str = "CONCURRENCY_PROBE_LIVE";

/// How often it is written.
const PERIOD: Duration = Duration::from_secs(1);

/// Limits of what the file lists. A job runner may have thousands of scopes.
const MOST_SCOPES: usize = 64;
const MOST_PROBES: usize = 256;

/// What was seen of the open scopes, in a process whose environment names a file.
struct Watch {
    path: PathBuf,
    state: Mutex<State>,
    /// Notified when a scope is opened.
    opened: Condvar,
}

#[derive(Default)]
struct State {
    /// Of each scope that was open when it was last looked.
    watched: Vec<Watched>,
    has_thread: bool,
}

struct Watched {
    scope: Weak<ScopeState>,
    /// For each probe, by file, line and name: its calls, how many are inside, and since when both have not changed.
    seen: HashMap<(String, u32, String), (u64, u64, Instant)>,
}

/// The watch of this process. The environment is read once, so that a process without the variable pays nothing.
fn watch() -> Option<&'static Watch> {
    static WATCH: OnceLock<Option<Watch>> = OnceLock::new();
    let watch = WATCH.get_or_init(|| {
        let path = std::env::var_os(VARIABLE).filter(|path| !path.is_empty())?;
        Some(Watch { path: path.into(), state: Mutex::default(), opened: Condvar::new() })
    });
    watch.as_ref()
}

/// A scope was opened.
pub(crate) fn opened() {
    let Some(watch) = watch() else { return };
    let mut state = lock(&watch.state);
    if !state.has_thread {
        let thread = std::thread::Builder::new().name("concurrency-probe-live".into());
        match thread.spawn(move || watch.run()) {
            Ok(_) => state.has_thread = true,
            Err(error) => warn(format_args!("the thread that writes {VARIABLE} cannot be started: {error}")),
        }
    }
    watch.opened.notify_one();
}

/// A scope was closed. If it was the last one, the file is written once more, without scopes.
pub(crate) fn closed() {
    let Some(watch) = watch() else { return };
    let mut state = lock(&watch.state);
    if open_scopes::all().is_empty() {
        watch.write(&mut state);
    }
}

impl Watch {
    fn run(&self) {
        // This thread sleeps for a timer. A hold would take it for a thread that may wake a held call.
        stand_aside();
        let mut state = lock(&self.state);
        loop {
            while open_scopes::all().is_empty() {
                state = self.opened.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            self.write(&mut state);
            drop(state);
            std::thread::sleep(PERIOD);
            state = lock(&self.state);
        }
    }

    /// Never fails the program: the first error is printed as a warning.
    fn write(&self, state: &mut State) {
        static WARNED: OnceLock<()> = OnceLock::new();
        if let Err(error) = write(&self.path, &live(state)) {
            WARNED.get_or_init(|| {
                warn(format_args!(
                    "{VARIABLE} could not be written to {}: {error}; name a file that can be written",
                    self.path.display()
                ));
            });
        }
    }
}

fn live(state: &mut State) -> Live {
    let now = Instant::now();
    let open = open_scopes::all();
    let more_scopes = open.len().saturating_sub(MOST_SCOPES) as u64;
    let mut before = std::mem::take(&mut state.watched);
    let watched = open.into_iter().take(MOST_SCOPES).map(|scope| {
        let known = before.iter().position(|watched| watched.scope.ptr_eq(&scope));
        known.map_or_else(|| Watched { scope, seen: HashMap::new() }, |i| before.swap_remove(i))
    });
    state.watched = watched.collect();
    let scopes = state.watched.iter_mut();
    let scopes = scopes.filter_map(|watched| told(watched, now)).collect();
    Live { schema: Live::SCHEMA.into(), pid: std::process::id(), scopes, more_scopes }
}

/// What a scope is doing. A call reads no clock, so the time since a probe has changed is measured from one write to the next.
fn told(watched: &mut Watched, now: Instant) -> Option<LiveScope> {
    let scope = watched.scope.upgrade()?;
    let mut probes = scope.live_probes();
    probes.truncate(MOST_PROBES);
    for probe in &mut probes {
        let key = (probe.file.clone(), probe.line, probe.name.clone());
        let seen = watched.seen.entry(key).or_insert((probe.calls, probe.inside, now));
        if (seen.0, seen.1) != (probe.calls, probe.inside) {
            *seen = (probe.calls, probe.inside, now);
        }
        probe.unchanged_ns = ns(now.saturating_duration_since(seen.2));
    }
    Some(LiveScope { scope: scope.name().text().into(), open_ns: ns(scope.opened().elapsed()), probes })
}

/// Replaces the file in one step, so that a reader never sees a part of it.
fn write(path: &Path, live: &Live) -> io::Result<()> {
    // `rename` would replace a device or a directory by a file.
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return Err(io::Error::other("it exists and is not a regular file"));
    }
    let mut staged = path.as_os_str().to_owned();
    staged.push(format!(".{}", live.pid));
    let staged = PathBuf::from(staged);
    std::fs::write(&staged, serde_json::to_vec(live)?)?;
    std::fs::rename(&staged, path).inspect_err(|_| drop(std::fs::remove_file(&staged)))
}
