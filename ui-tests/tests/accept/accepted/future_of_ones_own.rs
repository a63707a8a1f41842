//! Types of one's own that are called `Future`, `Stream` and `BoxFuture` are none: a probe counts the calls that make them,
//! and a marked function may return them.
use concurrency_probe::{Lane, Scope, concurrency_probe, must_run_parallel};

struct Future<T>(T);
struct Stream(u32);
struct BoxFuture;

mod market {
    pub(super) struct Future<'a>(pub(super) &'a str);
}

#[concurrency_probe(scope = "install")]
fn future(slot: u32) -> Future<u32> {
    Future(slot)
}

#[concurrency_probe(scope = "install")]
fn bought(slot: &str) -> Result<market::Future<'_>, Stream> {
    if slot.is_empty() { Err(Stream(0)) } else { Ok(market::Future(slot)) }
}

#[concurrency_probe(scope = "install")]
fn boxed(_slot: u32) -> Option<BoxFuture> {
    Some(BoxFuture)
}

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Future<Stream> {
    Future(Stream(slot))
}

pub fn main() {
    let mut scope = Scope::open("install");
    let slot = scope.run(|| {
        assert!(boxed(1).is_some());
        bought("2").map_or(0, |future| future.0.len()) + usize::try_from(future(3).0).unwrap()
    });
    assert_eq!(slot, 4);
    for probe in ["future", "bought", "boxed"] {
        assert_eq!(scope.reading(probe).calls(), 1, "{probe}");
    }
    assert_eq!(scope.pass("warm").map([5], link_slot)[0].0.0, 5);
}
