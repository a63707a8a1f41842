//! A name that is known only at run time.
pub fn main() {
    let name = "decode";
    let _probe = concurrency_probe::enter!(name, scope = "install");
    assert_eq!(name, "decode");
}
