//! How work runs in a scope: passes and their lanes, offloads, attached futures.

pub(crate) mod attach;
pub(crate) mod batch_span;
pub(crate) mod blocking;
pub(crate) mod books;
#[cfg(feature = "stream")]
pub(crate) mod drive;
#[cfg(feature = "stream")]
pub(crate) mod drive_in_place;
mod findings;
pub(crate) mod ground;
pub(crate) mod home;
#[cfg(feature = "stream")]
pub(crate) mod in_scope_stream;
pub(crate) mod job;
pub(crate) mod lane;
pub(crate) mod offload;
#[cfg(feature = "tokio")]
pub(crate) mod offload_blocking;
pub(crate) mod offload_site;
mod opened_scopes;
pub(crate) mod own_pool;
pub(crate) mod pass;
pub(crate) mod pass_run;
mod readings;
mod reports;
mod scope_batches;
pub(crate) mod scope_timeline;
pub(crate) mod state;
mod unattributed;
