//! One that takes any.
use concurrency_probe::{Lane, Scope};

fn keep(scope: &mut Scope, f: impl for<'lane> Fn(Lane<'lane>, u32) + Send + Sync) {
    scope.pass("warm").for_each(0..3, f);
}

pub fn main() {
    keep(&mut Scope::open("install"), |_lane, slot| assert!(slot < 3));
}
