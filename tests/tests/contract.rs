//! The names and signatures that outside code relies on: that the files of `contract/` compile is the test.
#![allow(
    clippy::doc_markdown,
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    clippy::unused_self,
    reason = "kept as it was agreed on"
)]

#[path = "../contract/contract_2.rs"]
mod contract_2;
#[path = "../contract/names.rs"]
mod names;
