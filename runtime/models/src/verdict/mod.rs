//! The `verdict` of the runtime: its holds.

#[path = "../../../src/verdict/hold/mod.rs"]
#[allow(dead_code, reason = "a part of the runtime")]
pub(crate) mod hold;
