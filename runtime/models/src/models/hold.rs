//! The hold: whoever waits is let go when, and only when, no further thread can come.
//!
//! Two workers, or three, a pass under way and nothing from outside, so that the hold has no chances to count: it ends by what it is
//! told, or loom reports a deadlock.

use super::{check_with_twins, check_with_twins_within, leak};
use crate::fault::Fault;
use crate::gauge::Gauge;
use crate::hold::{Hold, Outcome};
use crate::pool::{self, ThreadPool};
use loom::thread;
use std::sync::Arc;

/// One hold with its pool, and the probes `a` and `b`.
#[derive(Clone)]
struct Bench {
    hold: Arc<Hold>,
    pool: Arc<ThreadPool>,
    a: &'static Gauge,
    b: &'static Gauge,
}

impl Bench {
    fn call(&self, probe: &str) {
        let gauge = if probe == "a" { self.a } else { self.b };
        gauge.enter_sync(true);
        self.hold.wait(probe, gauge, Some(&self.pool));
        gauge.exit_sync(true);
    }

    /// Sends a job of the pass to the pool.
    fn send(&self, job: impl FnOnce(&Bench) + Send + 'static) {
        let (bench, root) = (self.clone(), self.hold.root());
        self.pool.inject(move || {
            drop(root);
            job(&bench);
            bench.pool.job_ended();
        });
    }

    /// Puts a job into the queue of this worker.
    fn spawn(&self, job: impl FnOnce(&Bench) + Send + 'static) {
        let bench = self.clone();
        pool::spawn(move || {
            job(&bench);
            bench.pool.job_ended();
        });
    }
}

/// Runs a program of so many jobs and returns how the holds stood and the peaks: of `a`, and of `b`.
fn run(holds: &[(&str, usize)], jobs: usize, program: impl FnOnce(&Bench)) -> [(Option<Outcome>, usize); 2] {
    run_on(2, holds, jobs, program)
}

/// [`run`], on so many workers.
fn run_on(
    workers: usize,
    holds: &[(&str, usize)],
    jobs: usize,
    program: impl FnOnce(&Bench),
) -> [(Option<Outcome>, usize); 2] {
    let holds: Vec<_> = holds.iter().map(|(probe, threads)| ((*probe).to_owned(), *threads)).collect();
    let (a, b) = (leak(Gauge::default()), leak(Gauge::default()));
    let bench = Bench { hold: Hold::new(&holds, 1000, workers), pool: ThreadPool::new(workers, jobs), a, b };
    bench.hold.meet_the_workers(&bench.pool);
    let pass = bench.hold.pass();
    let workers: Vec<_> = (0..workers)
        .map(|i| {
            let pool = Arc::clone(&bench.pool);
            thread::spawn(move || pool.work(i))
        })
        .collect();
    program(&bench);
    for worker in workers {
        worker.join().unwrap();
    }
    drop(pass);
    assert!(bench.a.is_at_rest() && bench.b.is_at_rest());
    let end =
        |probe, gauge: &Gauge| (bench.hold.outcome(probe).map(|(_, end)| end), gauge.counts().max_threads);
    [end("a", a), end("b", b)]
}

/// Two calls in two jobs: they meet, always.
#[test]
fn who_can_meet_meets() {
    let model = || {
        let [a, _] = run(&[("a", 2)], 2, |bench| {
            bench.send(|bench| {
                bench.spawn(|bench| bench.call("a"));
                bench.call("a");
            });
        });
        assert_eq!(a, (Some(Outcome::Met), 2));
    };
    check_with_twins(model, &[Fault::NoNotification, Fault::QueueLooksEmpty]);
}

/// The second call is behind a job that calls nothing.
#[test]
fn who_comes_late_is_waited_for() {
    let model = || {
        let [a, _] = run(&[("a", 2)], 3, |bench| {
            bench.send(|bench| {
                bench.spawn(|bench| bench.spawn(|bench| bench.call("a")));
                bench.call("a");
            });
        });
        assert_eq!(a, (Some(Outcome::Met), 2));
    };
    check_with_twins(model, &[Fault::NoNotification, Fault::QueueLooksEmpty]);
}

/// One job, of one call or of two: nobody else can come.
#[test]
fn who_is_alone_is_let_go() {
    for calls in [1, 2] {
        let model = move || {
            let [a, _] = run(&[("a", 2)], 1, |bench| {
                bench.send(move |bench| (0..calls).for_each(|_| bench.call("a")));
            });
            assert_eq!(a, (Some(Outcome::NobodyCould), 1));
        };
        check_with_twins(model, &[Fault::NoNotification]);
    }
}

/// All workers wait, for different probes: one of the holds is given up, and then the other.
#[test]
fn two_holds_do_not_wait_for_each_other() {
    let model = || {
        let ends = run(&[("a", 2), ("b", 2)], 2, |bench| {
            // What is sent while a roll call is open is begun when its window closes, and no window does in a model.
            let source = bench.hold.source();
            bench.send(|bench| bench.call("a"));
            bench.send(|bench| bench.call("b"));
            drop(source);
        });
        assert_eq!(ends, [(Some(Outcome::NobodyCould), 1); 2]);
    };
    check_with_twins(model, &[Fault::NoNotification]);
}

/// Two meet, one of whom may be the referee, while a third waits in another hold: it is the referee then.
#[test]
fn a_referee_that_is_let_go_is_followed_by_another() {
    let model = || {
        let ends = run_on(3, &[("a", 2), ("b", 2)], 3, |bench| {
            let source = bench.hold.source();
            bench.send(|bench| bench.call("a"));
            bench.send(|bench| bench.call("b"));
            bench.send(|bench| {
                bench.call("a");
                drop(source);
            });
        });
        assert_eq!(ends, [(Some(Outcome::Met), 2), (Some(Outcome::NobodyCould), 1)]);
    };
    // With two preemptions, three workers take many minutes.
    check_with_twins_within(1, model, &[Fault::NoNotification]);
}

/// More may come from outside, until it is said that nothing will.
#[test]
fn the_end_of_a_source_is_noticed() {
    let model = || {
        let [a, _] = run(&[("a", 2)], 1, |bench| {
            let source = bench.hold.source();
            bench.send(|bench| bench.call("a"));
            drop(source);
        });
        assert_eq!(a, (Some(Outcome::NobodyCould), 1));
    };
    check_with_twins(model, &[Fault::NoNotification]);
}

/// The scope closes while a thread waits and more may come.
#[test]
fn a_scope_that_closes_lets_go() {
    let model = || {
        let [a, _] = run(&[("a", 2)], 1, |bench| {
            let source = bench.hold.source();
            bench.send(|bench| bench.call("a"));
            bench.hold.close();
            // Not before the job has ended, or its end might be what lets it go.
            std::mem::forget(source);
        });
        assert_eq!(a, (Some(Outcome::Waiting), 1));
    };
    check_with_twins(model, &[Fault::NoNotification]);
}
