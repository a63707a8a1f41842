//! In front of it.
pub fn main() {
    let _probe = concurrency_probe::enter!("decode", scope = "install");
}
