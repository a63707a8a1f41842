//! The bug itself, and the verdict on it under `hold`: certain both ways.

#![allow(clippy::unnecessary_wraps, reason = "a link can fail")]

use concurrency_probe::testing::with_lane;
use concurrency_probe::{Lane, Pass, Reading, Scope, concurrency_probe, must_run_parallel};
use futures::future::try_join_all;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator};
use std::sync::Mutex;
use std::time::Duration;
use testbed::load::Load;

#[concurrency_probe(scope = "install")]
#[must_run_parallel]
fn link_slot(lane: Lane<'_>, _slot: u32) -> Result<(), String> {
    // Parallel in itself, like the link in the issue.
    lane.join(|_lane| (), |_lane| ());
    Ok(())
}

fn link_slots_parallel(pass: Pass<'_>, slots: u32) -> Result<(), String> {
    pass.try_for_each(0..slots, link_slot)
}

/// What `assert_concurrent(2)` says, or `None` if it holds.
fn why_not(reading: &Reading) -> Option<String> {
    reading.check_concurrent(2).err().map(|why| why.to_string())
}

/// Each future links its own slot, with a call that blocks.
async fn install_the_buggy_way(slots: u32) -> Result<(), String> {
    let links = (0..slots).map(|slot| async move {
        futures::future::ready(()).await; // the download
        with_lane(|lane| link_slot(lane, slot))
    });
    try_join_all(links).await.map(drop)
}

#[test]
fn the_bug_reads_one_and_the_message_names_the_cause() {
    let install = Scope::open("install");
    futures::executor::block_on(install.attach(install_the_buggy_way(996))).unwrap();
    let reading = install.reading("link_slot");
    assert_eq!((reading.calls(), reading.max_concurrent()), (996, Some(1)));
    let message = why_not(&reading).expect("red");
    for part in [
        "`link_slot` never ran on 2 threads at once in scope `install` (opened at tests/tests/verdict.rs:",
        "996 calls, max_concurrent 1",
        "join_all",
        "run them through one pass",
    ] {
        assert!(message.contains(part), "{part:?} is missing in:\n{message}");
    }
}

#[test]
fn the_bug_under_hold_is_red_as_a_fact() {
    let install = Scope::builder("install").hold("link_slot", 2).open();
    futures::executor::block_on(install.attach(install_the_buggy_way(64))).unwrap();
    let why = install.reading("link_slot").check_concurrent(2).expect_err("red");
    assert!(why.is_proven() && why.to_string().contains("nothing could run beside it"), "{why}");
}

#[test]
fn a_pass_per_future_is_named_by_its_place() {
    let mut install = Scope::builder("install").hold("link_slot", 2).open();
    for _ in 0..20 {
        link_slots_parallel(install.pass("cold"), 1).unwrap();
    }
    let message = why_not(&install.reading("link_slot")).expect("red");
    let cause = "20 passes of 1 item each at tests/tests/verdict.rs:";
    assert!(message.contains(cause), "{message}");
}

#[test]
fn one_pass_under_hold_is_green() {
    let mut install = Scope::builder("install").hold("link_slot", 2).open();
    link_slots_parallel(install.pass("cold"), 996).unwrap();
    install.reading("link_slot").assert_concurrent(2);
    assert_eq!(install.reading("link_slot").calls(), 996);
}

/// The one warm package does not use up the hold that the cold ones are judged by.
#[test]
fn a_pass_of_one_item_before_a_pass_of_many_is_green() {
    let mut install = Scope::builder("install").hold("link_slot", 2).open();
    link_slots_parallel(install.pass("warm"), 1).unwrap();
    link_slots_parallel(install.pass("cold"), 996).unwrap();
    install.reading("link_slot").assert_concurrent(2);

    // Two that meet only if the first of them waits: the second comes when the first has entered, which without a hold has left
    // by then. Again and again, as it may be slow to leave.
    #[concurrency_probe(scope = "install")]
    fn link_file() {}
    for round in 0..100 {
        let mut install = Scope::builder("install").threads(2).hold("link_file", 2).open();
        install.pass("warm").for_each([()], |_lane, ()| link_file());
        let handle = install.handle();
        install.pass("cold").for_each([true, false], |_lane, is_first| {
            while !is_first && handle.reading("link_file").calls() < 2 {
                std::thread::yield_now();
            }
            link_file();
        });
        assert_eq!(install.reading("link_file").max_concurrent(), Some(2), "round {round}");
    }
}

#[test]
fn rights_that_are_used_one_after_another_are_green_as_well() {
    let mut install = Scope::builder("install").hold("link_slot", 2).open();
    let [warm, cold] = install.passes(["warm", "cold"]);
    link_slots_parallel(warm, 1).unwrap();
    link_slots_parallel(cold, 996).unwrap();
    install.reading("link_slot").assert_concurrent(2);
}

/// Each pass has one item, and they meet: passes of one label and place are one batch.
#[test]
fn passes_on_two_threads_overlap() {
    for round in 0..50 {
        let mut install = Scope::builder("install").hold("link_slot", 2).open();
        let passes = install.passes(["cold", "cold"]);
        std::thread::scope(|threads| {
            for pass in passes {
                threads.spawn(|| link_slots_parallel(pass, 1).unwrap());
            }
        });
        assert_eq!(install.reading("link_slot").max_concurrent(), Some(2), "round {round}");
        install.reading("link_slot").assert_concurrent(2);
    }
}

#[test]
fn polls_that_overlap_are_held_until_they_do() {
    #[concurrency_probe(scope = "held polls", polls)]
    async fn fetch() {
        tokio::task::yield_now().await;
    }
    for round in 0..50 {
        let scope = Scope::builder("held polls").hold("fetch", 2).open();
        std::thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| futures::executor::block_on(scope.attach(fetch())));
            }
        });
        assert_eq!(scope.reading("fetch").max_concurrent(), Some(2), "round {round}");
    }
}

#[test]
fn several_holds_and_more_threads_than_cores_meet() {
    #[concurrency_probe(scope = "several")]
    fn first() {}
    #[concurrency_probe(scope = "several")]
    fn second() {}
    for _ in 0..20 {
        let mut scope = Scope::builder("several").hold("first", 3).hold("second", 7).open();
        scope.pass("both").for_each(0..100, |_lane, _n| {
            first();
            second();
        });
        scope.reading("first").assert_concurrent(3);
        scope.reading("second").assert_concurrent(7);
    }
}

/// For programs whose end cannot be known: in free time, so that a right one is not judged wrongly.
const LIMIT: Duration = Duration::from_millis(200);

/// A program that runs in a scope.
type Program = fn(&mut Scope);

/// Programs that cannot overlap, each of which must end, red, with what is known of the cause.
#[test]
fn serialized_passes_end_and_are_red() {
    // No rayon inside: a worker that waits in a `join` may take up another item, and that one would ask for a lock which
    // this very thread holds. Such a program is a deadlock, held or not.
    #[concurrency_probe(scope = "install")]
    fn link_file() {}
    let serialized: [(&str, &str, Program, &str); 6] = [
        (
            "one leaf",
            "link_slot",
            |install| {
                let slots = (0..64_u32).into_par_iter().with_min_len(64);
                install.pass("cold").for_each(slots, |lane, slot| link_slot(lane, slot).unwrap());
            },
            "every other worker was idle",
        ),
        (
            "one item",
            "link_slot",
            |install| link_slots_parallel(install.pass("cold"), 1).unwrap(),
            "a single call",
        ),
        (
            "a loop in one lane",
            "link_slot",
            |install| {
                install.pass("cold").for_each([()], |_lane, ()| {
                    for slot in 0..64 {
                        with_lane(|lane| link_slot(lane, slot)).unwrap();
                    }
                });
            },
            "every other worker was idle",
        ),
        (
            // Each of them is held anew, and finds a referee anew.
            "a pass per item",
            "link_slot",
            |install| {
                for slot in 0..8 {
                    install.pass("cold").for_each([slot], |lane, slot| link_slot(lane, slot).unwrap());
                }
            },
            "8 passes of 1 item each",
        ),
        (
            "a lock",
            "link_file",
            |install| {
                let lock = Mutex::new(());
                install.pass("cold").for_each(0..64, |_lane, _slot| {
                    let _guard = lock.lock();
                    link_file();
                });
            },
            "undecided: nobody came in",
        ),
        (
            "a loop under run",
            "link_slot",
            |install| {
                install.run(|| (0..64).for_each(|slot| with_lane(|lane| link_slot(lane, slot)).unwrap()));
            },
            "nothing could run beside it",
        ),
    ];
    for (name, probe, program, cause) in serialized {
        for threads in [2, 5] {
            let mut install =
                Scope::builder("install").threads(threads).hold(probe, 2).hold_limit(LIMIT).open();
            program(&mut install);
            let reading = install.reading(probe);
            assert_eq!(reading.max_concurrent(), Some(1), "{name}");
            let message = why_not(&reading).unwrap_or_else(|| panic!("{name} is green"));
            assert!(message.contains(cause), "{name}: {message}");
        }
    }
}

fn spin(times: u64) {
    (0..times).for_each(|n| _ = std::hint::black_box(n));
}

/// Two holds that are met by different items do not give each other up.
#[test]
fn holds_on_different_items_are_both_met() {
    #[concurrency_probe(scope = "disjoint")]
    fn warm() {}
    #[concurrency_probe(scope = "disjoint")]
    fn cold() {}
    for round in 0..100 {
        let mut scope = Scope::builder("disjoint").hold("warm", 2).hold("cold", 2).open();
        scope.pass("both").for_each(0..64, |_lane, n| if n < 32 { warm() } else { cold() });
        for probe in ["warm", "cold"] {
            assert!(scope.reading(probe).max_concurrent() >= Some(2), "{probe}, round {round}");
        }
    }
}

/// Calls on another pool, of which the only other worker computes for a while.
#[test]
fn a_busy_worker_of_another_pool_is_no_chance() {
    #[concurrency_probe(scope = "elsewhere")]
    fn link() {}
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let scope = Scope::builder("elsewhere").process_wide().hold("link", 2).hold_limit(LIMIT).open();
    pool.install(|| {
        rayon::join(link, || {
            let began = std::time::Instant::now();
            while began.elapsed() < Duration::from_millis(300) {
                std::hint::spin_loop();
            }
            link();
        })
    });
    assert_eq!(scope.reading("link").max_concurrent(), Some(2));
}

/// The other threads of a test program rest, and need not wait for one another for this to end.
#[test]
fn a_lock_around_calls_on_another_pool_ends_and_is_red() {
    #[concurrency_probe(scope = "locked elsewhere")]
    fn link() {}
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let scope = Scope::builder("locked elsewhere").process_wide().hold("link", 2).hold_limit(LIMIT).open();
    let lock = Mutex::new(());
    pool.install(|| {
        let locked = || {
            let _guard = lock.lock();
            link();
        };
        rayon::join(locked, locked);
    });
    assert_eq!(scope.reading("link").max_concurrent(), Some(1));
}

/// On a worker, no future's work waits in the hold before that of its siblings was sent.
#[test]
fn siblings_that_offload_on_a_worker_overlap() {
    #[concurrency_probe(scope = "siblings")]
    fn link() {}
    for round in 0..20 {
        let scope = Scope::builder("siblings").threads(4).hold("link", 2).open();
        scope.run(|| {
            let links = (0..8).map(|_| concurrency_probe::offload(|_lane| link()));
            futures::executor::block_on(futures::future::join_all(links))
        });
        assert!(scope.reading("link").max_concurrent() >= Some(2), "round {round}");
    }
}

/// More probes than a board has places for before it allocates: those that come later are held as well.
#[test]
fn the_last_of_many_probes_is_held() {
    let mut install = Scope::builder("many probes").hold("last", 2).open();
    // One item: whoever waits learns that nobody can come.
    install.pass("one").for_each([()], |_lane, ()| {
        drop(concurrency_probe::enter!("1", scope = "many probes"));
        drop(concurrency_probe::enter!("2", scope = "many probes"));
        drop(concurrency_probe::enter!("3", scope = "many probes"));
        drop(concurrency_probe::enter!("4", scope = "many probes"));
        drop(concurrency_probe::enter!("5", scope = "many probes"));
        drop(concurrency_probe::enter!("last", scope = "many probes"));
        drop(concurrency_probe::enter!("last", scope = "many probes"));
    });
    let message = why_not(&install.reading("last")).expect("red");
    assert!(message.contains("the pass had nothing to run beside them"), "{message}");
}

#[test]
fn a_hold_of_a_name_that_nothing_has_is_named() {
    let mut install = Scope::builder("install").hold("lnik_slot", 2).open();
    install.pass("cold").for_each([0], |lane, slot| link_slot(lane, slot).unwrap());
    let message = why_not(&install.reading("link_slot")).expect("red");
    for part in ["`lnik_slot` was never entered", "held", "did you mean `link_slot`?"] {
        assert!(message.contains(part), "{message}");
    }
}

/// Programs that do overlap, if only after something that a careless rule would take for the end.
#[test]
fn programs_that_overlap_late_are_green() {
    #[concurrency_probe(scope = "late")]
    fn link(_file: u32) {}
    let overlapping: [(&str, Program); 8] = [
        // The first item waits in the hold while a worker waits for a part of the second, which a third one took: that
        // worker is idle, and goes on the moment after.
        ("after a join whose other half was stolen", |scope| {
            scope.pass("two items").for_each(0..2_u32, |lane, file| {
                if file == 1 {
                    lane.join(|_lane| spin(200_000), |_lane| spin(400_000));
                }
                link(file);
            });
        }),
        ("after a bare join whose other half was stolen", |scope| {
            scope.pass("two items").for_each(0..2_u32, |_lane, file| {
                if file == 1 {
                    rayon::join(|| spin(200_000), || spin(400_000));
                }
                link(file);
            });
        }),
        ("after a rest", |scope| {
            scope.pass("two items").for_each(0..2_u32, |_lane, file| {
                if file == 1 {
                    // Not to wait for something: to be seen asleep.
                    std::thread::sleep(Duration::from_millis(40));
                }
                link(file);
            });
        }),
        ("in the two halves of one item", |scope| {
            scope.pass("one item").for_each([()], |lane, ()| {
                lane.join(|_lane| link(0), |_lane| link(1));
            });
        }),
        ("in a bare join of one item", |scope| {
            scope.pass("one item").for_each([()], |_lane, ()| {
                rayon::join(|| link(0), || link(1));
            });
        }),
        ("after a long first half", |scope| {
            scope.pass("two items").for_each(0..2_u32, |_lane, file| {
                if file == 1 {
                    spin(2_000_000);
                }
                link(file);
            });
        }),
        ("deep down", |scope| {
            fn down(lane: Lane<'_>, depth: u32) {
                if depth == 0 {
                    link(0);
                } else {
                    lane.join(|lane| down(lane, depth - 1), |_lane| std::thread::yield_now());
                }
            }
            scope.pass("two trees").for_each([9, 14], down);
        }),
        ("after the lanes have met at a barrier", |scope| {
            let barrier = std::sync::Barrier::new(2);
            scope.pass("two items").for_each(0..2, |_lane, file| {
                barrier.wait();
                link(file);
            });
        }),
    ];
    for (name, program) in overlapping {
        for threads in [2, 3, 8] {
            for round in 0..20 {
                let mut scope =
                    Scope::builder("late").threads(threads).hold("link", 2).hold_limit(LIMIT).open();
                program(&mut scope);
                let reading = scope.reading("link");
                assert!(
                    reading.max_concurrent() >= Some(2),
                    "{name}, {threads} threads, round {round}: {reading}"
                );
            }
        }
    }
}

fn rounds() -> usize {
    std::env::var("VERDICT_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(2000)
}

#[test]
fn under_load_a_correct_program_is_never_red_and_a_serialized_one_never_green() {
    let _load = Load::on(Load::more_than_cores());
    let began = std::time::Instant::now();
    for round in 0..rounds() {
        let mut install = Scope::builder("install").hold("link_slot", 2).open();
        link_slots_parallel(install.pass("cold"), 8).unwrap();
        assert_eq!(why_not(&install.reading("link_slot")), None, "correct, round {round}");
    }
    println!("{} correct programs, none red: {:?}", rounds(), began.elapsed());
    let began = std::time::Instant::now();
    for round in 0..rounds() {
        let mut install = Scope::builder("install").hold("link_slot", 2).open();
        let slots = (0..8_u32).into_par_iter().with_min_len(8);
        install.pass("cold").try_for_each(slots, link_slot).unwrap();
        assert!(why_not(&install.reading("link_slot")).is_some(), "serialized, round {round}");
    }
    println!("{} serialized programs, none green: {:?}", rounds(), began.elapsed());
}
