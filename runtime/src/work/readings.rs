//! The readings of a scope: collects everything that an assertion on a probe needs.

use crate::book::batch::Batch;
use crate::call::gauge::Counts;
use crate::call::key::{Key, Kind};
use crate::call::name::Name;
use crate::call::origin::Origin;
use crate::call::site::Site;
use crate::verdict::batch_reading::BatchReading;
use crate::verdict::facts::Facts;
use crate::verdict::hold::evidence::Evidence;
use crate::verdict::reading::Reading;
use crate::work::findings;
use crate::work::state::ScopeState;
use std::sync::Arc;

/// A probe, and the first site that was registered for it.
type Probe = (Key, &'static Site);

impl ScopeState {
    /// The reading of the probe of this name.
    ///
    /// # Panics
    ///
    /// If two different probes of this name were entered in this scope.
    #[track_caller]
    pub(crate) fn reading(&self, probe: &str) -> Reading {
        let batches = self.batches().all();
        let named: Vec<Probe> =
            Site::probes_of(self.name()).filter(|(_, site)| site.name() == probe).collect();
        let entered: Vec<Probe> =
            named.iter().copied().filter(|(key, _)| was_entered(*key, &batches)).collect();
        assert_is_one(&entered, probe, self.name());
        // The probe that was entered here. If none was, all probes that have the name.
        let meant = if entered.is_empty() { &named } else { &entered };
        let mut unattributed = [0; Origin::COUNT];
        for (key, site) in meant {
            let added = self.unattributed().of(*key, site);
            unattributed.iter_mut().zip(added).for_each(|(sum, count)| *sum += count);
        }
        let first = meant.first();
        let (held_for, evidence) = self.hold().and_then(|hold| hold.evidence(probe)).unzip();
        let evidence: Vec<(u32, Evidence)> = evidence.unwrap_or_default();
        let ledger = self.books().ledger();
        let records = ledger.passes();
        let findings = findings::of_scope(self.name(), &ledger, &batches);
        drop(ledger);
        let key = first.map(|(key, _)| *key);
        let read =
            key.into_iter().flat_map(|key| counts(key, &batches)).map(|(batch, counts)| BatchReading {
                counts,
                is_async: key.is_some_and(|key| key.kind() == Kind::Async),
                record: records.iter().find(|record| record.batch.number == batch.number).cloned(),
                evidence: evidence
                    .iter()
                    .find(|(number, _)| *number == batch.number)
                    .map(|(_, evidence)| evidence.clone()),
                batch: Arc::clone(batch),
            });
        let read = read.collect();
        let facts = Facts {
            scope: self.name().text(),
            opened_at: self.opened_at(),
            is_strict: self.is_strict(),
            probe: probe.into(),
            kind: key.map(Key::kind),
            place: first.map(|(_, site)| (site.file(), site.line())),
            unattributed,
            held_for,
            held_but_not_entered: self.hold().map(|hold| hold.held_but_not_entered()).unwrap_or_default(),
            findings,
            entered: entered_probes(self.name(), &batches),
            of_other_scopes: if named.is_empty() { of_other_scopes(probe, self.name()) } else { Vec::new() },
            passes_overlapped: self.books().passes_overlapped(),
            other_scopes: self.opened_before().since(self.name()),
            labels: batches.iter().map(|batch| batch.place.label.to_string()).collect(),
        };
        Reading::new(facts, read)
    }
}

/// Panics if two different probes of one name were entered in a scope, because a sum of both would be a reading of neither.
#[track_caller]
fn assert_is_one(entered: &[Probe], probe: &str, scope: &Name) {
    if let [(_, first), _, ..] = entered {
        let all: Vec<String> = entered.iter().map(|(_, site)| described(site)).collect();
        panic!(
            "{} different probes of scope `{}` are named `{probe}`: {}; {}",
            all.len(),
            scope.text(),
            all.join(", "),
            if entered.iter().any(|(_, site)| site.kind() != first.kind()) {
                "they count different things: give each a name of its own with `name = \"..\"`"
            } else {
                "give one of them a name of its own with `name = \"..\"`, or give all of them the same `name` to count them \
                 together"
            },
        );
    }
}

/// A probe with its place and kind, for a message about several probes of one name.
fn described(site: &Site) -> String {
    let kind = match site.kind() {
        Kind::Sync => "sync",
        Kind::Async => "async",
        Kind::Polls => "async with `polls`",
    };
    format!("one at {}:{} ({kind})", site.file(), site.line())
}

/// The counts of a probe in each batch in which it was entered.
fn counts(key: Key, batches: &[Arc<Batch>]) -> impl Iterator<Item = (&Arc<Batch>, Counts)> {
    batches.iter().filter_map(move |batch| Some((batch, batch.board.find(key)?.counts())))
}

fn was_entered(key: Key, batches: &[Arc<Batch>]) -> bool {
    batches.iter().any(|batch| batch.board.find(key).is_some())
}

/// The names of the probes that were entered in these batches, each once.
fn entered_probes(scope: &'static Name, batches: &[Arc<Batch>]) -> Vec<&'static str> {
    let probes = Site::probes_of(scope).filter(|(key, _)| was_entered(*key, batches));
    let mut names: Vec<_> = probes.map(|(_, site)| site.name()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The scopes that probes of this name count for.
fn of_other_scopes(probe: &str, scope: &Name) -> Vec<&'static str> {
    let sites = Site::all().filter(|site| site.name() == probe && site.scope_text() != scope.text());
    let mut scopes: Vec<_> = sites.map(Site::scope_text).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}
