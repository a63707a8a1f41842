//! A guard that is dropped at once and counts nothing.
#![deny(unused_must_use)]

pub fn main() {
    concurrency_probe::enter!("decode", scope = "install");
}
