//! `_: Lane<'_>`, a full path to `Lane`, a named lifetime, a lane that is not the first parameter.
use concurrency_probe::{Scope, must_run_parallel};

mod prelude {
    pub(super) use concurrency_probe::Lane;
}

#[must_run_parallel]
fn unnamed(_: prelude::Lane<'_>, slot: u32) -> u32 {
    slot
}

#[must_run_parallel]
fn full_path(_lane: ::concurrency_probe::Lane<'_>, slot: u32) -> u32 {
    slot
}

#[must_run_parallel]
fn named_lifetime<'lane, 'slot>(_lane: prelude::Lane<'lane>, slot: &'slot u32) -> &'slot u32
where
    'slot: 'lane,
{
    slot
}

#[must_run_parallel]
fn last(slot: u32, mut _lane: prelude::Lane<'_>) -> u32 {
    slot
}

#[must_run_parallel(crate = ::concurrency_probe)]
fn crate_path(_lane: prelude::Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let mut scope = Scope::open("install");
    assert_eq!(scope.pass("a").map([1, 2], unnamed), [1, 2]);
    assert_eq!(scope.pass("b").map([1, 2], full_path), [1, 2]);
    assert_eq!(scope.pass("c").map(&[1, 2], |lane, slot| *named_lifetime(lane, slot)), [1, 2]);
    assert_eq!(scope.pass("d").map([1, 2], |lane, slot| last(slot, lane)), [1, 2]);
    assert_eq!(scope.pass("e").map([1, 2], crate_path), [1, 2]);
}
