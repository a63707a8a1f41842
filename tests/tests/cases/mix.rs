//! Warm items in one parallel pass, and the cold ones in some way, one after another or not: a verdict is about every batch.

use crate::judge::{LIMIT, OUTSIDE, Right, judge, proven, red, undecided};
use concurrency_probe::{Lane, Scope, concurrency_probe, offload};
use futures::executor::block_on;
use futures::future::join_all;
use futures::stream;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use std::ops::Range;
use tokio::task::yield_now;

const WARM: Range<u32> = 0..312;
const COLD: Range<u32> = 312..1308;

#[concurrency_probe(scope = "mix")]
fn link(_slot: u32) {}

/// The calls of a range, from the halves of one lane, again and again.
fn tree(lane: Lane<'_>, slots: Range<u32>) {
    if slots.len() <= 4 {
        slots.for_each(link);
    } else {
        let middle = slots.start.midpoint(slots.end);
        lane.join(|lane| tree(lane, slots.start..middle), |lane| tree(lane, middle..slots.end));
    }
}

/// A way to link the cold ones.
struct Way {
    name: &'static str,
    link: fn(&mut Scope),
    right: Right,
}

const WAYS: [Way; 24] = [
    Way {
        name: "a pass per item",
        link: |install| COLD.for_each(|slot| install.pass("cold").for_each([slot], |_lane, slot| link(slot))),
        right: proven(&[
            "batch `cold`",
            "996 calls",
            "996 passes of 1 item each at tests/tests/cases/mix.rs:",
        ]),
    },
    Way {
        name: "one leaf",
        link: |install| {
            let cold = COLD.into_par_iter().with_min_len(996);
            install.pass("cold").for_each(cold, |_lane, slot| link(slot));
        },
        right: proven(&["batch `cold`", "996 calls"]),
    },
    Way {
        name: "a loop in one lane",
        link: |install| install.pass("cold").for_each([()], |_lane, ()| COLD.for_each(link)),
        right: proven(&["batch `cold`", "996 calls"]),
    },
    Way {
        name: "stages of one lane",
        link: |install| {
            install.pass("cold").for_each([()], |lane, ()| {
                let _ = COLD.fold(lane, |lane, slot| lane.stage(|_lane| link(slot)).1);
            });
        },
        right: proven(&["batch `cold`", "996 calls"]),
    },
    Way {
        name: "offloads awaited in a loop",
        link: |install| {
            block_on(install.attach(async {
                for slot in COLD {
                    offload(move |_lane| link(slot)).await;
                }
            }));
        },
        right: undecided(&["batch `offload`", "996 calls", "tests/tests/cases/mix.rs:"]),
    },
    Way {
        name: "offloads awaited in a loop, in a batch",
        link: |install| {
            block_on(install.batch("cold").attach(async {
                for slot in COLD {
                    offload(move |_lane| link(slot)).await;
                }
            }));
        },
        right: undecided(&["batch `cold`", "996 calls"]),
    },
    Way {
        name: "inline in one join_all",
        link: |install| {
            block_on(install.attach(join_all(COLD.map(|slot| async move {
                yield_now().await; // the download
                link(slot);
            }))));
        },
        right: proven(&[OUTSIDE, "996 calls"]),
    },
    Way {
        name: "inline in one join_all, in a batch",
        link: |install| {
            block_on(install.batch("cold").attach(join_all(COLD.map(|slot| async move {
                yield_now().await;
                link(slot);
            }))));
        },
        right: proven(&["batch `cold`", "996 calls"]),
    },
    Way {
        name: "inline in one join_all, under run",
        link: |install| {
            install.run(|| {
                block_on(join_all(COLD.map(|slot| async move {
                    yield_now().await;
                    link(slot);
                })));
            });
        },
        right: proven(&[OUTSIDE, "996 calls"]),
    },
    Way {
        name: "a loop under run",
        link: |install| install.run(|| COLD.for_each(link)),
        right: proven(&[OUTSIDE, "996 calls"]),
    },
    Way {
        name: "a loop under run, in a batch",
        link: |install| install.batch("cold").run(|| COLD.for_each(link)),
        right: proven(&["batch `cold`", "996 calls"]),
    },
    Way {
        name: "a loop under in_scope",
        link: |install| install.in_scope(|| COLD.for_each(link)),
        right: proven(&[OUTSIDE, "996 calls"]),
    },
    Way {
        name: "blocking tasks awaited in a loop",
        link: |install| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let handle = install.handle();
            runtime.block_on(async {
                for slot in COLD {
                    let handle = handle.clone();
                    let link = move || handle.in_scope(|| link(slot));
                    tokio::task::spawn_blocking(link).await.unwrap();
                }
            });
        },
        right: red(&[OUTSIDE, "996 calls"]),
    },
    Way {
        name: "one pass",
        link: |install| install.pass("cold").for_each(COLD, |_lane, slot| link(slot)),
        right: Right::Green,
    },
    Way {
        name: "one pass in the scope of its own future",
        link: |install| {
            let handle = install.handle();
            block_on(handle.attach(async {
                yield_now().await;
                install.pass("cold").for_each(COLD, |_lane, slot| link(slot));
            }));
        },
        right: Right::Green,
    },
    Way {
        name: "passes of 32, the last one smaller",
        link: |install| {
            let cold: Vec<u32> = COLD.collect();
            for chunk in cold.chunks(32) {
                install.pass("cold").for_each(chunk, |_lane, slot| link(*slot));
            }
        },
        right: Right::Green,
    },
    Way {
        name: "the halves of one lane",
        link: |install| install.pass("cold").for_each([COLD], tree),
        right: Right::Green,
    },
    Way {
        name: "drive",
        link: |install| {
            let cold = stream::iter(COLD.map(Ok::<u32, ()>));
            let linked = install.pass("cold").drive(cold, |_lane, slot| {
                link(slot);
                Ok(())
            });
            block_on(linked).unwrap();
        },
        right: Right::Green,
    },
    Way {
        name: "drive_in_place, in chunks of 32",
        link: |install| {
            let cold = stream::iter(COLD.map(Ok::<u32, ()>));
            let linked = install.pass("cold").chunk(32).drive_in_place(cold, |_lane, slot| {
                link(*slot);
                Ok(())
            });
            block_on(linked).unwrap();
        },
        right: Right::Green,
    },
    Way {
        name: "offloads in one join_all",
        link: |install| {
            let links = COLD.map(|slot| offload(move |_lane| link(slot)));
            block_on(install.attach(join_all(links)));
        },
        right: Right::Green,
    },
    Way {
        name: "one offload of all",
        link: |install| {
            let links = offload(|_lane| COLD.into_par_iter().for_each(link));
            block_on(install.attach(links));
        },
        right: Right::Green,
    },
    Way {
        name: "par_iter under run",
        link: |install| install.run(|| COLD.into_par_iter().for_each(link)),
        right: Right::Green,
    },
    Way {
        name: "par_iter under run, in a batch",
        link: |install| install.batch("cold").run(|| COLD.into_par_iter().for_each(link)),
        right: Right::Green,
    },
    Way {
        name: "par_iter after the join, under run",
        link: |install| {
            install.run(|| {
                block_on(async {
                    join_all(COLD.map(|_slot| yield_now())).await;
                    COLD.into_par_iter().for_each(link);
                });
            });
        },
        right: Right::Green,
    },
];

fn install(way: &Way, warm_first: bool) {
    let mut install = Scope::builder("mix").threads(4).hold("link", 2).hold_limit(LIMIT).quiet().open();
    let warm = |install: &mut Scope| install.pass("warm").for_each(WARM, |_lane, slot| link(slot));
    if warm_first {
        warm(&mut install);
    }
    (way.link)(&mut install);
    if !warm_first {
        warm(&mut install);
    }
    let reading = install.reading("link");
    assert_eq!((reading.calls(), reading.unattributed()), (1308, 0), "{}", way.name);
    let order = if warm_first { "after the warm ones" } else { "before the warm ones" };
    judge(&format!("{}, {order}", way.name), reading.check_concurrent(2), way.right);
}

#[test]
fn cold_ones_after_warm_ones_are_judged_by_themselves() {
    for way in &WAYS {
        (0..way.right.rounds()).for_each(|_| install(way, true));
    }
}

#[test]
fn cold_ones_before_warm_ones_are_judged_by_themselves() {
    for way in &WAYS {
        (0..way.right.rounds()).for_each(|_| install(way, false));
    }
}

/// A function that is called in parallel inside of each item says nothing about the items: it is the one that is called per item
/// that tells.
#[test]
fn callers_are_red_where_only_what_they_call_overlaps() {
    #[concurrency_probe(scope = "inner probe")]
    fn import_file(_file: u32) {}
    #[concurrency_probe(scope = "inner probe")]
    fn link_package() {
        (0..8).into_par_iter().with_max_len(1).for_each(import_file);
    }
    /// A program, and whether its packages overlap.
    type Program = (&'static str, bool, fn(&mut Scope));
    let programs: [Program; 2] = [
        ("one after another", false, |install| {
            let packages = (0..20).map(|_| async {
                yield_now().await;
                link_package();
            });
            install.run(|| block_on(join_all(packages)));
        }),
        ("in a pass", true, |install| install.pass("cold").for_each(0..20, |_lane, _package| link_package())),
    ];
    for (name, overlap, program) in programs {
        let holds = Scope::builder("inner probe").threads(4).hold("import_file", 2).hold("link_package", 2);
        let mut install = holds.hold_limit(LIMIT).open();
        program(&mut install);
        assert_eq!(install.reading("import_file").calls(), 160);
        judge(name, install.reading("import_file").check_concurrent(2), Right::Green);
        let right = if overlap { Right::Green } else { red(&[OUTSIDE, "20 calls"]) };
        judge(name, install.reading("link_package").check_concurrent(2), right);
    }
}

/// Of passes of one batch, each is judged; but not one that did not run all of its items.
#[test]
fn each_pass_of_a_batch_is_judged_if_it_ran_to_its_end() {
    #[concurrency_probe(scope = "passes of a batch")]
    fn link() {}
    type Pass = fn(u32) -> Result<(), ()>;
    let programs: [(&str, Pass, Right); 2] = [
        ("one leaf", |_slot| Ok(()), proven(&["in 1 pass", "33 calls", "though others met"])),
        ("one leaf that fails", |slot| if slot < 20 { Ok(()) } else { Err(()) }, Right::Green),
    ];
    for (name, end, right) in programs {
        let mut install = Scope::builder("passes of a batch").threads(2).hold("link", 2).open();
        for min_len in [1, 33] {
            let slots = (0..33).into_par_iter().with_min_len(min_len);
            let _ = install.pass("cold").try_for_each(slots, |_lane, slot| {
                link();
                if min_len == 1 { Ok(()) } else { end(slot) }
            });
        }
        judge(name, install.reading("link").check_concurrent(2), right);
    }
}
