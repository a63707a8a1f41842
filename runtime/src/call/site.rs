//! `Site`: the static that each attribute and each `enter!` adds to the program.

use crate::base::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::base::sync::{OnceRef, computed_once, const_fn, global};
use crate::call::key::{Key, Kind};
use crate::call::name::Name;
use crate::call::origin::Origin;
use std::panic::Location;

/// A probe in the source.
///
/// Not public API. Used by generated code.
pub struct Site {
    kind: Kind,
    name: &'static str,
    /// Whether the name was written by hand: sites with the same written name are one probe.
    named: bool,
    at: Place,
    own_scope: Name,
    state: State,
}

/// Where a probe is.
#[derive(Clone, Copy)]
enum Place {
    /// Where its site was made.
    Caller(&'static Location<'static>),
    /// Where its span says that it is.
    #[cfg(feature = "tracing")]
    Told(&'static str, u32),
}

/// What changes of a site.
struct State {
    scope: OnceRef<'static, Name>,
    /// The first site of the same probe, mostly this one.
    probe: OnceRef<'static, Site>,
    next: OnceRef<'static, Site>,
    /// The key of this probe, or 0 before the site's first entry.
    key: AtomicU32,
    /// Unattributed entries while a scope of this name was open, by [`Origin`]. They are kept at the site that owns the
    /// key.
    unattributed: [AtomicU64; Origin::COUNT],
}

impl State {
    const_fn! {
        const fn new() -> Self {
            State {
                scope: OnceRef::new(),
                probe: OnceRef::new(),
                next: OnceRef::new(),
                key: AtomicU32::new(0),
                unattributed: [AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0)],
            }
        }
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}:{})", self.name, self.file(), self.line())
    }
}

global!(first: OnceRef<'static, Site> = OnceRef::new());

impl Kind {
    const_fn! {
        /// A site of this kind that no call has passed yet, named after the function that it is in.
        ///
        /// Not public API. Used by generated code.
        #[must_use]
        #[track_caller]
        pub const fn site(self, scope: &'static str, name: &'static str) -> Site {
            Site {
                kind: self,
                name,
                named: false,
                at: Place::Caller(Location::caller()),
                own_scope: Name::new(scope),
                state: computed_once!(State::new()),
            }
        }
    }

    const_fn! {
        /// As [`site`](Kind::site), with a name that was written by hand.
        ///
        /// Not public API. Used by generated code.
        #[must_use]
        #[track_caller]
        pub const fn named_site(self, scope: &'static str, name: &'static str) -> Site {
            Site { named: true, ..self.site(scope, name) }
        }
    }
}

impl Site {
    /// A site of a probe that was not written as one: a span. Its name was given by hand, where the spans to be counted are named.
    #[cfg(feature = "tracing")]
    pub(crate) fn of_span(
        kind: Kind,
        scope: &'static str,
        name: &'static str,
        file: &'static str,
        line: u32,
    ) -> Self {
        Site { at: Place::Told(file, line), ..kind.named_site(scope, name) }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn file(&self) -> &'static str {
        match self.at {
            Place::Caller(at) => at.file(),
            #[cfg(feature = "tracing")]
            Place::Told(file, _) => file,
        }
    }

    pub(crate) fn line(&self) -> u32 {
        match self.at {
            Place::Caller(at) => at.line(),
            #[cfg(feature = "tracing")]
            Place::Told(_, line) => line,
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The name of the scope that it counts for, as it is written in the source.
    pub(crate) fn scope_text(&self) -> &'static str {
        self.own_scope.text()
    }

    /// The key of the probe and the name of its scope. The first entry registers the site.
    #[inline]
    pub(crate) fn registered(&'static self) -> (Key, &'static Name) {
        // Acquire pairs with the Release store below: who sees the key sees the name.
        match (Key::from_bits(self.state.key.load(Ordering::Acquire)), self.state.scope.get()) {
            (Some(key), Some(scope)) => (key, scope),
            _ => self.register(),
        }
    }

    /// Appends the site to the list of all sites. It takes no lock: threads that race here walk the same list,
    /// end at the same place and store the same key.
    #[cold]
    fn register(&'static self) -> (Key, &'static Name) {
        let scope = Name::find_or_append(&self.own_scope);
        let _ = self.state.scope.set(scope);
        let mut place: u32 = 1;
        let mut end = first();
        let mut canonical = None;
        loop {
            if end.get().is_none() {
                let _ = end.set(self);
            }
            let Some(site) = end.get() else { continue };
            if canonical.is_none() && site.is_same_probe(self, scope) {
                canonical = Some(place);
                let _ = self.state.probe.set(site);
            }
            if std::ptr::eq(site, self) {
                let key = Key::new(canonical.unwrap_or(place), self.kind);
                self.state.key.store(key.bits(), Ordering::Release);
                return (key, scope);
            }
            place += 1;
            end = &site.state.next;
        }
    }

    /// Whether two sites are one probe. A probe is one place in the program. Two sites are one probe only if both names were written by hand and are
    /// equal, and their kinds and scopes are equal.
    fn is_same_probe(&self, other: &Site, scope: &Name) -> bool {
        std::ptr::eq(self, other)
            || (self.named
                && other.named
                && self.kind == other.kind
                && self.name == other.name
                && self.own_scope.text() == scope.text())
    }

    /// Every site that was ever entered while a scope was live.
    pub(crate) fn all() -> impl Iterator<Item = &'static Site> {
        std::iter::successors(first().get(), |site| site.state.next.get())
    }

    /// The site that a key belongs to.
    pub(crate) fn of(key: Key) -> Option<&'static Site> {
        Site::all().nth(key.place() as usize - 1)
    }

    /// Every probe of a scope's name that was ever entered, with its key.
    pub(crate) fn probes_of(scope: &'static Name) -> impl Iterator<Item = (Key, &'static Site)> {
        Site::all().enumerate().filter_map(move |(i, site)| {
            let key = Key::from_bits(site.state.key.load(Ordering::Acquire))?;
            let owns_key = key.place() as usize == i + 1;
            (owns_key && site.state.scope.get().is_some_and(|name| name.is(scope))).then_some((key, site))
        })
    }

    /// The unattributed entries, by [`Origin`].
    pub(crate) fn unattributed(&self) -> [u64; Origin::COUNT] {
        self.state.unattributed.each_ref().map(|count| count.load(Ordering::Relaxed))
    }

    /// Counts an entry that no scope has counted, if a scope of this name is open.
    pub(crate) fn count_unattributed(&'static self, scope: &Name) {
        if scope.is_live() {
            let counts = &self.state.probe.get().unwrap_or(self).state.unattributed;
            counts[Origin::of_this_thread() as usize].fetch_add(1, Ordering::Relaxed);
        }
    }
}
