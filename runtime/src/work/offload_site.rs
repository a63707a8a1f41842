//! `OffloadSite`: an offload that was sent from one place in the source, as its scope sees it.

use crate::base::trace::{Span, SpanRef};
use crate::book::batch::{Batch, BatchKind, BatchPlace};
use crate::book::meter::Meter;
use crate::call::context::Context;
use crate::call::inside;
use crate::verdict::hold::{holder::Hold, tokens::Token};
use crate::work::lane::{Base, Lane};
use crate::work::state::ScopeState;
use rayon::ThreadPool;
use std::borrow::Cow;
use std::panic::Location;
use std::sync::Arc;

/// An offload that was sent, from one place in the source.
pub(crate) struct OffloadSite {
    /// The scopes that are current in it.
    context: Context,
    /// The piece of parallel work that sent it.
    origin: u64,
    /// The innermost scope, which records it.
    booked: Option<Booked>,
    /// Whether it runs on that scope's own pool, if the scope has one.
    is_on_pool: bool,
}

struct Booked {
    scope: Arc<ScopeState>,
    batch: Arc<Batch>,
    meter: Arc<Meter>,
    /// Open until the offload has ended or was given up.
    span: Span,
    /// Tells the hold that the offload is under way.
    _under_way: Option<Token>,
}

impl OffloadSite {
    /// The kind of offloads that rayon runs.
    pub(crate) const ON_RAYON: &'static str = "offload";
    /// The kind of offloads that tokio's blocking threads run.
    #[cfg(feature = "tokio")]
    pub(crate) const ON_TOKIO: &'static str = "offload_blocking";

    /// Sends work from this place. Its label is that of the batch that it is sent in, else that of its kind.
    pub(crate) fn send(
        at: &'static Location<'static>,
        kind: &'static str,
        threads: impl FnOnce(&ScopeState) -> usize,
    ) -> Self {
        let around = Context::current();
        let origin = inside::current_frame();
        let Some(scope) = ScopeState::innermost(&around) else {
            return OffloadSite { context: around, origin, booked: None, is_on_pool: false };
        };
        let label = scope.label_here().unwrap_or(Cow::Borrowed(kind));
        let batch = scope.batch(BatchPlace { kind: BatchKind::Offload, label, at });
        let meter = scope.books().offloads(&batch, threads(&scope));
        meter.begin();
        let context = scope.context(&around, Some(&batch), None);
        let under_way = scope.hold().map(Hold::offload);
        let span = Span::offload(&batch.place.label, batch.place.traced(scope.name().text()), kind);
        OffloadSite {
            context,
            origin,
            booked: Some(Booked { scope, batch, meter, span, _under_way: under_way }),
            is_on_pool: kind == OffloadSite::ON_RAYON,
        }
    }

    /// The pool of the scope, if it has one of its own.
    pub(crate) fn pool(&self) -> Option<Arc<ThreadPool>> {
        self.booked.as_ref().and_then(|booked| booked.scope.own_pool().get())
    }

    /// Tells the hold that a job is on its way to a pool, until the token is dropped.
    pub(crate) fn on_its_way(&self) -> Option<Token> {
        self.booked.as_ref().and_then(|booked| booked.scope.hold()).map(Hold::job_on_its_way)
    }

    /// Runs the work on this thread.
    pub(crate) fn run<R>(&self, work: impl for<'lane> FnOnce(Lane<'lane>) -> R) -> R {
        let meter = self.booked.as_ref().map(|booked| &*booked.meter);
        if let Some(meter) = meter {
            meter.add(1, 0);
        }
        let _on_pool = self.booked.as_ref().filter(|_| self.is_on_pool).map(OnPool::begin);
        let span = self.booked.as_ref().map_or_else(SpanRef::default, |booked| booked.span.as_ref());
        let result = Base { context: &self.context, meter, span }.run(self.origin, work);
        if let Some(booked) = &self.booked {
            booked.meter.add(0, 1);
            booked.span.measured([("completed", 1)]);
        }
        result
    }

    /// The check of a strict scope when the result is taken.
    ///
    /// # Panics
    ///
    /// In a strict scope, if the offloads of its place follow one another.
    pub(crate) fn insist(scope: Option<(&Arc<ScopeState>, &Batch)>) {
        if let Some((scope, batch)) = scope {
            scope.books().on_offload_end(batch);
        }
    }

    /// The scope and the batch that record it.
    pub(crate) fn booked_in(&self) -> Option<(Arc<ScopeState>, Arc<Batch>)> {
        self.booked.as_ref().map(|booked| (Arc::clone(&booked.scope), Arc::clone(&booked.batch)))
    }
}

/// Exists while an offload runs on the scope's own pool.
struct OnPool<'a>(&'a Booked);

impl<'a> OnPool<'a> {
    fn begin(booked: &'a Booked) -> Self {
        _ = booked.scope.own_pool().begins(&booked.batch, 0);
        OnPool(booked)
    }
}

impl Drop for OnPool<'_> {
    fn drop(&mut self) {
        self.0.scope.own_pool().ends(&self.0.batch, 0, false);
    }
}

impl Drop for Booked {
    /// The offload has ended, or was cancelled.
    fn drop(&mut self) {
        self.meter.end();
    }
}
