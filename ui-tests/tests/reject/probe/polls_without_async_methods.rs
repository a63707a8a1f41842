//! `polls` on an `impl` block without an async method.
use concurrency_probe::concurrency_probe;

struct Registry;

#[concurrency_probe(scope = "install", polls)]
impl Registry {
    fn fetch(&self, id: u32) -> u32 {
        id
    }
}

pub fn main() {
    let _ = Registry.fetch(7);
}
