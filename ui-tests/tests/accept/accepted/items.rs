//! A pass over a `Vec` by value, a slice, a range, a `HashMap` and a filtered parallel iterator.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use rayon::prelude::*;
use std::collections::HashMap;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let mut scope = Scope::open("install");
    let slots = vec![1, 2, 3];

    assert_eq!(scope.pass("slice").map(&slots, |lane, slot| link_slot(lane, *slot)), slots);
    assert_eq!(scope.pass("array").map([1, 2, 3], link_slot), slots);
    assert_eq!(scope.pass("range").map(1..4, link_slot), slots);
    let odd = slots.par_iter().filter(|slot| *slot % 2 == 1);
    assert_eq!(scope.pass("filtered").map(odd, |lane, slot| link_slot(lane, *slot)), [1, 3]);
    assert_eq!(scope.pass("vec").map(slots, link_slot), [1, 2, 3]);

    let by_name = HashMap::from([("a", 1), ("b", 2)]);
    let linked = scope.pass("map").map(&by_name, |lane, (name, slot)| (*name, link_slot(lane, *slot)));
    assert_eq!(linked.into_iter().collect::<HashMap<_, _>>(), by_name);
}
