//! `drive`, `drive_in_place` and `offload`.

use concurrency_probe::{Scope, concurrency_probe, offload};
use futures::channel::mpsc;
use futures::executor::block_on;
use futures::stream::{self, StreamExt};
use futures::{FutureExt, SinkExt, join};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll, Waker};

#[test]
fn drive_runs_items_while_the_stream_and_the_siblings_go_on() {
    let mut scope = Scope::builder("drive").threads(2).open();
    let (arrivals, stream) = mpsc::unbounded::<Result<usize, String>>();
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let (begins, mut begun) = mpsc::unbounded();
    let linked = scope.pass("cold").drive(stream, move |_lane, item| {
        begins.unbounded_send(item).unwrap();
        if item == 0 {
            // Blocks its worker until the sibling future has seen two more items begin.
            gate.lock().unwrap().recv().unwrap();
        }
        Ok(())
    });
    // Were the task blocked by item 0, the sibling would never release it and this would not end.
    let sibling = async {
        for item in 0..3 {
            arrivals.unbounded_send(Ok(item)).unwrap();
            assert_eq!(begun.next().await, Some(item));
        }
        release.send(()).unwrap();
        drop(arrivals);
    };
    let (linked, ()) = block_on(async { join!(linked, sibling) });
    linked.unwrap();
    let pass = &scope.report().passes[0];
    assert_eq!((pass.passes, pass.items, pass.completed, pass.max_concurrent), (1, 3, 3, 2));
}

#[test]
fn drive_polls_the_stream_only_while_there_is_room() {
    let mut scope = Scope::builder("drive").threads(1).open();
    let taken = Arc::new(AtomicUsize::new(0));
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let counted = Arc::clone(&taken);
    let stream = stream::iter(0..100).map(move |item| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok::<usize, String>(item)
    });
    let begun = Arc::new(Barrier::new(2));
    let at_first = Arc::clone(&begun);
    let mut linked = Box::pin(scope.pass("cold").queue(5).drive(stream, move |_lane, item| {
        if item == 0 {
            at_first.wait();
            gate.lock().unwrap().recv().unwrap();
        }
        Ok(())
    }));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(linked.as_mut().poll(&mut cx).is_pending());
    begun.wait();
    // Item 0 runs and blocks the only worker: however often the future is polled, five wait behind it.
    for _ in 0..3 {
        assert!(linked.as_mut().poll(&mut cx).is_pending());
        assert_eq!(taken.load(Ordering::SeqCst), 6);
    }
    release.send(()).unwrap();
    block_on(linked).unwrap();
    assert_eq!(taken.load(Ordering::SeqCst), 100);
}

#[test]
fn drive_returns_the_first_error_of_work_or_stream_and_starts_nothing_after() {
    // Of the work.
    let mut scope = Scope::builder("drive").threads(2).open();
    let begun = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&begun);
    let endless = stream::iter(0_usize..).map(Ok);
    let error = block_on(scope.pass("fails").drive(endless, move |_lane, item| {
        counted.fetch_add(1, Ordering::SeqCst);
        Err(format!("item {item}"))
    }));
    assert!(error.unwrap_err().starts_with("item "));
    assert!(begun.load(Ordering::SeqCst) <= 2, "at most one item a thread had begun");

    // Of the stream.
    let stream = stream::iter([Ok(1), Err("the registry is gone".to_owned()), Ok(2)]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let error = block_on(scope.pass("stream").drive(stream, move |_lane, item| {
        noted.lock().unwrap().push(item);
        Ok(())
    }));
    assert_eq!(error.unwrap_err(), "the registry is gone");
    assert!(!seen.lock().unwrap().contains(&2));
}

#[test]
fn a_panic_under_drive_reaches_the_caller_and_leaves_the_scope_usable() {
    #[concurrency_probe(scope = "drive")]
    fn link(item: usize) {
        assert!(item != 7, "item 7");
    }
    let mut scope = Scope::builder("drive").threads(2).open();
    let items = stream::iter((0..1000).map(Ok::<_, String>));
    let pass = scope.pass("panics").drive(items, |_lane, item| {
        link(item);
        Ok(())
    });
    let payload = block_on(AssertUnwindSafe(pass).catch_unwind()).unwrap_err();
    assert_eq!(*payload.downcast::<&str>().unwrap(), "item 7");
    assert_eq!(scope.reading("link").in_flight(), 0);
    let items = stream::iter((8..20).map(Ok::<_, String>));
    block_on(scope.pass("after").drive(items, |_lane, item| {
        link(item);
        Ok(())
    }))
    .unwrap();
}

#[test]
fn a_dropped_drive_stops_new_items_and_waits_for_nobody() {
    let mut scope = Scope::builder("drive").threads(1).open();
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let (gate, begun) = (Mutex::new(gate), Arc::new(Barrier::new(2)));
    let count = Arc::new(AtomicUsize::new(0));
    let (at_first, counted) = (Arc::clone(&begun), Arc::clone(&count));
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    struct Done(std::sync::mpsc::Sender<()>);
    impl Drop for Done {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let done = Done(done);
    let item = Arc::new(());
    {
        let items = (0..5).map(|_| Ok::<_, String>(Arc::clone(&item)));
        let items = stream::iter(items).chain(stream::pending());
        let mut linked = Box::pin(scope.pass("cold").drive(items, move |_lane, _item| {
            let _keep = &done;
            counted.fetch_add(1, Ordering::SeqCst);
            at_first.wait();
            gate.lock().unwrap().recv().unwrap();
            Ok(())
        }));
        assert!(linked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        begun.wait();
    } // dropped while item 0 runs: returns at once, as nobody has released it
    assert_eq!(Arc::strong_count(&item), 2, "an item that has not begun is dropped at once");
    release.send(()).unwrap();
    // The closure is dropped when the last worker has let go of it.
    is_done.recv().unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(scope.pass("after").map(0..3, |_lane, n| n), [0, 1, 2]);
    assert_eq!(scope.report().passes[0].items, 1);
}

#[test]
fn drive_under_hold_is_green_when_items_overlap_and_red_when_they_cannot() {
    #[concurrency_probe(scope = "held drive")]
    fn link() {}
    for round in 0..50 {
        let mut scope = Scope::builder("held drive").hold("link", 2).open();
        let (mut arrivals, stream) = mpsc::channel::<Result<(), String>>(1);
        let linked = scope.pass("cold").drive(stream, |_lane, ()| {
            link();
            Ok(())
        });
        let feed = async {
            for _ in 0..8 {
                tokio::task::yield_now().await;
                arrivals.send(Ok(())).await.unwrap();
            }
            drop(arrivals);
        };
        block_on(async { join!(linked, feed) }).0.unwrap();
        assert_eq!(scope.reading("link").max_concurrent(), Some(2), "round {round}");
    }
    // One item at a time, each sent when the one before it is done.
    let limit = std::time::Duration::from_millis(100);
    let mut scope = Scope::builder("held drive").hold("link", 2).hold_limit(limit).open();
    let (arrivals, stream) = mpsc::unbounded::<Result<(), String>>();
    let (done, mut is_done) = mpsc::unbounded();
    let linked = scope.pass("cold").drive(stream, move |_lane, ()| {
        link();
        done.unbounded_send(()).unwrap();
        Ok(())
    });
    let feed = async {
        for _ in 0..8 {
            arrivals.unbounded_send(Ok(())).unwrap();
            is_done.next().await;
        }
        drop(arrivals);
    };
    block_on(async { join!(linked, feed) }).0.unwrap();
    let why = scope.reading("link").check_concurrent(2).unwrap_err();
    assert!(!why.is_proven() && why.to_string().contains("undecided: nobody came in"), "{why}");
}

#[test]
fn drive_and_offload_end_on_the_only_worker_of_a_pool() {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let sum = one.install(|| {
        block_on(async {
            let mut scope = Scope::open("drive");
            let items = stream::iter((0..100).map(Ok::<usize, String>));
            scope.pass("cold").drive(items, |_lane, _item| Ok(())).await.unwrap();
            assert_eq!(scope.report().passes[0].completed, 100);
            offload(|lane| lane.join(|_lane| 1, |_lane| 2)).await
        })
    });
    assert_eq!(sum, (1, 2));
}

#[test]
fn drive_in_place_borrows_and_runs_what_is_ready_in_chunks() {
    let mut scope = Scope::builder("drive").threads(4).open();
    let (names, linked) = (vec!["a".to_owned(); 50], Mutex::new(Vec::new()));
    let items = stream::iter(names.iter().map(Ok::<&String, String>));
    block_on(scope.pass("cold").queue(8).drive_in_place(items, |_lane, name| {
        linked.lock().unwrap().push(name.as_str());
        Ok(())
    }))
    .unwrap();
    assert_eq!(linked.into_inner().unwrap().len(), 50);
    let report = scope.report();
    assert_eq!((report.passes[0].passes, report.passes[0].completed), (1, 50));

    // An error stops it; what the stream had ready before its own error is still run.
    let items = stream::iter([Ok(1), Ok(2), Err("gone".to_owned())]);
    let seen = AtomicUsize::new(0);
    let error = block_on(scope.pass("stream").drive_in_place(items, |_lane, _n| {
        seen.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }));
    assert_eq!((error.unwrap_err().as_str(), seen.into_inner()), ("gone", 2));
    let items = stream::iter((0_usize..).map(Ok));
    let error = block_on(scope.pass("work").drive_in_place(items, |_lane, n| Err(format!("{n}"))));
    assert!(error.is_err());
}

#[test]
fn offload_carries_the_scope_and_the_panic_and_can_be_abandoned() {
    #[concurrency_probe(scope = "offload")]
    fn work() {}
    let scope = Scope::open("offload");
    block_on(scope.attach(async {
        offload(|_lane| work()).await;
        let panicked = AssertUnwindSafe(offload(|_lane| std::panic::panic_any(3_u8))).catch_unwind().await;
        assert_eq!(*panicked.unwrap_err().downcast::<u8>().unwrap(), 3);
    }));
    let reading = scope.reading("work");
    assert_eq!((reading.calls(), reading.unattributed()), (1, 0));

    // A scope with a pool of its own gets its work there.
    let own = Scope::builder("offload").threads(3).open();
    assert_eq!(block_on(own.attach(offload(|_lane| rayon::current_num_threads()))), 3);

    // Never polled: never begun. Dropped before a worker came: never run.
    drop(offload(|_lane| -> () { unreachable!("never polled") }));
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    one.install(|| {
        let counted = Arc::clone(&count);
        let mut job = Box::pin(offload(move |_lane| {
            counted.fetch_add(1, Ordering::SeqCst);
        }));
        // On the pool's only worker, the second poll has the job run beside the pool rather than waiting for nobody.
        assert_eq!(job.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
        block_on(job);

        // The only worker is busy with this: what is given up now was not begun, and is dropped at once.
        let counted = Arc::clone(&count);
        let mut job = Box::pin(offload(move |_lane| {
            counted.fetch_add(1, Ordering::SeqCst);
        }));
        assert_eq!(job.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
        drop(job);
        assert_eq!(Arc::strong_count(&count), 1);
    });
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

/// An executor on rayon, as some programs have: a task is polled under its lock, by a job for each wake.
struct Task(Mutex<Option<futures::future::BoxFuture<'static, ()>>>);

impl futures::task::ArcWake for Task {
    fn wake_by_ref(task: &Arc<Self>) {
        let task = Arc::clone(task);
        rayon::spawn(move || {
            let mut slot = task.0.lock().unwrap();
            let waker = futures::task::waker_ref(&task);
            if let Some(future) = &mut *slot
                && future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()
            {
                *slot = None;
            }
        });
    }
}

#[test]
fn an_executor_on_rayon_drives_and_offloads() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let (done, is_done) = std::sync::mpsc::channel();
    for _ in 0..50 {
        let done = done.clone();
        let task = async move {
            let mut scope = Scope::open("drive");
            let items = stream::iter((0..100).map(Ok::<usize, String>));
            scope.pass("cold").drive(items, |_lane, _item| Ok(())).await.unwrap();
            let completed = scope.report().passes[0].completed;
            done.send(offload(move |_lane| completed).await).unwrap();
        };
        let task = Arc::new(Task(Mutex::new(Some(task.boxed()))));
        pool.spawn(move || futures::task::ArcWake::wake_by_ref(&task));
    }
    for _ in 0..50 {
        assert_eq!(is_done.recv(), Ok(100));
    }
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "dropped");
    }
}

#[test]
fn a_value_that_panics_when_dropped_does_not_end_the_process() {
    let (begun, release) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));

    // An abandoned result, of work that had begun.
    let (at_begin, at_end) = (Arc::clone(&begun), Arc::clone(&release));
    let work = offload(move |_lane| {
        at_begin.wait();
        at_end.wait();
        Bomb
    });
    let mut work = Box::pin(work);
    assert!(work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    begun.wait();
    drop(work);
    release.wait();

    // An `f` that a dropped drive leaves to its last item.
    let mut scope = Scope::builder("drive").threads(1).open();
    let (at_begin, at_end, bomb) = (Arc::clone(&begun), Arc::clone(&release), Bomb);
    let items = stream::iter((0..1).map(Ok::<usize, String>)).chain(stream::pending());
    let mut linked = Box::pin(scope.pass("cold").drive(items, move |_lane, _item| {
        let _keep = &bomb;
        at_begin.wait();
        at_end.wait();
        Ok(())
    }));
    assert!(linked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    begun.wait();
    drop(linked);
    // The pass is booked, with the item that still runs.
    assert_eq!(scope.report().passes[0].items, 1);
    release.wait();

    // Both pools are as usable as before.
    assert_eq!(scope.pass("after").map(0..3, |_lane, n| n), [0, 1, 2]);
    assert_eq!(block_on(offload(|_lane| 1)), 1);
}

/// Meets two barriers when it is dropped.
struct Slow(Option<[Arc<Barrier>; 2]>);

impl Drop for Slow {
    fn drop(&mut self) {
        for barrier in self.0.iter().flatten() {
            barrier.wait();
        }
    }
}

/// The first item panics, and while the second is dropped for that, so is the future.
#[test]
fn a_drive_that_is_dropped_while_it_fails_books_what_began_once() {
    let mut scope = Scope::builder("drive").threads(1).open();
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let [begun, leave] = [(); 2].map(|()| Arc::new(Barrier::new(2)));
    let items = [Slow(None), Slow(Some([Arc::clone(&begun), Arc::clone(&leave)]))];
    let items = stream::iter(items.map(Ok::<Slow, String>)).chain(stream::pending());
    let mut linked = Box::pin(scope.pass("cold").queue(2).drive(items, move |_lane, _item| {
        gate.lock().unwrap().recv().unwrap();
        panic!("the first item");
    }));
    assert!(linked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    release.send(()).unwrap();
    begun.wait();
    drop(linked);
    let pass = scope.report().passes.remove(0);
    assert_eq!((pass.items, pass.completed), (1, 0));
    leave.wait();
}
