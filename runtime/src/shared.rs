//! What a scope, its handles, its passes and the threads where it is current share.

use crate::board::Board;
use crate::gauge::Gauge;
use crate::hold::{Hold, Token};
use crate::inside;
use crate::ledger::{Ledger, PassRecord, blocked_poll};
use crate::lock;
use crate::meter::{Measured, ns};
use crate::name::{Name, WideTurn};
use crate::reading::Reading;
use crate::report::{Finding, ProbeReport, Report};
use crate::site::{Key, Kind, Site};
use rayon::ThreadPool;
use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Instant;

pub(crate) use crate::ledger::PassPlace;

pub(crate) struct Shared {
    name: &'static Name,
    opened_at: &'static Location<'static>,
    opened: Instant,
    board: &'static Board,
    /// Whether the board is one of the name's process-wide ones.
    board_is_wide: bool,
    strict: bool,
    timeline: bool,
    hold: Option<Arc<Hold>>,
    /// Weak, because the pool's threads own the scope they work for.
    pool: OnceLock<Weak<ThreadPool>>,
    pool_threads: OnceLock<usize>,
    /// What was unattributed when the scope closed; later calls are none of its.
    unattributed_at_close: OnceLock<BTreeMap<u32, u64>>,
    /// What was unattributed before the scope was opened, where it was not 0.
    unattributed_before: BTreeMap<u32, u64>,
    ledger: Mutex<Ledger>,
}

/// What [`Shared`] needs to know of the builder.
pub(crate) struct Options<'a> {
    pub(crate) name: &'static Name,
    pub(crate) opened_at: &'static Location<'static>,
    pub(crate) strict: bool,
    pub(crate) timeline: bool,
    pub(crate) hold: Option<Arc<Hold>>,
    pub(crate) wide: Option<&'a WideTurn>,
}

impl Shared {
    pub(crate) fn new(options: Options<'_>) -> Arc<Self> {
        let board = options.wide.map_or_else(Board::lease, WideTurn::board);
        let unattributed_before = unattributed_now(options.name);
        let shared = Arc::new(Shared {
            name: options.name,
            opened_at: options.opened_at,
            opened: Instant::now(),
            board,
            board_is_wide: options.wide.is_some(),
            strict: options.strict,
            timeline: options.timeline,
            hold: options.hold,
            pool: OnceLock::new(),
            pool_threads: OnceLock::new(),
            unattributed_at_close: OnceLock::new(),
            unattributed_before,
            ledger: Mutex::default(),
        });
        board.belongs_to(&shared, shared.hold.is_some());
        shared
    }

    pub(crate) fn name(&self) -> &'static Name {
        self.name
    }

    pub(crate) fn opened_at(&self) -> &'static Location<'static> {
        self.opened_at
    }

    #[inline]
    pub(crate) fn board(&self) -> &'static Board {
        self.board
    }

    pub(crate) fn is_strict(&self) -> bool {
        self.strict
    }

    pub(crate) fn has_timeline(&self) -> bool {
        self.timeline
    }

    pub(crate) fn hold(&self) -> Option<&Arc<Hold>> {
        self.hold.as_ref()
    }

    /// Tells a hold that more work may come from outside, until the token is dropped.
    pub(crate) fn source(&self) -> Option<Token> {
        self.hold.as_ref().map(Hold::source)
    }

    /// Tells a hold that a job is on its way to the pool, until the token is dropped.
    pub(crate) fn root(&self) -> Option<Token> {
        self.hold.as_ref().map(Hold::root)
    }

    pub(crate) fn set_pool(&self, pool: &Arc<ThreadPool>) {
        let _ = self.pool.set(Arc::downgrade(pool));
        let _ = self.pool_threads.set(pool.current_num_threads());
    }

    /// The scope's own pool, while the scope is open.
    pub(crate) fn pool(&self) -> Option<Arc<ThreadPool>> {
        self.pool.get().and_then(Weak::upgrade)
    }

    pub(crate) fn wait_in_hold(&self, probe: &str, gauge: &'static Gauge) {
        if let Some(hold) = &self.hold {
            hold.wait(probe, gauge, self.pool().as_ref());
        }
    }

    pub(crate) fn count(&self, name: &str, n: u64) {
        lock(&self.ledger).count(name, n);
    }

    pub(crate) fn book_phase(&self, name: &str, since: Instant) {
        lock(&self.ledger).phase(name, ns(since.elapsed()));
    }

    pub(crate) fn book(&self, place: &PassPlace, threads: usize, measured: &Measured, stopped: bool) {
        lock(&self.ledger).pass(place, threads, measured, stopped, self.timeline);
    }

    /// A scope of the same name was opened where this one is current.
    pub(crate) fn book_nested(&self, at: &'static Location<'static>) {
        lock(&self.ledger).nested_scope(at);
    }

    /// A pass begins that blocks its thread until it ends.
    ///
    /// # Panics
    ///
    /// Under `strict`, if the thread is inside a poll of a `polls` probe.
    pub(crate) fn on_blocking_pass(&self, place: &PassPlace) {
        let Some(poll) = inside::polling().and_then(Gauge::key).and_then(Site::of) else { return };
        lock(&self.ledger).pass_in_poll(place, poll.name());
        assert!(!self.strict, "{}", blocked_poll(&place.what(), 1, poll.name(), place.source()));
    }

    /// An entry of a probe inside a poll of `poll` was counted.
    ///
    /// # Panics
    ///
    /// Under `strict`.
    pub(crate) fn on_entry_in_poll(&self, poll: Key, probe: &Site) {
        if let (true, Some(poll)) = (self.strict, Site::of(poll)) {
            panic!("{}", entry_in_poll(probe, 1, poll.name()));
        }
    }

    /// A pass at this place has ended.
    ///
    /// # Panics
    ///
    /// Under `strict`, if the passes there are degenerate.
    pub(crate) fn on_pass_end(&self, place: &PassPlace) {
        if self.strict {
            let finding = lock(&self.ledger).degenerate_at(place.at);
            if let Some(finding) = finding {
                panic!("{finding}");
            }
        }
    }

    /// What a probe of this name reads.
    ///
    /// # Panics
    ///
    /// If two different probes of this name were entered in this scope.
    #[track_caller]
    pub(crate) fn reading(&self, probe: &str) -> Reading {
        let named: Vec<_> = self.probes().filter(|(_, site, _)| site.name() == probe).collect();
        let mut entered: Vec<_> = named.iter().filter(|(.., gauge)| gauge.is_some()).collect();
        assert!(
            entered.len() < 2,
            "{} different probes of scope `{}` are named `{probe}`: {:?} and {:?}; give one of them a name of \
             its own with `name = \"..\"`, or both the same one to have them counted together",
            entered.len(),
            self.name.text(),
            entered[0].1,
            entered[1].1,
        );
        let (key, site, gauge) = match entered.pop() {
            Some((key, site, gauge)) => (Some(*key), Some(*site), *gauge),
            None => {
                named.first().map_or((None, None, None), |(key, site, _)| (Some(*key), Some(*site), None))
            }
        };
        // Of the probe that was entered here; if none was, of each that the name may mean.
        let meant = named.iter().filter(|(candidate, ..)| gauge.is_none() || key == Some(*candidate));
        let unattributed = meant.map(|(key, site, _)| self.unattributed(*key, site)).sum();
        let ledger = lock(&self.ledger);
        Reading {
            scope: self.name.text(),
            opened_at: self.opened_at,
            probe: probe.into(),
            kind: key.map(Key::kind),
            place: site.map(|site| (site.file(), site.line())),
            counts: gauge.map(Gauge::counts).unwrap_or_default(),
            unattributed,
            // Not rayon's own count: asking for it would start the global pool.
            pool_threads: self.pool_threads.get().copied().or_else(|| ledger.threads()),
            never_held: self.hold.as_ref().map(|hold| hold.never_entered()).unwrap_or_default(),
            hold: self.hold.as_ref().and_then(|hold| hold.outcome(probe)),
            passes: ledger.passes().to_vec(),
            findings: self.findings(&ledger),
            others: self
                .probes()
                .filter(|(.., gauge)| gauge.is_some())
                .map(|(_, site, _)| site.name())
                .collect(),
        }
    }

    pub(crate) fn report(&self) -> Report {
        let ledger = lock(&self.ledger);
        Report {
            schema: Report::SCHEMA.into(),
            scope: self.name.text().into(),
            wall_ns: ns(self.opened.elapsed()),
            counts: ledger.counts.clone(),
            phases: ledger.phases.clone(),
            probes: self
                .probes()
                .filter_map(|(key, site, gauge)| self.probe_report(key, site, gauge))
                .collect(),
            passes: ledger.passes().iter().map(PassRecord::report).collect(),
            findings: self.findings(&ledger),
        }
    }

    /// The probes of this scope's name that were ever entered, each with its gauge if it was entered here.
    fn probes(&self) -> impl Iterator<Item = (Key, &'static Site, Option<&'static Gauge>)> {
        let board = self.board;
        Site::probes_of(self.name).map(move |(key, site)| (key, site, board.find(key)))
    }

    fn probe_report(&self, key: Key, site: &Site, gauge: Option<&Gauge>) -> Option<ProbeReport> {
        let unattributed = self.unattributed(key, site);
        let counts = gauge.map(Gauge::counts);
        (counts.is_some() || unattributed > 0).then(|| {
            let counts = counts.unwrap_or_default();
            ProbeReport {
                name: site.name().into(),
                file: site.file().into(),
                line: site.line(),
                calls: counts.calls,
                in_flight: counts.in_flight as u64,
                max_in_flight: counts.max_in_flight as u64,
                max_concurrent: (key.kind() != Kind::Async).then_some(counts.max_threads as u64),
                unattributed,
            }
        })
    }

    /// The scope closes.
    pub(crate) fn close(&self) {
        let _ = self.unattributed_at_close.set(unattributed_now(self.name));
    }

    fn unattributed(&self, key: Key, site: &Site) -> u64 {
        let at = |counts: &BTreeMap<u32, u64>| counts.get(&key.bits()).copied().unwrap_or(0);
        let until = self.unattributed_at_close.get().map_or_else(|| site.unattributed(), at);
        until - at(&self.unattributed_before)
    }

    fn findings(&self, ledger: &Ledger) -> Vec<Finding> {
        let mut findings = ledger.findings(self.name.text());
        for (_, site, gauge) in self.probes() {
            for (poll, entries) in gauge.map(|gauge| gauge.blocked().pairs()).unwrap_or_default() {
                let poll = Site::of(poll).map_or("?", Site::name);
                findings.push(entry_in_poll(site, entries.into(), poll));
            }
        }
        findings
    }
}

/// What nobody has claimed of each probe of a name, where it is not 0.
fn unattributed_now(name: &'static Name) -> BTreeMap<u32, u64> {
    Site::probes_of(name)
        .filter_map(|(key, site)| Some((key.bits(), site.unattributed())).filter(|(_, n)| *n > 0))
        .collect()
}

fn entry_in_poll(probe: &Site, times: u64, poll: &str) -> Finding {
    blocked_poll(&format!("`{}`", probe.name()), times, poll, (probe.file(), probe.line()))
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.board_is_wide {
            self.board.release();
        } else {
            self.board.put_back();
        }
    }
}
