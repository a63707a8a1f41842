//! What a user opens, and what is given to others.

pub(crate) mod batch;
pub(crate) mod builder;
#[cfg(feature = "metrics")]
pub(crate) mod gauges;
pub(crate) mod handle;
#[cfg(feature = "report")]
pub(crate) mod live_file;
pub(crate) mod open_error;
#[cfg(any(feature = "metrics", feature = "report"))]
pub(crate) mod open_scopes;
pub(crate) mod phase;
#[cfg(feature = "report")]
pub(crate) mod report_file;
pub(crate) mod scope;
pub(crate) mod turn;
