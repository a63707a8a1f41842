//! Both attributes on one function, in either order.
use concurrency_probe::{Lane, Scope, concurrency_probe, must_run_parallel};

#[concurrency_probe(scope = "both-attributes")]
#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

#[must_run_parallel]
#[concurrency_probe(scope = "both-attributes")]
fn copy_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

struct Linker;

#[concurrency_probe(scope = "both-attributes")]
impl Linker {
    #[must_run_parallel]
    fn link_slot(&self, _lane: Lane<'_>, slot: u32) -> u32 {
        slot
    }
}

pub fn main() {
    let mut scope = Scope::open("both-attributes");
    assert_eq!(scope.pass("link").map(0..3, link_slot), [0, 1, 2]);
    assert_eq!(scope.pass("copy").map(0..4, copy_slot), [0, 1, 2, 3]);
    assert_eq!(scope.pass("method").map(0..5, |lane, slot| Linker.link_slot(lane, slot)).len(), 5);
    let calls = ["link_slot", "copy_slot", "Linker::link_slot"].map(|probe| scope.reading(probe).calls());
    assert_eq!(calls, [3, 4, 5]);
}
