//! The `open` of the runtime: the turn to be process-wide.

#[path = "../../../src/open/turn.rs"]
#[allow(dead_code, reason = "a part of the runtime")]
pub(crate) mod turn;
