//! Ways into the books of scopes from what a program has already.

#[cfg(feature = "tracing")]
mod span_guards;
#[cfg(feature = "tracing")]
pub(crate) mod span_probes;
#[cfg(feature = "tracing")]
mod span_sites;
