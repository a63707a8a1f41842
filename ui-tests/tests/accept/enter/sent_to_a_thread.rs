//! Entered there.
pub fn main() {
    std::thread::spawn(move || {
        let probe = concurrency_probe::enter!("decode", scope = "install");
        drop(probe);
    });
}
