//! `enter!` without a scope.
pub fn main() {
    let _probe = concurrency_probe::enter!("decode");
}
