//! A guard sent to another thread.
pub fn main() {
    let probe = concurrency_probe::enter!("decode", scope = "install");
    std::thread::spawn(move || {
        drop(probe);
    });
}
