//! `enter!` without arguments.
pub fn main() {
    let _probe = concurrency_probe::enter!();
}
