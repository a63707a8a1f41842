//! `Unattributed`: calls that no scope counted, of the probes of one scope, from its opening until it closed.

use crate::call::key::Key;
use crate::call::name::Name;
use crate::call::origin::Origin;
use crate::call::site::Site;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Counts by the key of the probe and by origin. Probes without such calls are left out.
type Counts = BTreeMap<u32, [u64; Origin::COUNT]>;

pub(super) struct Unattributed {
    before: Counts,
    /// The counts when the scope closed. Later calls do not matter to it.
    at_close: OnceLock<Box<Counts>>,
}

impl Unattributed {
    /// A scope of this name is opened.
    pub(super) fn since_now(name: &'static Name) -> Self {
        Unattributed { before: so_far(name), at_close: OnceLock::new() }
    }

    /// The scope closes.
    pub(super) fn close(&self, name: &'static Name) {
        let _ = self.at_close.set(Box::new(so_far(name)));
    }

    /// The unattributed calls of a probe.
    pub(super) fn of(&self, key: Key, site: &Site) -> [u64; Origin::COUNT] {
        let at = |counts: &Counts| counts.get(&key.bits()).copied().unwrap_or_default();
        let mut counts = self.at_close.get().map_or_else(|| site.unattributed(), |counts| at(counts));
        counts.iter_mut().zip(at(&self.before)).for_each(|(count, before)| *count -= before);
        counts
    }
}

/// The unattributed calls of each probe of a name since the process began.
fn so_far(name: &'static Name) -> Counts {
    Site::probes_of(name)
        .map(|(key, site)| (key.bits(), site.unattributed()))
        .filter(|(_, counts)| counts.iter().any(|count| *count > 0))
        .collect()
}
