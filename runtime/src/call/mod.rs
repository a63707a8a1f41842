//! The code that a call runs: it finds the gauge that counts the call. Nothing here knows the type of a scope. It calls a [`host`].

pub(crate) mod board;
pub(crate) mod context;
pub(crate) mod entry;
pub(crate) mod future_entry;
pub(crate) mod gauge;
pub(crate) mod host;
pub(crate) mod inside;
pub(crate) mod key;
pub(crate) mod memo;
pub(crate) mod name;
pub(crate) mod origin;
pub(crate) mod recorder;
pub(crate) mod recording;
pub(crate) mod site;
pub(crate) mod task_load;
