//! `SpanProbes`: spans that a program has already, as probes.

use crate::base::trace::TARGET;
use crate::bridge::span_guards::{self, Guard, SpanKey};
use crate::bridge::span_sites;
use crate::call::entry::enter;
use crate::call::future_entry::{InFlightPolls, enter_polls};
use crate::call::key::Kind;
use crate::call::name::Name;
use crate::call::site::Site;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tracing::span::{Attributes, Id};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// A [`Layer`] that counts the spans of a program as calls of probes: no attribute is needed where there is a span.
///
/// Spans are told by their names. [`probe`](SpanProbes::probe) is for spans that are entered around synchronous work, and
/// [`polls`](SpanProbes::polls) for spans that instrument a future. Their calls are counted, held and judged as those of
/// [`#[concurrency_probe]`](macro@crate::concurrency_probe) functions are. The file and the line in a message are the span's.
///
/// ```
/// use concurrency_probe::{Scope, tracing::SpanProbes};
/// use tracing_subscriber::layer::SubscriberExt as _;
/// use tracing_subscriber::util::SubscriberInitExt as _;
///
/// fn link_slots(_package: u32) {
///     let _span = tracing::info_span!("link_slots").entered();
///     // ...
/// }
///
/// tracing_subscriber::registry()
///     .with(SpanProbes::new("install").probe("link_slots"))
///     // .with(tracing_subscriber::fmt::layer()), and others
///     .init();
///
/// let mut install = Scope::builder("install").hold("link_slots", 2).open();
/// install.pass("cold").for_each(0..9, |_lane, package| link_slots(package));
/// install.reading("link_slots").assert_concurrent(2);
/// # assert_eq!(install.reading("link_slots").calls(), 9);
/// ```
///
/// # What is not seen
///
/// A span that is disabled does not exist, and is not counted: by a filter of the whole subscriber or of this layer, by a level such as
/// `RUST_LOG=warn`, or by a feature such as `tracing/release_max_level_warn`. If all spans of a name are disabled, or no span has the name, the
/// probe was never called, and each assertion about it fails. Threads where another subscriber is the default are not seen either.
///
/// A subscriber of nothing but [`Registry`](https://docs.rs/tracing-subscriber/latest/tracing_subscriber/struct.Registry.html) and this
/// layer enables all spans and events of the program. With a filter of its own the layer enables what it counts:
/// `SpanProbes::new("install").probe("link_slots").with_filter(filter_fn(|metadata| metadata.name() == "link_slots"))`.
///
/// # Limits
///
/// - A call waits in a [hold](crate::ScopeBuilder::hold) while its span is entered. A `reload::Layer` around this one has a lock then: reload
///   it when no call is held.
/// - In a [strict](crate::ScopeBuilder::strict) scope a call inside a poll panics where its span is entered. `tracing` does not
///   expect that: what is current on the thread afterwards is not defined.
/// - A function that has both the attribute and a span is two probes. If they have one name, do not give the layer that name.
/// - The crate's own spans are not counted.
#[derive(Debug)]
pub struct SpanProbes {
    /// Its number in this process.
    number: u64,
    scope: &'static str,
    probes: Vec<(String, Kind)>,
}

impl SpanProbes {
    /// A layer that counts for scopes of this name, and no span yet. A program with several kinds of scopes has a layer for each.
    ///
    /// ```
    /// use concurrency_probe::tracing::SpanProbes;
    ///
    /// let layer = SpanProbes::new("install").probe("link_slots").polls("fetch");
    /// # drop(layer);
    /// ```
    #[must_use]
    pub fn new(scope: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        SpanProbes {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            scope: Name::intern(scope).text(),
            probes: Vec::new(),
        }
    }

    /// Spans of this name are a synchronous probe: a thread that enters one begins a call, and ends it when it exits. A span
    /// that is entered several times is several calls. Do not use it for a span that instruments a future: each poll would be a call.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, tracing::SpanProbes};
    /// # use tracing_subscriber::layer::SubscriberExt as _;
    /// # use tracing_subscriber::util::SubscriberInitExt as _;
    /// #[tracing::instrument]
    /// fn unpack(package: &str) {}
    ///
    /// tracing_subscriber::registry().with(SpanProbes::new("install").probe("unpack")).init();
    /// let install = Scope::open("install");
    /// install.run(|| unpack("left-pad"));
    /// assert_eq!(install.reading("unpack").calls(), 1);
    /// ```
    #[must_use]
    pub fn probe(self, span: &str) -> Self {
        self.with_kind(span, Kind::Sync)
    }

    /// Spans of this name instrument a future, and are an async probe with `polls`: a future is in flight from when its span is
    /// entered first until the span is closed, each time between enter and exit is a poll, and the calls are the spans.
    ///
    /// A span is closed when nobody has it any longer: a clone of it, or a child span that is still open, keeps it in flight.
    /// `tracing` enters the span of a future to drop the future. So a future that is dropped before its first poll is a call too.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, tracing::SpanProbes};
    /// # use tracing_subscriber::layer::SubscriberExt as _;
    /// # use tracing_subscriber::util::SubscriberInitExt as _;
    /// #[tracing::instrument]
    /// async fn fetch(id: u32) {}
    ///
    /// tracing_subscriber::registry().with(SpanProbes::new("install").polls("fetch")).init();
    /// let install = Scope::open("install");
    /// futures::executor::block_on(install.attach(futures::future::join_all((0..5).map(fetch))));
    /// assert_eq!(install.reading("fetch").calls(), 5);
    /// ```
    #[must_use]
    pub fn polls(self, span: &str) -> Self {
        self.with_kind(span, Kind::Polls)
    }

    /// What is said last of a name counts.
    fn with_kind(mut self, span: &str, kind: Kind) -> Self {
        self.probes.retain(|(name, _)| name != span);
        self.probes.push((span.into(), kind));
        self
    }

    fn kind_of(&self, metadata: &Metadata<'_>) -> Option<Kind> {
        let named = self.probes.iter().find(|(name, _)| name == metadata.name());
        named.filter(|_| metadata.target() != TARGET).map(|(_, kind)| *kind)
    }

    fn key(&self, id: &Id) -> SpanKey {
        SpanKey { layer: self.number, span: id.into_u64() }
    }
}

/// What a layer keeps with a span. A subscriber may have several layers that count it: one keeps the next.
struct Counted {
    layer: u64,
    site: &'static Site,
    /// Of a span that instruments a future, from its first poll on.
    in_flight: Option<Arc<InFlightPolls>>,
    next: Option<Box<Counted>>,
}

impl Counted {
    fn of_layer(&mut self, layer: u64) -> Option<&mut Counted> {
        if self.layer == layer { Some(self) } else { self.next.as_mut()?.of_layer(layer) }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for SpanProbes {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let metadata = attributes.metadata();
        let Some(kind) = self.kind_of(metadata) else { return };
        let site = span_sites::site(self.scope, metadata, kind);
        let Some(span) = context.span(id) else { return };
        let mut extensions = span.extensions_mut();
        let next = extensions.remove::<Counted>().map(Box::new);
        extensions.insert(Counted { layer: self.number, site, in_flight: None, next });
    }

    /// Nothing of the subscriber is locked while the thread may wait in a hold.
    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let found = context.span(id).and_then(|span| {
            let mut extensions = span.extensions_mut();
            let counted = extensions.get_mut::<Counted>()?.of_layer(self.number)?;
            let site = counted.site;
            let in_flight = (site.kind() == Kind::Polls)
                .then(|| Arc::clone(counted.in_flight.get_or_insert_with(|| Arc::new(enter_polls(site)))));
            Some((site, in_flight))
        });
        let guard = match found {
            None => return,
            Some((site, None)) => Guard::Call { _entry: enter(site) },
            Some((_, Some(in_flight))) => Guard::Poll { _polling: in_flight.poll(), _in_flight: in_flight },
        };
        span_guards::keep(self.key(id), guard);
    }

    fn on_exit(&self, id: &Id, _context: Context<'_, S>) {
        span_guards::end(self.key(id));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        // The extensions are cleared when the last layer has seen it, which may be later.
        let in_flight = context.span(&id).and_then(|span| {
            span.extensions_mut().get_mut::<Counted>()?.of_layer(self.number)?.in_flight.take()
        });
        drop(in_flight);
    }
}
