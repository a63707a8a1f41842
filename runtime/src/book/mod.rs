//! What a scope records beside the counts of its gauges. Locks are allowed here, because the enter and exit of a probe use nothing of it.

pub(crate) mod batch;
pub(crate) mod cpu;
pub(crate) mod findings;
pub(crate) mod ledger;
#[cfg(feature = "report")]
pub(crate) mod live;
pub(crate) mod meter;
pub(crate) mod pass_record;
pub(crate) mod report;
pub(crate) mod timeline;
#[cfg(feature = "report")]
mod unique;
