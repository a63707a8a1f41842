//! The hold: a wait ends if calls meet, or if no further thread can come, and not otherwise.
//!
//! There are two or three workers and a pass under way, and no work comes from outside. No time passes. So a wait ends by what the hold is told, or loom
//! reports a deadlock.

use super::{check_with_twins, check_with_twins_within, leak};
use crate::call::gauge::Gauge;
use crate::call::host::Visit;
use crate::fault::Fault;
use crate::pool::{self, ThreadPool};
use crate::verdict::hold::{
    call::Call,
    holder::{DEFAULT_LIMIT, Hold},
    tokens::OpenPass,
    ways::WayIn,
};
use loom::thread;
use std::sync::Arc;

/// The pass under way.
const PASS: Visit = Visit { batch: 1, pass: 1 };

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
        self.call_at(probe, PASS);
    }

    fn call_at(&self, probe: &str, visit: Visit) {
        let gauge = if probe == "a" { self.a } else { self.b };
        gauge.enter_sync(true);
        self.hold.wait(
            Call {
                probe,
                gauge,
                visit,
                may_be_a_leaf: true,
                piece: 0,
                is_on_top: false,
                pool: Some(&self.pool),
            },
            &mut || (),
        );
        gauge.exit_sync(true);
    }

    /// What the hold found out about a probe.
    fn end(&self, probe: &str, batch: u32) -> End {
        let (_, evidence) = self.hold.evidence(probe).expect("held");
        let Some((_, evidence)) = evidence.into_iter().find(|(number, _)| *number == batch) else {
            return End::Nothing;
        };
        assert!(evidence.undecided.is_none(), "no time passes");
        match (evidence.meetings, evidence.was_alone, evidence.was_let_go) {
            (0, false, false) => End::Nothing,
            (0, true, false) => End::Alone,
            (0, false, true) => End::LetGo,
            (0, true, true) => unreachable!("one call has one wait"),
            _ => End::Met,
        }
    }

    fn stream(&self) -> OpenPass {
        self.hold.keep_open(PASS)
    }

    /// Sends a job of the pass to the pool.
    fn send(&self, job: impl FnOnce(&Bench) + Send + 'static) {
        let (bench, root) = (self.clone(), self.hold.job_on_its_way());
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

/// How a hold ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Nothing,
    Met,
    /// No further call could come.
    Alone,
    /// It ended to make room for another wait.
    LetGo,
}

/// Runs a program of so many jobs. Returns how the holds ended, and the peaks, of `a` and of `b`.
fn run(holds: &[(&str, usize)], jobs: usize, program: impl FnOnce(&Bench)) -> [(End, usize); 2] {
    run_on(2, holds, jobs, program)
}

/// [`run`], on so many workers.
fn run_on(
    workers: usize,
    holds: &[(&str, usize)],
    jobs: usize,
    program: impl FnOnce(&Bench),
) -> [(End, usize); 2] {
    let holds: Vec<_> = holds.iter().map(|(probe, threads)| ((*probe).to_owned(), *threads)).collect();
    let (a, b) = (leak(Gauge::default()), leak(Gauge::default()));
    let bench = Bench {
        hold: Hold::new(&holds, DEFAULT_LIMIT, workers, false),
        pool: ThreadPool::new(workers, jobs),
        a,
        b,
    };
    bench.hold.meet_the_workers(&bench.pool);
    let pass = bench.hold.pass(PASS);
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
    let end = |probe: &str, gauge: &Gauge| {
        let is_held = bench.hold.holds(probe);
        (if is_held { bench.end(probe, PASS.batch) } else { End::Nothing }, gauge.counts().max_threads)
    };
    [end("a", a), end("b", b)]
}

/// Two calls in two jobs always meet.
#[test]
fn who_can_meet_meets() {
    let model = || {
        let [a, _] = run(&[("a", 2)], 2, |bench| {
            bench.send(|bench| {
                bench.spawn(|bench| bench.call("a"));
                bench.call("a");
            });
        });
        assert_eq!(a, (End::Met, 2));
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
        assert_eq!(a, (End::Met, 2));
    };
    check_with_twins(model, &[Fault::NoNotification, Fault::QueueLooksEmpty]);
}

/// One job with one call or two calls. No other call can come.
#[test]
fn who_is_alone_is_let_go() {
    for calls in [1, 2] {
        let model = move || {
            let [a, _] = run(&[("a", 2)], 1, |bench| {
                bench.send(move |bench| (0..calls).for_each(|_| bench.call("a")));
            });
            assert_eq!(a, (End::Alone, 1));
        };
        check_with_twins(model, &[Fault::NoNotification]);
    }
}

/// All workers wait for different probes. One of the waits ends without a proof, and then the other.
#[test]
fn two_holds_do_not_wait_for_each_other() {
    let model = || {
        let ends = run(&[("a", 2), ("b", 2)], 2, |bench| {
            // A job that is sent while a roll call is open begins when the window of the roll call closes. In a model no window closes.
            let source = bench.stream();
            bench.send(|bench| bench.call("a"));
            bench.send(|bench| bench.call("b"));
            drop(source);
        });
        let one_after_another = [(End::LetGo, 1), (End::Alone, 1)];
        assert!(ends == one_after_another || [ends[1], ends[0]] == one_after_another, "{ends:?}");
    };
    check_with_twins(model, &[Fault::NoNotification]);
}

/// Two threads meet, and one of them may be the referee, while a third thread waits in another hold. Then the third becomes the referee.
#[test]
fn a_referee_that_is_let_go_is_followed_by_another() {
    let model = || {
        let ends = run_on(3, &[("a", 2), ("b", 2)], 3, |bench| {
            let source = bench.stream();
            bench.send(|bench| bench.call("a"));
            bench.send(|bench| bench.call("b"));
            bench.send(|bench| {
                bench.call("a");
                drop(source);
            });
        });
        assert_eq!(ends, [(End::Met, 2), (End::Alone, 1)]);
    };
    // With two preemptions, three workers take many minutes.
    check_with_twins_within(1, model, &[Fault::NoNotification]);
}

/// More calls may come from outside, until the hold is told that none will.
#[test]
fn the_end_of_a_source_is_noticed() {
    let model = || {
        let [a, _] = run(&[("a", 2)], 1, |bench| {
            let source = bench.stream();
            bench.send(|bench| bench.call("a"));
            drop(source);
        });
        assert_eq!(a, (End::Alone, 1));
    };
    check_with_twins(model, &[Fault::NoNotification]);
}

/// A call outside of passes, on the thread that opened the scope and inside all ways into it. No other call can come. If the thread is not one
/// of the scope's workers, it waits until the pool is idle.
#[test]
fn who_waits_in_the_only_way_into_the_scope_is_let_go() {
    for jobs in [0, 1] {
        let model = move || {
            let (a, b) = (leak(Gauge::default()), leak(Gauge::default()));
            let hold = Hold::new(&[("a".into(), 2)], DEFAULT_LIMIT, 1, false);
            let bench = Bench { hold, pool: ThreadPool::new(1, jobs + 1), a, b };
            bench.hold.meet_the_workers(&bench.pool);
            let pool = Arc::clone(&bench.pool);
            let worker = thread::spawn(move || pool.work(0));
            if jobs > 0 {
                bench.send(|bench| bench.call_at("a", Visit::default()));
            }
            {
                let _way = bench.hold.way(WayIn::Poll { root: Some(1) }, true);
                let attached = bench.hold.attached();
                bench.call_at("a", Visit::default());
                drop(attached);
            }
            bench.pool.job_ended();
            worker.join().unwrap();
            let end = bench.end("a", 0);
            assert_eq!(end, if jobs > 0 { End::Met } else { End::Alone });
        };
        check_with_twins(model, &[Fault::NoNotification]);
    }
}

/// Another way into the scope is under way. A call may come from it until it ends.
#[test]
fn the_end_of_another_way_is_noticed() {
    let model = || {
        let (a, b) = (leak(Gauge::default()), leak(Gauge::default()));
        let hold = Hold::new(&[("a".into(), 2)], DEFAULT_LIMIT, 1, false);
        let bench = Bench { hold, pool: ThreadPool::new(1, 1), a, b };
        bench.hold.meet_the_workers(&bench.pool);
        let (pool, other) = (Arc::clone(&bench.pool), bench.clone());
        let worker = thread::spawn(move || pool.work(0));
        let elsewhere = thread::spawn(move || drop(other.hold.way(WayIn::Call, false)));
        {
            let _way = bench.hold.way(WayIn::Call, true);
            bench.call_at("a", Visit::default());
        }
        elsewhere.join().unwrap();
        bench.pool.job_ended();
        worker.join().unwrap();
        assert_eq!(bench.end("a", 0), End::Alone);
    };
    super::check_within(1, model);
}

/// Two calls outside of passes, one on the thread that opened the scope and one on another thread. They meet, in whatever way the hold knows of the
/// other thread.
#[test]
fn whoever_may_still_use_the_scope_is_waited_for() {
    enum KnownBy {
        AttachedFuture,
        Offload,
        Way,
    }
    fn meet(known_by: &KnownBy) {
        let (a, b) = (leak(Gauge::default()), leak(Gauge::default()));
        let hold = Hold::new(&[("a".into(), 2)], DEFAULT_LIMIT, 1, false);
        let bench = Bench { hold, pool: ThreadPool::new(1, 1), a, b };
        bench.hold.meet_the_workers(&bench.pool);
        let (pool, other) = (Arc::clone(&bench.pool), bench.clone());
        let worker = thread::spawn(move || pool.work(0));
        let (tell, told) = loom::sync::mpsc::channel();
        let elsewhere = match known_by {
            KnownBy::AttachedFuture => {
                let attached = bench.hold.attached();
                thread::spawn(move || {
                    let way = other.hold.way(WayIn::Poll { root: Some(1) }, false);
                    other.call_at("a", Visit::default());
                    drop((way, attached));
                })
            }
            KnownBy::Offload => {
                let offload = bench.hold.offload();
                thread::spawn(move || {
                    other.call_at("a", Visit::default());
                    drop(offload);
                })
            }
            KnownBy::Way => thread::spawn(move || {
                let _way = other.hold.way(WayIn::Call, false);
                tell.send(()).unwrap();
                other.call_at("a", Visit::default());
            }),
        };
        if matches!(known_by, KnownBy::Way) {
            told.recv().unwrap();
        }
        {
            let _way = bench.hold.way(WayIn::Call, true);
            bench.call_at("a", Visit::default());
        }
        elsewhere.join().unwrap();
        bench.pool.job_ended();
        worker.join().unwrap();
        assert_eq!((bench.end("a", 0), a.counts().max_threads), (End::Met, 2));
    }
    super::check_within(1, || meet(&KnownBy::AttachedFuture));
    super::check_within(1, || meet(&KnownBy::Offload));
    super::check_within(1, || meet(&KnownBy::Way));
}

/// One of two threads that met calls again, while the other one may still be inside. They do not meet twice.
#[test]
fn who_was_let_go_is_met_by_nobody() {
    let model = || {
        let hold = Arc::new(std::sync::OnceLock::new());
        let [a, _] = run(&[("a", 2)], 2, |bench| {
            assert!(hold.set(Arc::clone(&bench.hold)).is_ok());
            bench.send(|bench| {
                bench.spawn(|bench| bench.call("a"));
                (0..2).for_each(|_| bench.call("a"));
            });
        });
        assert_eq!(a, (End::Met, 2));
        let (_, evidence) = hold.get().and_then(|hold| hold.evidence("a")).expect("held");
        assert_eq!(evidence[0].1.meetings, 1);
    };
    super::check_within(1, model);
}

/// A right to another pass of the batch is not used yet. Calls of that pass may come, until the right is dropped.
#[test]
fn a_right_to_another_pass_is_waited_for() {
    let model = || {
        let [a, _] = run(&[("a", 2)], 2, |bench| {
            let right = bench.hold.right(PASS.batch);
            bench.send(|bench| bench.call("a"));
            let other = Visit { pass: 2, ..PASS };
            let under_way = bench.hold.pass(other);
            bench.send(move |bench| {
                bench.call_at("a", other);
                drop(under_way);
            });
            drop(right);
        });
        assert_eq!(a, (End::Met, 2));
    };
    super::check_within(1, model);
}

/// The scope closes while a thread waits and more calls may come.
#[test]
fn a_scope_that_closes_lets_go() {
    let model = || {
        let [a, _] = run(&[("a", 2)], 1, |bench| {
            let source = bench.stream();
            bench.send(|bench| bench.call("a"));
            bench.hold.close();
            // Dropped after the job has ended. Otherwise this drop might end the wait.
            std::mem::forget(source);
        });
        assert_eq!(a, (End::Nothing, 1));
    };
    check_with_twins(model, &[Fault::NoNotification]);
}
