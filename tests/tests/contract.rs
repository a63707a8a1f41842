//! The names and signatures that outside code relies on: that `contract/names.rs` compiles is the test.
#![allow(
    clippy::doc_markdown,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "kept as it was agreed on"
)]

#[path = "../contract/names.rs"]
mod names;
