//! One that is bound to a name.
#![deny(unused_must_use)]

pub fn main() {
    let _probe = concurrency_probe::enter!("decode", scope = "install");
}
