//! The name behind the scope.
pub fn main() {
    let _probe = concurrency_probe::enter!(scope = "install", "decode");
}
