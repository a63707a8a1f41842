//! `ScopeState`: the state that a scope shares with its handles, its passes and the threads where it is current.

use crate::base::clock::Instant;
use crate::book::batch::{Batch, BatchPlace};
use crate::call::board::Board;
use crate::call::context::{Context, Node};
use crate::call::gauge::{Gauge, Watch};
use crate::call::host::{Held, Host, Visit};
use crate::call::inside;
use crate::call::key::Key;
use crate::call::name::{Name, WideBoard};
use crate::verdict::hold::{call::Call, holder::Hold};
use crate::work::books::Books;
use crate::work::home::Home;
use crate::work::opened_scopes::{self, OpenedBefore};
use crate::work::own_pool::OwnPool;
use crate::work::scope_batches::ScopeBatches;
use crate::work::scope_timeline::{RunningSpan, ScopeTimeline};
use crate::work::unattributed::Unattributed;
use std::any::Any;
use std::borrow::Cow;
use std::panic::Location;
use std::sync::{Arc, Weak};

pub(crate) struct ScopeState {
    name: &'static Name,
    opened_at: &'static Location<'static>,
    opened: Instant,
    hold: Option<Arc<Hold>>,
    own_pool: OwnPool,
    batches: ScopeBatches,
    /// A field after the batches, so that it is dropped after their boards are given back.
    timeline: Option<Box<ScopeTimeline>>,
    books: Books,
    unattributed: Unattributed,
    opened_before: OpenedBefore,
}

/// What [`ScopeState`] needs to know of the builder.
pub(crate) struct Options<'a> {
    pub(crate) name: &'static Name,
    pub(crate) opened_at: &'static Location<'static>,
    pub(crate) strict: bool,
    pub(crate) timeline: bool,
    pub(crate) hold: Option<Arc<Hold>>,
    pub(crate) wide: Option<&'a WideBoard>,
}

impl ScopeState {
    pub(crate) fn new(options: Options<'_>) -> Arc<Self> {
        let Options { name, opened_at, strict, timeline, hold, wide } = options;
        let opened = Instant::now();
        let timeline = if timeline { ScopeTimeline::new(opened).map(Box::new) } else { None };
        let recorder = timeline.as_ref().map_or(0, |timeline| timeline.recorder_number());
        let watch = Watch { has_hold: hold.is_some(), recorder, batch: 0 };
        let batches = ScopeBatches::new(opened_at, wide, watch);
        Arc::new(ScopeState {
            name,
            opened_at,
            opened,
            hold,
            own_pool: OwnPool::default(),
            batches,
            timeline,
            books: Books::new(strict),
            unattributed: Unattributed::since_now(name),
            opened_before: opened_scopes::note(name, opened_at),
        })
    }

    /// The innermost scope of a context.
    pub(super) fn innermost(context: &Context) -> Option<Arc<Self>> {
        context.innermost().and_then(|node| Self::of(node.host()))
    }

    /// If the scope is current on this thread: where its calls are counted there.
    pub(crate) fn place_here(&self) -> Option<(&'static Board, Visit)> {
        Context::with_current(|context| {
            context.nodes().find(|node| self.is(node.host())).map(Node::counts_on)
        })
        .flatten()
    }

    /// The scope of this name that is current on this thread.
    pub(crate) fn current(name: &Name) -> Option<Arc<Self>> {
        Context::with_current(|context| context.find(name).and_then(|node| Self::of(node.host()))).flatten()
    }

    fn of(host: &Arc<dyn Host>) -> Option<Arc<Self>> {
        Arc::clone(host).into_any().downcast().ok()
    }

    /// The scope, as the code of a call sees it.
    pub(crate) fn as_host(self: &Arc<Self>) -> Weak<dyn Host> {
        let weak: Weak<Self> = Arc::downgrade(self);
        weak
    }

    pub(crate) fn name(&self) -> &'static Name {
        self.name
    }

    pub(crate) fn opened_at(&self) -> &'static Location<'static> {
        self.opened_at
    }

    pub(crate) fn opened(&self) -> Instant {
        self.opened
    }

    pub(crate) fn is_strict(&self) -> bool {
        self.books.is_strict()
    }

    pub(crate) fn hold(&self) -> Option<&Arc<Hold>> {
        self.hold.as_ref()
    }

    pub(crate) fn own_pool(&self) -> &OwnPool {
        &self.own_pool
    }

    pub(super) fn batches(&self) -> &ScopeBatches {
        &self.batches
    }

    pub(crate) fn books(&self) -> &Books {
        &self.books
    }

    pub(super) fn unattributed(&self) -> &Unattributed {
        &self.unattributed
    }

    pub(super) fn opened_before(&self) -> &OpenedBefore {
        &self.opened_before
    }

    /// The batch of this place.
    pub(crate) fn batch(&self, place: BatchPlace) -> Arc<Batch> {
        self.batches.at(place)
    }

    pub(super) fn timeline(&self) -> Option<&ScopeTimeline> {
        self.timeline.as_deref()
    }

    /// A phase begins on this thread. Returns the span that ends it in the timeline, if there is a timeline.
    pub(crate) fn phase_begins(&self, name: &str) -> Option<RunningSpan> {
        let batch = || self.place_here().map_or(0, |(_, visit)| visit.batch);
        self.timeline.as_ref()?.phase(name, batch)
    }

    /// The label of the batch that counts calls on this thread. `None` outside of all batches.
    pub(super) fn label_here(&self) -> Option<Cow<'static, str>> {
        let (_, visit) = self.place_here()?;
        self.batches.label(visit.batch).filter(|label| !label.is_empty())
    }

    /// The scope closes.
    pub(crate) fn close(&self) {
        self.unattributed.close(self.name);
    }

    fn is(&self, host: &Arc<dyn Host>) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(host), self)
    }

    /// A context with this scope innermost. Calls in it are counted in `batch`; without one, in the batch of this scope that `around` has
    /// already; else at `home`; else outside of all batches.
    pub(crate) fn context(
        self: &Arc<Self>,
        around: &Context,
        batch: Option<&Batch>,
        home: Option<&Home>,
    ) -> Context {
        let here = || around.nodes().find(|node| self.is(node.host())).map(Node::place);
        let (board, visit) = match batch {
            Some(batch) => (batch.board, Visit { batch: batch.number, pass: 0 }),
            None => here().or(home.map(|home| home.place)).unwrap_or_else(|| self.outside()),
        };
        around.and(self.name, Arc::<Self>::clone(self), board, visit)
    }

    /// The context of the threads of the scope's own pool.
    pub(crate) fn ground_context(self: &Arc<Self>) -> Context {
        let board = self.own_pool.ground(self.batches.outside());
        Context::default().and(self.name, Arc::<Self>::clone(self), board, Visit::default())
    }

    /// A context for the lanes of a pass.
    pub(super) fn context_of_pass(self: &Arc<Self>, around: &Context, batch: &Batch, pass: u64) -> Context {
        around.and(self.name, Arc::<Self>::clone(self), batch.board, Visit { batch: batch.number, pass })
    }

    /// Where calls outside of all batches are counted.
    fn outside(&self) -> (&'static Board, Visit) {
        (self.batches.outside().board, Visit::default())
    }
}

impl Host for ScopeState {
    fn holds(&self, probe: &str) -> bool {
        self.hold.as_ref().is_some_and(|hold| hold.holds(probe))
    }

    fn hold_thread(&self, probe: &'static str, gauge: &'static Gauge, visit: Visit, waits: &mut dyn FnMut()) {
        let Some(hold) = &self.hold else { return };
        let pool = self.own_pool.get();
        let call = Call {
            probe,
            gauge,
            visit,
            may_be_a_leaf: rayon::current_thread_index().is_some(),
            piece: inside::current_frame(),
            is_on_top: inside::is_on_top(),
            pool: pool.as_ref(),
        };
        hold.wait(call, waits);
    }

    fn hold_future(
        self: Arc<Self>,
        probe: &'static str,
        gauge: &'static Gauge,
        visit: Visit,
    ) -> Option<Box<dyn Held>> {
        self.hold.as_ref()?.wait_of_future(probe, gauge, visit, self.own_pool.get().as_ref())
    }

    fn on_call_in_poll(&self, poll: Key, probe: Key) {
        self.books.on_call_in_poll(poll, probe);
    }

    fn ground(&self) -> (&'static Board, Visit) {
        self.own_pool.counts_on().unwrap_or_else(|| self.outside())
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
