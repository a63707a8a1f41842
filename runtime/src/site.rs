//! Sites: what an attribute or `enter!` leaves in the program, one static for each probe.

use crate::name::Name;
use crate::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::sync::{OnceRef, const_fn, global};

/// What a probe counts.
///
/// Not public API. Used by generated code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A function or a block: it is inside from entry to exit, on one thread.
    Sync,
    /// An `async fn`: it is in flight from its first poll until it is dropped.
    Async,
    /// An `async fn` whose polls are entries too.
    Polls,
}

/// A probe in the source.
///
/// Not public API. Used by generated code.
pub struct Site {
    kind: Kind,
    name: &'static str,
    /// Whether the name was written by hand: sites with the same written name are one probe.
    named: bool,
    file: &'static str,
    line: u32,
    own_scope: Name,
    scope: OnceRef<'static, Name>,
    /// The first site of the same probe, mostly this one.
    probe: OnceRef<'static, Site>,
    next: OnceRef<'static, Site>,
    /// The key of this probe, or 0 before the site's first entry.
    key: AtomicU32,
    /// Entries that no scope claimed while one of this name was open. Kept at the site that owns the key.
    unattributed: AtomicU64,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}:{})", self.name, self.file, self.line)
    }
}

global!(first: OnceRef<'static, Site> = OnceRef::new());

impl Site {
    const_fn! {
        /// A site that no call has passed yet.
        ///
        /// Not public API. Used by generated code.
        #[must_use]
        pub const fn new(
            kind: Kind,
            scope: &'static str,
            name: &'static str,
            named: bool,
            file: &'static str,
            line: u32,
        ) -> Self {
            Site {
                kind,
                name,
                named,
                file,
                line,
                own_scope: Name::new(scope),
                scope: OnceRef::new(),
                probe: OnceRef::new(),
                next: OnceRef::new(),
                key: AtomicU32::new(0),
                unattributed: AtomicU64::new(0),
            }
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn file(&self) -> &'static str {
        self.file
    }

    pub(crate) fn line(&self) -> u32 {
        self.line
    }

    /// The probe's key and its scope's name; registers the site on its first entry.
    #[inline]
    pub(crate) fn registered(&'static self) -> (Key, &'static Name) {
        // Acquire pairs with the Release store below: who sees the key sees the name.
        match (self.key.load(Ordering::Acquire), self.scope.get()) {
            (key, Some(scope)) if key != 0 => (Key(key), scope),
            _ => self.register(),
        }
    }

    /// Appends the site to the list of all sites. Without a lock: threads that race here walk the same list,
    /// end at the same place and store the same key.
    #[cold]
    fn register(&'static self) -> (Key, &'static Name) {
        let scope = Name::find_or_append(&self.own_scope);
        let _ = self.scope.set(scope);
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
                let _ = self.probe.set(site);
            }
            if std::ptr::eq(site, self) {
                let key = Key::new(canonical.unwrap_or(place), self.kind);
                self.key.store(key.0, Ordering::Release);
                return (key, scope);
            }
            place += 1;
            end = &site.next;
        }
    }

    /// Two sites are one probe if they count the same thing under the same written name, or are the same
    /// place in the source (the arms of a function that returns a future).
    fn is_same_probe(&self, other: &Site, scope: &Name) -> bool {
        self.kind == other.kind
            && self.name == other.name
            && self.own_scope.text() == scope.text()
            && (std::ptr::eq(self, other)
                || (self.named && other.named)
                || (self.file == other.file && self.line == other.line))
    }

    fn all() -> impl Iterator<Item = &'static Site> {
        std::iter::successors(first().get(), |site| site.next.get())
    }

    /// The site that a key belongs to.
    pub(crate) fn of(key: Key) -> Option<&'static Site> {
        Site::all().nth(key.place() as usize - 1)
    }

    /// Every probe of a scope's name that was ever entered, with its key.
    pub(crate) fn probes_of(scope: &'static Name) -> impl Iterator<Item = (Key, &'static Site)> {
        Site::all().enumerate().filter_map(move |(i, site)| {
            let key = Key(site.key.load(Ordering::Acquire));
            let owns_key = key.0 != 0 && key.place() as usize == i + 1;
            (owns_key && site.scope.get().is_some_and(|name| name.is(scope))).then_some((key, site))
        })
    }

    pub(crate) fn unattributed(&self) -> u64 {
        self.unattributed.load(Ordering::Relaxed)
    }

    /// An entry that no scope claims, counted if a scope of this name is open that might have wanted it.
    pub(crate) fn count_unattributed(&'static self, scope: &Name) {
        if scope.is_live() {
            self.probe.get().unwrap_or(self).unattributed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What names a probe in a board: its place in the list of sites, and what it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(u32);

impl Key {
    fn new(place: u32, kind: Kind) -> Self {
        Key(place << 2 | kind as u32)
    }

    pub(crate) fn from_bits(bits: u32) -> Option<Self> {
        (bits != 0).then_some(Key(bits))
    }

    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    pub(crate) fn place(self) -> u32 {
        self.0 >> 2
    }

    pub(crate) fn kind(self) -> Kind {
        match self.0 & 3 {
            0 => Kind::Sync,
            1 => Kind::Async,
            _ => Kind::Polls,
        }
    }
}
