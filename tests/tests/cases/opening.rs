//! How a scope is opened: what cannot be is an error that says why, and nobody waits for himself.

use crate::judge::{as_child, assert_says, in_child, runtimes};
use concurrency_probe::{Scope, ScopeBuilder, concurrency_probe};
use futures::executor::block_on;
use std::panic::catch_unwind;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::yield_now;

#[track_caller]
fn assert_refused(name: &str, builder: &ScopeBuilder, says: &[&str]) {
    let why = builder.clone().try_open().expect_err(name).to_string();
    assert_says(name, &why, says);
    let panic = catch_unwind(|| builder.clone().open()).expect_err(name);
    assert_eq!(*panic.downcast::<String>().unwrap(), why, "{name}");
}

#[test]
fn a_hold_that_means_nothing_is_refused() {
    let builder = || Scope::builder("refused");
    assert_refused("held for none", &builder().hold("link", 0), &["`link`", "0"]);
    assert_refused("held for none", &builder().hold("fetch", 2).hold("link", 0), &["`link`", "0"]);
    let max = usize::MAX.to_string();
    assert_refused("held for all", &builder().hold("link", usize::MAX), &["`link`", &max]);
    assert_refused("two that are too many", &builder().hold("a", usize::MAX).hold("b", usize::MAX), &[&max]);
    let no_time = builder().hold("link", 2).hold_limit(Duration::ZERO);
    assert_refused("no time", &no_time, &["hold_limit"]);
    // The nearest that mean something.
    drop(builder().hold("link", 1).open());
    drop(builder().hold("link", 2).hold_limit(Duration::from_nanos(1)).open());
    drop(builder().hold("link", 2).hold_limit(Duration::MAX).open());
    // The last one counts.
    drop(builder().hold("link", 0).hold("link", 2).open());
}

/// A helper that opens the scope as its test does.
#[track_caller]
fn assert_taken(name: &str, scope: &str, line: u32) {
    let place = format!("tests/tests/cases/opening.rs:{line}");
    let builder = Scope::builder(scope).process_wide();
    assert_refused(name, &builder, &[&format!("`{scope}`"), "process", &place]);
}

#[test]
fn a_second_process_wide_scope_on_one_thread_is_an_error_and_no_hang() {
    #[concurrency_probe(scope = "taken")]
    fn call() {}
    let first = Scope::builder("taken").process_wide().open();
    let line = line!() - 1;
    assert_taken("on the same thread", "taken", line);
    first.run(|| assert_taken("inside of the first", "taken", line));
    block_on(first.attach(async { assert_taken("in a future", "taken", line) }));
    call();
    assert_eq!(first.reading("call").calls(), 1, "those that were refused took nothing");

    // Of another name, or not process-wide.
    drop(Scope::builder("taken by nobody").process_wide().open());
    drop(Scope::open("taken"));
    drop(first);
    let next = Scope::builder("taken").process_wide().try_open().expect("the first is closed");
    call();
    assert_eq!(next.reading("call").calls(), 1);
}

#[test]
fn two_tasks_of_a_current_thread_runtime_do_not_wait_for_one_another() {
    let [(_, runtime), _] = runtimes();
    runtime.block_on(async {
        let line = line!() + 1;
        let open = || Scope::builder("two tasks").process_wide().try_open();
        let (opened, is_opened) = oneshot::channel();
        let (release, is_released) = oneshot::channel();
        let holder = tokio::spawn(async move {
            let scope = open().expect("the first");
            opened.send(()).unwrap();
            is_released.await.unwrap();
            drop(scope);
        });
        is_opened.await.unwrap();
        let why = open().expect_err("the other task has it").to_string();
        assert_says("two tasks", &why, &["`two tasks`", &format!("tests/tests/cases/opening.rs:{line}")]);
        release.send(()).unwrap();
        holder.await.unwrap();
        drop(open().expect("the other task has closed it"));
    });
}

#[test]
fn on_another_thread_it_waits_for_its_turn() {
    #[concurrency_probe(scope = "its turn")]
    fn call() {}
    let first = Scope::builder("its turn").process_wide().open();
    let (begun, has_begun) = std::sync::mpsc::channel();
    std::thread::scope(|threads| {
        let second = threads.spawn(move || {
            begun.send(()).unwrap();
            let second = Scope::builder("its turn").process_wide().try_open().expect("waits");
            call();
            second.reading("call").calls()
        });
        has_begun.recv().unwrap();
        call();
        assert_eq!(first.reading("call").calls(), 1);
        drop(first);
        assert_eq!(second.join().unwrap(), 1);
    });
}

/// The program can still set up the global pool after a scope with a hold was opened, and ran what needs no pool.
#[test]
fn a_hold_does_not_start_the_global_pool() {
    #[concurrency_probe(scope = "no global pool")]
    fn link() {}
    #[concurrency_probe(scope = "no global pool")]
    async fn fetch() {
        yield_now().await;
    }
    const TASKS: [&str; 3] = ["own", "wide", "futures"];
    let Some(task) = as_child() else {
        for task in TASKS {
            let child = in_child("opening::a_hold_does_not_start_the_global_pool", task);
            assert!(child.status.success(), "{task}: {child:?}");
        }
        return;
    };
    let builder = Scope::builder("no global pool").hold_limit(Duration::from_millis(20));
    let scope = match task.as_str() {
        "own" => builder.hold("link", 2).open(),
        "wide" => builder.hold("link", 2).process_wide().open(),
        _ => builder.hold("fetch", 2).open(),
    };
    scope.in_scope(link);
    block_on(scope.attach(fetch()));
    assert!(scope.reading("link").check_concurrent(2).is_err());
    assert!(scope.reading("fetch").check_in_flight(2).is_err());
    rayon::ThreadPoolBuilder::new().num_threads(3).build_global().expect("nobody has started it");
    assert_eq!(rayon::current_num_threads(), 3);
}
