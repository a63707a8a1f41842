//! Gauges: what the open scopes count, for the recorder of the `metrics` facade that the program installed.

use crate::base::lock::lock;
use crate::open::open_scopes;
use crate::work::state::ScopeState;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, Weak};

const CALLS: &str = "concurrency_probe_calls";
const IN_FLIGHT: &str = "concurrency_probe_in_flight";
const MAX_IN_FLIGHT: &str = "concurrency_probe_max_in_flight";
const MAX_CONCURRENT: &str = "concurrency_probe_max_concurrent";

/// What the gauges of one set of labels are set to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Values {
    pub(crate) calls: u64,
    pub(crate) in_flight: u64,
    pub(crate) max_in_flight: u64,
    /// `None` if threads are not counted.
    pub(crate) max_concurrent: Option<u64>,
}

impl Values {
    /// Both together: the sum of what is counted, and the higher peak.
    fn and(self, other: Values) -> Values {
        Values {
            calls: self.calls.saturating_add(other.calls),
            in_flight: self.in_flight.saturating_add(other.in_flight),
            max_in_flight: self.max_in_flight.max(other.max_in_flight),
            max_concurrent: self.max_concurrent.max(other.max_concurrent),
        }
    }
}

/// The scope, the probe and the label of the batch.
type Labels = (&'static str, &'static str, String);
type All = BTreeMap<Labels, Values>;

/// Of the scopes that have closed: all of their calls, and the peaks of the last one.
///
/// The lock is held while gauges are set, unlike all others: two threads would else set them in another order than they looked,
/// and a scope that has closed could be left with calls in flight. So a recorder must not open or close a scope.
static CLOSED: Mutex<All> = Mutex::new(BTreeMap::new());

/// Sets the gauges of all scopes that are open, or were closed in this process, to what they are now. Call it where the metrics
/// are asked for: in the handler that is scraped.
///
/// ```
/// use concurrency_probe::{Scope, concurrency_probe};
/// use metrics_exporter_prometheus::PrometheusBuilder;
///
/// #[concurrency_probe(scope = "install")]
/// fn unpack() {}
///
/// let prometheus = PrometheusBuilder::new().install_recorder()?; // any recorder will do
/// let install = Scope::open("install");
/// install.run(unpack);
///
/// concurrency_probe::metrics::publish();
/// let page = prometheus.render();
/// assert!(page.contains(r#"concurrency_probe_calls{scope="install",probe="unpack",batch=""} 1"#), "{page}");
/// # Ok::<(), metrics_exporter_prometheus::BuildError>(())
/// ```
///
/// # Panics
///
/// If the recorder does.
pub fn publish() {
    describe();
    let closed = lock(&CLOSED);
    let open = open();
    for (labels, closed) in closed.iter().filter(|(labels, _)| !open.contains_key(*labels)) {
        set(labels, *closed);
    }
    for (labels, open) in &open {
        let calls = closed.get(labels).map_or(0, |closed| closed.calls);
        set(labels, Values { calls: open.calls.saturating_add(calls), ..*open });
    }
}

/// A scope was closed: it is not among the open ones any longer, and its gauges get their last values.
pub(crate) fn closed(scope: &Arc<ScopeState>) {
    let mut last = All::new();
    add(&mut last, scope);
    // Under one lock, so that its calls are always either of an open scope or of a closed one.
    let mut all = lock(&CLOSED);
    open_scopes::closed(scope);
    for (labels, values) in &mut last {
        // A call that has not ended is nobody's from now on.
        values.in_flight = 0;
        let before = all.get(labels).map_or(0, |closed| closed.calls);
        let closed = Values { calls: values.calls.saturating_add(before), ..*values };
        all.insert(labels.clone(), closed);
        *values = closed;
    }
    let open = open();
    let set_all = || {
        describe();
        for (labels, values) in &last {
            set(labels, open.get(labels).map_or(*values, |open| open.and(*values)));
        }
    };
    // In a destructor: a recorder that panics does not get any further.
    let _ = catch_unwind(AssertUnwindSafe(set_all));
}

/// Of the scopes that are open.
fn open() -> All {
    let mut all = All::new();
    for scope in open_scopes::all().iter().filter_map(Weak::upgrade) {
        add(&mut all, &scope);
    }
    all
}

/// Scopes of one name, probes of one name and batches of one label have one set of gauges.
fn add(all: &mut All, scope: &ScopeState) {
    scope.each_count(|probe, batch, counts, counts_threads| {
        let values = Values {
            calls: counts.calls,
            in_flight: counts.in_flight as u64,
            max_in_flight: counts.max_in_flight as u64,
            max_concurrent: counts_threads.then_some(counts.max_threads as u64),
        };
        let sum = all.entry((scope.name().text(), probe, batch.into())).or_default();
        *sum = sum.and(values);
    });
}

fn describe() {
    ::metrics::describe_gauge!(CALLS, "Calls that have begun, of all scopes of the name in this process.");
    ::metrics::describe_gauge!(IN_FLIGHT, "Calls that have begun and not ended, of the open scopes.");
    ::metrics::describe_gauge!(
        MAX_IN_FLIGHT,
        "The most calls that were in flight at once in one open scope."
    );
    ::metrics::describe_gauge!(
        MAX_CONCURRENT,
        "The most threads that were inside at once in one open scope."
    );
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a floating point number; 2^53 calls are not lost")]
fn set((scope, probe, batch): &Labels, values: Values) {
    let gauge =
        |name| ::metrics::gauge!(name, "scope" => *scope, "probe" => *probe, "batch" => batch.clone());
    gauge(CALLS).set(values.calls as f64);
    gauge(IN_FLIGHT).set(values.in_flight as f64);
    gauge(MAX_IN_FLIGHT).set(values.max_in_flight as f64);
    if let Some(max_concurrent) = values.max_concurrent {
        gauge(MAX_CONCURRENT).set(max_concurrent as f64);
    }
}
