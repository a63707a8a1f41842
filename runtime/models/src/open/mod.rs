//! The runtime's `open`: the turn to be process-wide.

#[path = "../../../src/open/turn.rs"]
#[allow(dead_code, reason = "a part of the runtime")]
pub(crate) mod turn;
