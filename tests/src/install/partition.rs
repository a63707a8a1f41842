//! `Partition`: which packages are warm.

use super::plan::Plan;
use super::site::LinkSite;
use super::slot_job::SlotJob;
use crate::store::StoreError;
use std::sync::Arc;

/// Warm and cold packages.
///
/// What decides is the index of the store at one moment. That of pnpm's own benchmark was always empty by then, or full, and
/// so the mixed case, which the bug was in, never ran.
#[derive(Debug)]
pub(super) struct Partition {
    /// The index has them: they can be linked immediately.
    pub(super) warm: Vec<SlotJob>,
    /// The others, without their files: they are being downloaded, or are to be.
    pub(super) cold: Vec<SlotJob>,
}

impl Partition {
    /// Parts the slots that are not there yet.
    pub(super) fn new(plan: &Plan, there: &[bool], site: &Arc<LinkSite>) -> Result<Self, StoreError> {
        let missing = || plan.slots.iter().zip(there).filter(|(_, there)| !**there).map(|(slot, _)| slot);
        let mut index = site.store.index().reader()?;
        let known = index.snapshot(missing().map(|slot| (&slot.package, slot.integrity.as_str())))?;
        let mut partition = Partition { warm: Vec::new(), cold: Vec::new() };
        for slot in missing() {
            let (batch, files) = match known.get(&slot.package) {
                Some(files) => (&mut partition.warm, Arc::clone(files)),
                None => (&mut partition.cold, Arc::default()),
            };
            batch.push(SlotJob { slot: Arc::clone(slot), files, site: Arc::clone(site) });
        }
        Ok(partition)
    }
}
