//! With one.
use concurrency_probe::concurrency_probe;

struct Registry;

#[concurrency_probe(scope = "install", polls)]
impl Registry {
    async fn fetch(&self, id: u32) -> u32 {
        id
    }
}

pub fn main() {
    let _ = Registry.fetch(7);
}
