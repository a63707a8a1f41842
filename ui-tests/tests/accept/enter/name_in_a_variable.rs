//! A literal.
pub fn main() {
    let name = "decode";
    let _probe = concurrency_probe::enter!("decode", scope = "install");
    assert_eq!(name, "decode");
}
