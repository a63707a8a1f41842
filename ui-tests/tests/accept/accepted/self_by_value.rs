//! `self` by value, and a turbofish.
use concurrency_probe::{Lane, Scope, must_run_parallel};

struct Slot(u32);

impl Slot {
    #[must_run_parallel]
    fn link<T: From<u32>>(self, _lane: Lane<'_>) -> T {
        T::from(self.0)
    }
}

#[must_run_parallel]
fn parse<T: std::str::FromStr>(_lane: Lane<'_>, text: &str) -> Option<T> {
    text.parse().ok()
}

pub fn main() {
    let mut scope = Scope::open("install");
    let slots = vec![Slot(1), Slot(2)];
    assert_eq!(scope.pass("warm").map(slots, |lane, slot| slot.link::<u64>(lane)), [1, 2]);
    assert_eq!(scope.pass("parse").map(["1", "x"], parse::<u8>), [Some(1), None]);
}
