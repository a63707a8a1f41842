//! A closure that fixes the lifetime of its lane instead of taking any.
use concurrency_probe::{Lane, Scope};

fn keep<'lane>(scope: &mut Scope, f: impl Fn(Lane<'lane>, u32) + Send + Sync) {
    scope.pass("warm").for_each(0..3, f);
}

pub fn main() {
    keep(&mut Scope::open("install"), |_lane, slot| assert!(slot < 3));
}
