//! On a default method.
use concurrency_probe::concurrency_probe;

trait Linker {
    #[concurrency_probe(scope = "install")]
    fn link_slot(&self, slot: u32) -> u32 {
        slot
    }
}

pub fn main() {
    let _: Option<&dyn Linker> = None;
}
