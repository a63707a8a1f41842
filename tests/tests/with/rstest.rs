//! With rstest: a fixture opens the scope, and each case has one of its own.

use concurrency_probe::{Lane, Pass, Scope, concurrency_probe, must_run_parallel};
use rstest::{fixture, rstest};

#[concurrency_probe(scope = "rstest")]
#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, _slot: usize) {}

fn link_slots(pass: Pass<'_>, slots: usize) {
    pass.for_each(0..slots, link_slot);
}

/// A scope whose verdict no luck decides. Cases run beside one another, and each counts its own calls only.
#[fixture]
fn install(#[default(2)] at_once: usize) -> Scope {
    Scope::builder("rstest").hold("link_slot", at_once).open()
}

#[rstest]
#[case(2)]
#[case(100)]
fn slots_are_linked_in_parallel(mut install: Scope, #[case] slots: usize) {
    link_slots(install.pass("cold"), slots);
    let reading = install.reading("link_slot");
    reading.assert_concurrent(2);
    assert_eq!(reading.calls(), slots as u64);
}

/// The fixture with an argument.
#[rstest]
fn three_at_once(#[with(3)] mut install: Scope) {
    link_slots(install.pass("cold"), 9);
    install.reading("link_slot").assert_concurrent(3);
}

/// The bug: a pass for each slot.
#[rstest]
#[case::a_pass_of_one_slot(1)]
#[case::a_pass_for_each_slot(4)]
fn a_serialized_program_is_red(mut install: Scope, #[case] slots: usize) {
    for _ in 0..slots {
        link_slots(install.pass("cold"), 1);
    }
    let why = install.reading("link_slot").check_concurrent(2).expect_err("serialized");
    assert!(why.is_proven(), "{why}");
}
