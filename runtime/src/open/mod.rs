//! What a user opens, and what is given to others.

pub(crate) mod batch;
pub(crate) mod builder;
pub(crate) mod handle;
#[cfg(feature = "report")]
pub(crate) mod live_file;
pub(crate) mod open_error;
pub(crate) mod phase;
#[cfg(feature = "report")]
pub(crate) mod report_file;
pub(crate) mod scope;
pub(crate) mod turn;
