//! With the feature `off` every probe is nothing, and an assertion on one is red.

use concurrency_probe::{Lane, Scope, concurrency_probe, enter, must_run_parallel};

#[concurrency_probe(scope = "off")]
#[must_run_parallel]
fn link(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

/// A compiler evaluates its calls only if nothing was added to it: with a probe this does not compile.
#[concurrency_probe(scope = "off")]
const fn plain() -> u32 {
    1
}

struct Store;

#[concurrency_probe(scope = "off")]
impl Store {
    fn get() -> u32 {
        let _probe = enter!("block", scope = "off");
        const { plain() }
    }

    #[concurrency_probe(skip)]
    const fn len() -> u32 {
        const { plain() }
    }
}

#[test]
fn nothing_is_counted_and_no_assertion_passes() {
    let mut scope = Scope::builder("off").threads(2).open();
    let linked = scope.pass("cold").map(vec![1, 2, 3], link);
    assert_eq!((linked, scope.run(Store::get), Store::len()), (vec![1, 2, 3], 1, 1));
    for name in ["link", "Store::get", "block"] {
        let reading = scope.reading(name);
        assert_eq!(reading.calls(), 0, "{name}");
        let red = [reading.check_concurrent(2), reading.check_in_flight(1), reading.check_at_most(8)];
        for verdict in red {
            let why = verdict.unwrap_err().to_string();
            assert!(why.contains("built with its feature `off`"), "{why}");
        }
    }
}

/// What is held waits for nobody: no entry comes.
#[test]
fn a_hold_ends_and_its_assertion_is_red() {
    let mut scope = Scope::builder("off").hold("link", 2).open();
    scope.pass("cold").for_each(vec![1, 2, 3], |lane, slot| _ = link(lane, slot));
    assert!(scope.reading("link").check_concurrent(2).is_err());
}
