//! How a verdict is found: holds, readings, and why an assertion fails.

pub(crate) mod assertions;
pub(crate) mod batch_reading;
pub(crate) mod causes;
pub(crate) mod check;
pub(crate) mod facts;
pub(crate) mod fault;
pub(crate) mod hold;
pub(crate) mod not_concurrent;
pub(crate) mod reading;
