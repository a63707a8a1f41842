//! `Call`: a call of a probe that may be held.

use crate::call::gauge::Gauge;
use crate::call::host::Visit;
use rayon::ThreadPool;
use std::sync::Arc;

/// A call of a probe that may be held.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) probe: &'a str,
    pub(crate) gauge: &'static Gauge,
    pub(crate) visit: Visit,
    /// Whether rayon may run it in a leaf of its division, with other calls of the leaf after it.
    pub(crate) may_be_a_leaf: bool,
    /// The piece of parallel work that it is in, or 0.
    pub(crate) piece: u64,
    /// Whether another piece waits below it on the stack of its thread, and may call when this one goes on.
    pub(crate) is_on_top: bool,
    /// The scope's own pool.
    pub(crate) pool: Option<&'a Arc<ThreadPool>>,
}
