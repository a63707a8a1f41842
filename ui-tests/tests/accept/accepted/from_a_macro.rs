//! A marked function made by a `macro_rules!` macro.
use concurrency_probe::{Lane, Scope, must_run_parallel};

macro_rules! linker {
    ($($name:ident($slot:ident: $ty:ty) -> $result:ty $body:block)*) => {$(
        #[must_run_parallel]
        fn $name(_lane: Lane<'_>, $slot: $ty) -> $result $body
    )*};
}

linker! {
    link_slot(slot: u32) -> u32 { slot }
    copy_slot(slot: &u32) -> u32 { *slot + 10 }
}

pub fn main() {
    let mut scope = Scope::open("install");
    assert_eq!(scope.pass("link").map(0..3, link_slot), [0, 1, 2]);
    assert_eq!(scope.pass("copy").map(&[1, 2], copy_slot), [11, 12]);
}
