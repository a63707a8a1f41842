//! A probe is one place in the program: two that have one name by chance are never silently one.

#![allow(clippy::unused_async, reason = "the probed functions have nothing to wait for")]

use crate::judge::assert_says;
use concurrency_probe::{Scope, concurrency_probe};
use futures::executor::block_on;
use std::panic::catch_unwind;

mod first {
    use concurrency_probe::concurrency_probe;
    pub(super) const PUT: u32 = line!() + 2;
    #[concurrency_probe(scope = "one place")]
    pub(super) fn put() {}

    #[concurrency_probe(scope = "one place", name = "io")]
    pub(super) fn read() {}

    #[concurrency_probe(scope = "one place", name = "poll", polls)]
    pub(super) async fn poll() {}

    #[concurrency_probe(scope = "one place", name = "written")]
    pub(super) fn written() {}
}

mod second {
    use concurrency_probe::concurrency_probe;
    pub(super) const PUT: u32 = line!() + 2;
    #[concurrency_probe(scope = "one place")]
    pub(super) fn put() {}

    #[concurrency_probe(scope = "one place", name = "io")]
    pub(super) async fn read() {}

    #[concurrency_probe(scope = "one place", name = "poll")]
    pub(super) async fn poll() {}

    #[concurrency_probe(scope = "one place", name = "written")]
    pub(super) fn written() {}
}

/// Makes one function; used twice.
macro_rules! makes_one {
    ($module:ident) => {
        mod $module {
            #[concurrency_probe::concurrency_probe(scope = "one place")]
            pub(super) fn once() {}
        }
    };
}
makes_one!(third);
makes_one!(fourth);

/// Makes two functions on one line.
macro_rules! makes_two {
    ($name:ident: $($module:ident),+) => {
        $(mod $module {
            #[concurrency_probe::concurrency_probe(scope = "one place")]
            pub(super) fn $name() {}
        })+
    };
}
makes_two!(twice: fifth, sixth);

struct Store;
struct Cache;

impl Store {
    const OPEN: u32 = line!() + 2;
    #[concurrency_probe(scope = "one place")]
    fn open() {}
}

impl Cache {
    const OPEN: u32 = line!() + 2;
    #[concurrency_probe(scope = "one place")]
    fn open() {}
}

#[concurrency_probe(scope = "one place")]
impl Store {
    fn put() {}
}

#[concurrency_probe(scope = "one place")]
impl Cache {
    fn put() {}
}

/// What a reading of this name says when it is refused.
fn refused(scope: &Scope, probe: &str) -> String {
    let panic = catch_unwind(|| scope.reading(probe)).expect_err(probe);
    *panic.downcast::<String>().unwrap()
}

#[test]
fn two_probes_of_one_name_are_refused_and_named_by_their_places() {
    let scope = Scope::open("one place");
    let [put, other_put, open, other_open] =
        [first::PUT, second::PUT, Store::OPEN, Cache::OPEN].map(|line| format!("cases/probes.rs:{line}"));
    type Pair<'a> = (&'a str, [fn(); 2], &'a [&'a str]);
    let pairs: [Pair<'_>; 4] = [
        ("put", [first::put, second::put], &[&put, &other_put]),
        ("open", [Store::open, Cache::open], &[&open, &other_open]),
        ("once", [third::once, fourth::once], &[]),
        ("twice", [fifth::twice, sixth::twice], &[]),
    ];
    for (name, [one, other], places) in pairs {
        scope.in_scope(one);
        assert_eq!(scope.reading(name).calls(), 1, "{name}");
        scope.in_scope(other);
        let message = refused(&scope, name);
        assert_says(name, &message, &[&format!("`{name}`"), "2 different probes", "name = "]);
        assert_says(name, &message, places);
        // The report has both of them.
        let probes = scope.report().probes;
        let calls: Vec<u64> =
            probes.iter().filter(|probe| probe.name == name).map(|probe| probe.calls).collect();
        assert_eq!(calls, [1, 1], "{name}");
    }
}

/// The attribute sees the type where it stands on the `impl`.
#[test]
fn methods_of_a_probed_impl_have_the_name_of_their_type() {
    let scope = Scope::open("one place");
    scope.in_scope(|| {
        Store::put();
        Cache::put();
        Cache::put();
    });
    assert_eq!([scope.reading("Store::put").calls(), scope.reading("Cache::put").calls()], [1, 2]);
}

/// A name that was written by hand is meant; but not for a function and a future.
#[test]
fn a_written_name_of_two_kinds_is_refused_by_the_kinds() {
    let scope = Scope::open("one place");
    scope.in_scope(|| {
        first::written();
        second::written();
        first::read();
    });
    assert_eq!(scope.reading("written").calls(), 2);
    assert_eq!(scope.reading("io").calls(), 1);
    block_on(scope.attach(second::read()));
    let message = refused(&scope, "io");
    assert_says("io", &message, &["`io`", "async", "cases/probes.rs:"]);
    assert!(!message.contains("both the same"), "they have it: {message}");

    block_on(scope.attach(async {
        first::poll().await;
        second::poll().await;
    }));
    assert_says("poll", &refused(&scope, "poll"), &["`poll`", "`polls`", "cases/probes.rs:"]);
}
