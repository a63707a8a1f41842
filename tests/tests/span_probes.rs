//! Spans of a program are probes: they are counted, held and judged without an attribute.

use concurrency_probe::tracing::SpanProbes;
use concurrency_probe::{FindingKind, NotConcurrent, Scope};
use futures::future::join_all;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier, Mutex, Once};
use std::task::{Context, Waker};
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, Instrument as _, Subscriber, info_span, instrument};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::registry;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The subscriber of this test program: on all of its threads, also on those of pools.
fn subscribe() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let scopes = ["spans", "other", "also in flight"];
        let layers = scopes.map(|scope| SpanProbes::new(scope).probe("link_slots").polls("fetch"));
        registry().with(Vec::from(layers)).init();
    });
}

fn link_slots() {
    let _span = info_span!("link_slots").entered();
}

#[instrument]
async fn fetch(id: u32) -> u32 {
    tokio::task::yield_now().await;
    id
}

/// How many calls of a probe have begun and not ended.
fn in_flight(scope: &Scope, probe: &str) -> u64 {
    let report = scope.report();
    report.probes.iter().find(|of| of.name == probe).map_or(0, |of| of.in_flight)
}

#[test]
fn spans_that_follow_one_another_are_red_and_spans_at_once_are_green() {
    type Program = fn(&mut Scope);
    let programs: [(Program, bool); 4] = [
        (|scope| scope.pass("cold").for_each(0..9, |_lane, _slot| link_slots()), true),
        (
            |scope| {
                scope.pass("cold").for_each(0..9, |_lane, _slot| info_span!("link_slots").in_scope(|| ()));
            },
            true,
        ),
        (|scope| scope.run(|| (0..9).for_each(|_| link_slots())), false),
        (
            |scope| {
                let linking = join_all((0..9).map(|_| async { link_slots() }));
                futures::executor::block_on(scope.attach_exclusive(linking));
            },
            false,
        ),
    ];
    subscribe();
    for (i, (program, is_parallel)) in programs.into_iter().enumerate() {
        let mut scope = Scope::builder("spans").hold("link_slots", 2).open();
        program(&mut scope);
        let reading = scope.reading("link_slots");
        assert_eq!(reading.calls(), 9, "{i}");
        assert_eq!(reading.check_concurrent(2).is_ok(), is_parallel, "{i}");
        let is_proven = reading.check_concurrent(2).err().as_ref().is_none_or(NotConcurrent::is_proven);
        assert!(is_proven, "{i}");
    }
}

#[test]
fn futures_are_in_flight_from_their_first_poll_to_their_end() {
    subscribe();
    let scope = Scope::open("spans");
    let ids = futures::executor::block_on(scope.attach(join_all((0..8).map(fetch))));
    assert_eq!(ids.len(), 8);
    let reading = scope.reading("fetch");
    reading.assert_in_flight(8);
    assert_eq!((reading.calls(), reading.max_concurrent(), in_flight(&scope, "fetch")), (8, Some(1), 0));

    let scope = Scope::open("spans");
    futures::executor::block_on(scope.attach(async {
        for id in 0..8 {
            fetch(id).await;
        }
    }));
    let reading = scope.reading("fetch");
    assert_eq!((reading.calls(), reading.max_in_flight()), (8, 1));
    reading.check_in_flight(2).unwrap_err();
}

/// Polls on threads at once are held until they have met.
#[test]
fn polls_of_spans_are_held() {
    fn polled(threads: u32, tasks_of_each: u32) -> Result<(), NotConcurrent> {
        let scope = Scope::builder("spans").hold("fetch", 2).hold_limit(Duration::from_millis(50)).open();
        std::thread::scope(|here| {
            for _ in 0..threads {
                let handle = scope.handle();
                here.spawn(move || {
                    for id in 0..tasks_of_each {
                        futures::executor::block_on(handle.attach(fetch(id)));
                    }
                });
            }
        });
        assert_eq!(scope.reading("fetch").calls(), u64::from(threads * tasks_of_each));
        scope.reading("fetch").check_concurrent(2)
    }
    subscribe();
    assert_eq!(polled(2, 4).err().map(|why| why.to_string()), None);
    polled(1, 8).unwrap_err();
}

/// The bug itself: the link blocks the poll of a download.
#[test]
fn a_span_inside_a_poll_is_a_finding() {
    fn findings(link_in_poll: bool) -> Vec<FindingKind> {
        let scope = Scope::builder("spans").quiet().open();
        let download = async {
            tokio::task::yield_now().await;
            if link_in_poll {
                link_slots();
            }
        };
        futures::executor::block_on(scope.attach(download.instrument(info_span!("fetch"))));
        scope.run(link_slots);
        scope.report().findings.iter().map(|finding| finding.kind).collect()
    }
    subscribe();
    assert_eq!(findings(true), [FindingKind::BlockedPoll]);
    assert_eq!(findings(false), []);
}

/// On a thread of its own: `tracing` leaves open what is current on a thread whose `enter` has panicked.
#[test]
fn a_span_inside_a_poll_panics_in_a_strict_scope_and_leaves_nothing_behind() {
    fn panics(strict: bool) -> bool {
        std::thread::spawn(move || {
            let builder = Scope::builder("spans").quiet();
            let scope = if strict { builder.strict().open() } else { builder.open() };
            let download = async { link_slots() }.instrument(info_span!("fetch"));
            let download = scope.attach(download);
            let panics = catch_unwind(AssertUnwindSafe(|| futures::executor::block_on(download))).is_err();
            assert_eq!((in_flight(&scope, "link_slots"), in_flight(&scope, "fetch")), (0, 0));
            panics
        })
        .join()
        .unwrap()
    }
    subscribe();
    assert!(panics(true));
    assert!(!panics(false));
}

#[test]
fn threads_that_are_inside_at_once_are_counted_without_a_hold() {
    fn inside(threads: usize) -> (u64, Option<usize>) {
        let scope = Scope::open("spans");
        let meet = Barrier::new(threads);
        std::thread::scope(|here| {
            for _ in 0..threads {
                here.spawn(|| {
                    scope.in_scope(|| {
                        let _span = info_span!("link_slots").entered();
                        meet.wait();
                    });
                });
            }
        });
        let reading = scope.reading("link_slots");
        (reading.calls(), reading.max_concurrent())
    }
    subscribe();
    assert_eq!(inside(1), (1, Some(1)));
    assert_eq!(inside(3), (3, Some(3)));
}

/// Two places of one name are one probe, as with names that are written by hand.
#[test]
fn recursion_counts_a_thread_once() {
    subscribe();
    let scope = Scope::open("spans");
    scope.in_scope(|| {
        let _outer = info_span!("link_slots").entered();
        let again = info_span!("link_slots");
        let _again = again.enter();
        let _once_more = again.enter();
        assert_eq!(in_flight(&scope, "link_slots"), 3);
    });
    let reading = scope.reading("link_slots");
    assert_eq!((reading.calls(), reading.max_in_flight(), reading.max_concurrent()), (3, 3, Some(1)));
    assert_eq!(in_flight(&scope, "link_slots"), 0);
}

#[test]
fn spans_may_be_left_in_any_order() {
    subscribe();
    let scope = Scope::open("spans");
    scope.in_scope(|| {
        for last_first in [true, false] {
            let other = info_span!("something else").entered();
            let mut spans = [(); 2].map(|()| info_span!("link_slots").entered());
            drop(other);
            if last_first {
                spans.reverse();
            }
            let [first, second] = spans;
            drop(first);
            assert_eq!(in_flight(&scope, "link_slots"), 1);
            // A span that was left may be entered anew.
            let second = second.exit();
            assert_eq!(in_flight(&scope, "link_slots"), 0);
            let _again = second.entered();
            assert_eq!(in_flight(&scope, "link_slots"), 1);
        }
    });
    assert_eq!(scope.reading("link_slots").calls(), 6);
    assert_eq!(in_flight(&scope, "link_slots"), 0);
    assert_eq!(scope.reading("link_slots").max_concurrent(), Some(1));
}

/// Each guard is told by its span: of two probes the one that is left is the one that ends.
#[test]
fn spans_inside_one_another_end_their_own_calls() {
    subscribe();
    let scope = Scope::open("spans");
    scope.in_scope(|| {
        let polled = info_span!("fetch");
        let [outer, inner] = [info_span!("link_slots").entered(), polled.entered()];
        drop(outer);
        assert_eq!(scope.reading("link_slots").calls(), 1);
        assert_eq!((in_flight(&scope, "link_slots"), in_flight(&scope, "fetch")), (0, 1));
        drop(inner);
        assert_eq!(in_flight(&scope, "fetch"), 0);
    });
}

#[test]
fn a_call_ends_however_it_ends() {
    let endings: [(&str, fn()); 4] = [
        ("it returns", link_slots),
        ("it panics", || {
            let panics = || info_span!("link_slots").in_scope(|| panic!("for the test"));
            catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
        }),
        ("its handle has clones", || {
            let span = info_span!("link_slots");
            let clone = span.clone();
            drop(span.entered());
            assert!(!clone.is_none());
        }),
        // Its guard is never dropped. The thread ends.
        ("it is forgotten", || {
            let scope = concurrency_probe::ScopeHandle::current("spans").unwrap();
            std::thread::spawn(move || {
                scope.in_scope(|| std::mem::forget(info_span!("link_slots").entered()));
            })
            .join()
            .unwrap();
        }),
    ];
    subscribe();
    for (how, ends) in endings {
        let scope = Scope::open("spans");
        scope.in_scope(ends);
        assert_eq!((scope.reading("link_slots").calls(), in_flight(&scope, "link_slots")), (1, 0), "{how}");
    }
}

#[test]
fn a_future_ends_however_it_ends() {
    fn poll_once<F: Future + Unpin>(future: &mut F) {
        assert!(futures::FutureExt::poll_unpin(future, &mut Context::from_waker(Waker::noop())).is_pending());
    }
    type Download = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;
    type Ends = fn(Download);
    let endings: [(&str, Ends); 5] = [
        ("it is ready", futures::executor::block_on),
        ("it is dropped after its first poll", |mut download| poll_once(&mut download)),
        ("it is dropped before its first poll", drop),
        ("it is dropped on another thread", |mut download| {
            poll_once(&mut download);
            std::thread::spawn(|| drop(download)).join().unwrap();
        }),
        ("it is polled and ready on another thread", |mut download| {
            poll_once(&mut download);
            std::thread::spawn(|| futures::executor::block_on(download)).join().unwrap();
        }),
    ];
    subscribe();
    for (how, ends) in endings {
        let scope = Scope::open("spans");
        ends(Box::pin(
            scope.attach(
                async {
                    fetch(1).await;
                }
                .instrument(info_span!("fetch")),
            ),
        ));
        let calls = scope.reading("fetch").calls();
        // The inner one is made by the first poll.
        let expected = if how == "it is dropped before its first poll" { 1 } else { 2 };
        assert_eq!((calls, in_flight(&scope, "fetch")), (expected, 0), "{how}");
    }

    let scope = Scope::open("spans");
    let panics = async {
        tokio::task::yield_now().await;
        panic!("for the test")
    };
    let panics = scope.attach(panics.instrument(info_span!("fetch")));
    catch_unwind(AssertUnwindSafe(|| futures::executor::block_on(panics))).unwrap_err();
    assert_eq!((scope.reading("fetch").calls(), in_flight(&scope, "fetch")), (1, 0));
}

#[test]
fn a_clone_of_the_span_of_a_future_keeps_it_in_flight() {
    subscribe();
    let scope = Scope::open("spans");
    let span = info_span!("fetch");
    let clone = span.clone();
    futures::executor::block_on(scope.attach(async {}.instrument(span)));
    assert_eq!(in_flight(&scope, "fetch"), 1);
    std::thread::spawn(|| drop(clone)).join().unwrap();
    assert_eq!(in_flight(&scope, "fetch"), 0);
}

/// Each layer counts for the scopes of its own name, and each call for the scope that is current.
#[test]
fn several_layers_see_the_same_spans() {
    subscribe();
    let (spans, other) = (Scope::open("spans"), Scope::open("other"));
    spans.in_scope(|| {
        link_slots();
        other.in_scope(|| {
            link_slots();
            futures::executor::block_on(fetch(1));
        });
    });
    let calls = |scope: &Scope| ["link_slots", "fetch"].map(|probe| scope.reading(probe).calls());
    assert_eq!((calls(&spans), calls(&other)), ([2, 1], [1, 1]));
    assert_eq!((in_flight(&spans, "fetch"), in_flight(&other, "fetch")), (0, 0));
}

/// Runs a pass of one thread that makes spans, under a subscriber of its own, and tells what an assertion says.
fn judged(
    scope: &'static str,
    probe: &'static str,
    subscriber: impl Subscriber + Send + Sync,
) -> Result<(), String> {
    let scope = Scope::open(scope);
    let dispatch = Dispatch::new(subscriber);
    let meet = Barrier::new(2);
    let link = || {
        tracing::dispatcher::with_default(&dispatch, || {
            scope.in_scope(|| {
                let _span = info_span!("link_slots").entered();
                meet.wait();
                let _pass = info_span!("pass").entered();
            });
        });
    };
    std::thread::scope(|here| (0..2).for_each(|_| drop(here.spawn(link))));
    scope.reading(probe).check_concurrent(2).map_err(|why| why.to_string())
}

#[test]
fn what_is_not_seen_is_red() {
    let layer = || SpanProbes::new("unseen").probe("link_slots").probe("link_slotz");
    let enabled = |level| judged("unseen", "link_slots", registry().with(layer()).with(level));
    assert_eq!(enabled(LevelFilter::INFO), Ok(()));
    assert!(enabled(LevelFilter::WARN).unwrap_err().contains("`link_slots` was never called"));

    let own = |name: &'static str| layer().with_filter(filter_fn(move |metadata| metadata.name() == name));
    assert_eq!(judged("unseen", "link_slots", registry().with(own("link_slots"))), Ok(()));
    let why = judged("unseen", "link_slots", registry().with(own("fetch"))).unwrap_err();
    assert!(why.contains("`link_slots` was never called"), "{why}");

    // A name that the layer has and no span.
    let why = judged("unseen", "link_slotz", registry().with(layer())).unwrap_err();
    assert!(why.contains("link_slotz"), "{why}");
    assert!(why.contains("did you mean `link_slots`?"), "{why}");
    // A name that a span has and the layer has not.
    let why = judged("unknown", "link_slots", registry().with(SpanProbes::new("unknown").probe("unpack")))
        .unwrap_err();
    assert!(why.contains("link_slots"), "{why}");
}

#[test]
fn other_layers_and_filters_stand_beside_it() {
    #[derive(Clone, Default)]
    struct Text(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Text {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let text = Text::default();
    let writer = text.clone();
    let fmt = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_span_events(FmtSpan::ENTER)
        .with_writer(move || writer.clone());
    let probes = SpanProbes::new("beside").probe("link_slots").with_filter(LevelFilter::INFO);
    let subscriber = registry().with(fmt.with_filter(LevelFilter::INFO)).with(probes);
    assert_eq!(judged("beside", "link_slots", subscriber), Ok(()));
    let text = String::from_utf8(text.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.matches(": enter").count(), 4, "{text}");
}

/// A pass is a span named `pass`. It is no call of a probe of this name, and a span of the program is.
#[test]
fn own_spans_are_not_counted() {
    let layer = || SpanProbes::new("own").probe("pass");
    assert_eq!(judged("own", "pass", registry().with(layer())).map_err(drop), Err(()));
    let mut scope = Scope::open("own");
    let _default = registry().with(layer()).set_default();
    scope.pass("cold").here().for_each(0..9, |_lane, _slot| ());
    assert_eq!(scope.reading("pass").calls(), 0);
    scope.in_scope(|| info_span!("pass").in_scope(|| ()));
    assert_eq!(scope.reading("pass").calls(), 1);
}
