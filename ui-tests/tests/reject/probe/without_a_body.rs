//! The probe on a declaration without a body.
use concurrency_probe::concurrency_probe;

trait Linker {
    #[concurrency_probe(scope = "install")]
    fn link_slot(&self, slot: u32) -> u32;
}

pub fn main() {
    let _: Option<&dyn Linker> = None;
}
