//! A string.
pub fn main() {
    let _probe = concurrency_probe::enter!("7", scope = "install");
}
