//! A generic wrapper with a higher-ranked bound, and the same as `impl Trait`, boxed and borrowed.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use std::fmt::Debug;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn logged<T: Debug, R: Debug + Send>(
    scope: &mut Scope,
    items: Vec<T>,
    work: impl for<'lane> Fn(Lane<'lane>, T) -> R + Send + Sync,
) -> Vec<R>
where
    T: Send,
{
    scope.pass("logged").map(items, |lane, item| work(lane, item))
}

fn retried<F, R>(lane: Lane<'_>, work: F) -> R
where
    F: for<'lane> FnOnce(Lane<'lane>) -> R,
{
    work(lane)
}

pub fn main() {
    let mut scope = Scope::open("install");
    assert_eq!(logged(&mut scope, vec![1, 2], link_slot), [1, 2]);
    assert_eq!(logged(&mut scope, vec![1, 2], |lane, slot| link_slot(lane, slot + 1)), [2, 3]);
    assert_eq!(logged(&mut scope, vec![1], |lane, slot| retried(lane, |lane| link_slot(lane, slot))), [1]);

    let boxed: Box<dyn Fn(Lane<'_>, u32) -> u32 + Send + Sync> = Box::new(link_slot);
    assert_eq!(scope.pass("boxed").map([1, 2], &boxed), [1, 2]);
    let borrowed: &(dyn Fn(Lane<'_>, u32) -> u32 + Sync) = &link_slot;
    assert_eq!(scope.pass("borrowed").map([1, 2], borrowed), [1, 2]);
}
