//! Passes: order, errors, panics, and every kind of thread they may be started on.

use concurrency_probe::{Lane, Pass, Scope, must_run_parallel};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::collections::{BTreeSet, HashMap};
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

#[must_run_parallel]
fn double(_lane: Lane<'_>, n: usize) -> usize {
    2 * n
}

#[must_run_parallel]
fn odd_fails(_lane: Lane<'_>, n: usize) -> Result<usize, String> {
    if n % 2 == 1 { Err(format!("{n} is odd")) } else { Ok(n / 2) }
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

#[test]
fn results_come_in_the_order_of_the_items_whatever_holds_them() {
    let mut scope = Scope::builder("passes").threads(4).open();
    let expected: Vec<usize> = (0..1000).map(|n| 2 * n).collect();
    assert_eq!(scope.pass("range").map(0..1000, double), expected);
    assert_eq!(scope.pass("vec").map((0..1000).collect::<Vec<_>>(), double), expected);
    let items: Vec<usize> = (0..1000).collect();
    assert_eq!(scope.pass("slice").map(&items, |lane, n| double(lane, *n)), expected);
    assert_eq!(scope.pass("try").try_map(&items, |lane, n| Ok::<_, ()>(double(lane, *n))), Ok(expected));
    let even = (0..1000).into_par_iter().filter(|n| n % 2 == 0);
    let halves: Vec<usize> = scope.pass("filtered").try_map(even, odd_fails).unwrap();
    assert_eq!(halves, (0..500).collect::<Vec<_>>());

    let map: HashMap<usize, usize> = (0..100).map(|n| (n, n)).collect();
    let seen = Mutex::new(BTreeSet::new());
    scope.pass("map").for_each(&map, |_lane, (key, _)| assert!(seen.lock().unwrap().insert(*key)));
    assert_eq!(seen.into_inner().unwrap(), (0..100).collect());
}

#[test]
fn an_empty_pass_ends_and_is_no_finding() {
    let mut scope = Scope::builder("passes").threads(2).strict().open();
    for _ in 0..10 {
        scope.pass("nothing").for_each(0..0, |_lane, _n| unreachable!());
        assert!(scope.pass("nothing").map(Vec::<u8>::new(), |_lane, n| n).is_empty());
    }
    let report = scope.report();
    assert_eq!(
        report.passes.iter().map(|pass| (pass.passes, pass.items)).collect::<Vec<_>>(),
        [(10, 0), (10, 0)]
    );
    assert_eq!(report.passes.iter().map(|pass| (pass.max_concurrent, pass.busy_ns)).max(), Some((0, 0)));
    assert!(report.findings.is_empty());
}

#[test]
fn the_first_error_wins_and_no_further_item_starts() {
    for threads in [1, 2, 4] {
        let mut scope = Scope::builder("passes").threads(threads).open();
        let begun = AtomicUsize::new(0);
        let error = scope.pass("errors").try_for_each(0..100_000, |lane, n| {
            begun.fetch_add(1, Ordering::Relaxed);
            // All items fail but those that began before; the pass stops at once.
            odd_fails(lane, 2 * n + 1).map(drop)
        });
        assert!(error.unwrap_err().ends_with("is odd"));
        // At most one item a thread had begun when the first error was kept.
        assert!(begun.into_inner() <= threads);
        let pass = &scope.report().passes[0];
        assert_eq!(pass.completed, 0);
        assert!(pass.items <= threads as u64);
    }
}

#[test]
fn a_panic_in_a_lane_reaches_the_caller_with_its_payload_and_leaves_the_scope_usable() {
    #[derive(Debug, PartialEq)]
    struct Payload(usize);
    let mut scope = Scope::builder("passes").threads(2).open();
    for round in 0..50 {
        let pass = scope.pass("panics");
        let caught = catch_unwind(|| {
            pass.for_each(0..1000, |_lane, n| {
                if n == 500 {
                    std::panic::panic_any(Payload(round));
                }
            });
        });
        assert_eq!(*caught.unwrap_err().downcast::<Payload>().unwrap(), Payload(round));
    }
    assert_eq!(scope.pass("after").map(0..10, double).len(), 10);
    let report = scope.report();
    assert_eq!(report.passes[0].passes, 50);
    assert!(report.passes[0].completed <= report.passes[0].items - 50);
    assert_eq!(report.passes[1].completed, 10);
}

/// Starts a pass of the scope somewhere, or on the worker of a pool of one thread.
type Start = fn(&mut Scope, &rayon::ThreadPool);

#[test]
fn a_pass_runs_on_every_kind_of_thread() {
    fn lengths(pass: Pass<'_>) {
        assert_eq!(pass.map(0..100, double).len(), 100);
    }
    let one = pool(1);
    let started: [(&str, Start); 6] = [
        ("a plain thread", |scope, _| lengths(scope.pass("p"))),
        ("a worker of a pool of one thread", |scope, one| one.install(|| lengths(scope.pass("p")))),
        ("a current-thread runtime", |scope, _| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async { lengths(scope.pass("p")) });
        }),
        ("a multi-thread runtime", |scope, _| {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
            runtime.block_on(async { lengths(scope.pass("p")) });
        }),
        ("a LocalSet on a multi-thread runtime, here", |scope, _| {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
            let local = tokio::task::LocalSet::new();
            runtime.block_on(local.run_until(async { lengths(scope.pass("p").here()) }));
        }),
        ("a blocking thread", |scope, _| {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
            let mut own = Scope::open("passes");
            std::mem::swap(&mut own, scope);
            *scope = runtime.block_on(async {
                tokio::task::spawn_blocking(move || {
                    lengths(own.pass("p"));
                    own
                })
                .await
                .unwrap()
            });
        }),
    ];
    for (thread, start) in started {
        for own_threads in [None, Some(1), Some(3)] {
            let builder = Scope::builder("passes");
            let mut scope = own_threads.map_or(builder.clone(), |threads| builder.threads(threads)).open();
            start(&mut scope, &one);
            assert_eq!(scope.report().passes[0].completed, 100, "{thread}, {own_threads:?}");
        }
    }
}

#[test]
fn a_spawned_task_of_a_multi_thread_runtime_gives_its_thread_away_during_a_pass() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(async {
        tokio::spawn(async {
            let mut scope = Scope::builder("passes").threads(2).open();
            let (sender, receiver) = std::sync::mpsc::channel();
            // The runtime's only worker polls this task while the pass below waits for it.
            tokio::spawn(async move { sender.send(()).unwrap() });
            let receiver = Mutex::new(receiver);
            scope.pass("waits").for_each([()], |_lane, ()| receiver.lock().unwrap().recv().unwrap());
        })
        .await
        .unwrap();
    });
}

#[test]
fn a_pass_in_a_local_set_says_what_to_do() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let local = tokio::task::LocalSet::new();
    let mut scope = Scope::open("passes");
    let pass = scope.pass("local");
    let caught = catch_unwind(std::panic::AssertUnwindSafe(|| {
        runtime.block_on(local.run_until(async { pass.for_each(0..10, |_lane, _n| ()) }));
    }));
    let message = *caught.unwrap_err().downcast::<&str>().unwrap();
    assert!(message.contains("add `.here()`"), "{message}");
}

#[test]
fn nested_passes_of_two_scopes_end_on_one_pool_of_one_thread() {
    let one = pool(1);
    let total = AtomicUsize::new(0);
    one.install(|| {
        Scope::open("outer pass").pass("outer").for_each(0..4, |_lane, _n| {
            let mut inner = Scope::open("inner pass");
            inner.pass("inner").for_each(0..4, |lane, n| {
                total.fetch_add(double(lane, n), Ordering::Relaxed);
            });
        });
    });
    assert_eq!(total.into_inner(), 4 * 12);
}

#[test]
fn a_pass_measures_itself_and_its_sums_agree() {
    let mut scope = Scope::builder("passes").threads(3).timeline().open();
    let all = std::sync::Barrier::new(3);
    scope.pass("measured").for_each([0, 1, 2], |_lane, _n| _ = all.wait());
    let report = scope.report();
    let pass = &report.passes[0];
    assert_eq!((pass.max_concurrent, pass.threads, pass.max_items), (3, 3, 3));
    assert_eq!(pass.levels_ns.len(), 4);
    assert_eq!(pass.levels_ns.iter().sum::<u64>(), pass.wall_ns);
    assert_eq!((1..4).map(|n| n as u64 * pass.levels_ns[n]).sum::<u64>(), pass.busy_ns);
    assert!(pass.effective_parallelism() <= 3.0);
    let timeline = report.timeline.as_ref().unwrap();
    assert_eq!((timeline.spans.len(), timeline.left_out), (3, 0));
    let threads: BTreeSet<u64> = timeline.spans.iter().map(|span| span.thread).collect();
    assert_eq!(threads.len(), 3);
    // All of them met inside, so each pair overlaps.
    let (last_start, first_end) =
        (timeline.spans.iter().map(|s| s.start_ns).max(), timeline.spans.iter().map(|s| s.end_ns).min());
    assert!(last_start <= first_end);
}

/// The halves of a lane run in lanes as well. On one thread they are one.
#[test]
fn a_lane_inside_a_lane_of_one_thread_is_no_second_one() {
    let mut scope = Scope::builder("passes").threads(1).open();
    scope.pass("halves").for_each([()], |lane, ()| _ = lane.join(|_lane| (), |_lane| ()));
    assert_eq!(scope.report().passes[0].max_concurrent, 1);
}

#[test]
fn a_timeline_says_when_it_was_full() {
    let mut scope = Scope::builder("passes").threads(2).timeline().open();
    scope.pass("many").for_each(0..70_000, |_lane, _n| ());
    let report = scope.report();
    let timeline = report.timeline.as_ref().unwrap();
    assert_eq!((timeline.spans.len(), timeline.left_out), (65_536, 70_000 - 65_536));
}
