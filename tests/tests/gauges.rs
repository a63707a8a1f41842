//! Gauges of the `metrics` facade, as Prometheus scrapes them over a socket.

use concurrency_probe::metrics::publish;
use concurrency_probe::{Scope, concurrency_probe};
use futures::FutureExt as _;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Barrier, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Waker};

/// The exporter of this test program, with its own HTTP listener. Scopes are told apart by their names.
fn exporter() -> &'static (SocketAddr, PrometheusHandle) {
    static EXPORTER: OnceLock<(SocketAddr, PrometheusHandle)> = OnceLock::new();
    EXPORTER.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        // The exporter does not tell which port it got: it is given one that was free a moment ago, and another one if it is taken.
        let (address, recorder, serve) = std::iter::repeat_with(|| {
            let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap();
            let _runtime = runtime.enter();
            let (recorder, serve) = PrometheusBuilder::new().with_http_listener(address).build().ok()?;
            Some((address, recorder, serve))
        })
        .take(100)
        .find_map(|built| built)
        .unwrap();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).unwrap();
        std::thread::spawn(move || runtime.block_on(serve));
        (address, handle)
    })
}

fn get(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
    page
}

const GAUGES: [&str; 4] = ["calls", "in_flight", "max_in_flight", "max_concurrent"];

/// What a page says of a probe in a batch, in the order of [`GAUGES`]; `None` of what is not there.
fn read(page: &str, scope: &str, probe: &str, batch: &str) -> [Option<u64>; 4] {
    GAUGES.map(|gauge| {
        let labels =
            format!("concurrency_probe_{gauge}{{scope=\"{scope}\",probe=\"{probe}\",batch=\"{batch}\"}} ");
        page.lines().find_map(|line| line.strip_prefix(&labels)).map(|value| value.parse().unwrap())
    })
}

/// Tests that look at what is set without being published are not beside one that publishes.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is scraped.
fn scraped(scope: &str, probe: &str, batch: &str) -> [Option<u64>; 4] {
    read(&get(exporter().0), scope, probe, batch)
}

/// The same, after it was published.
fn published(scope: &str, probe: &str, batch: &str) -> [Option<u64>; 4] {
    exporter();
    publish();
    scraped(scope, probe, batch)
}

fn some(values: [u64; 4]) -> [Option<u64>; 4] {
    values.map(Some)
}

/// A call that waits twice: until all are inside, and until they may go.
fn wait(inside: &Barrier, go: &Barrier) {
    inside.wait();
    go.wait();
}

#[concurrency_probe(scope = "inside")]
fn link(inside: &Barrier, go: &Barrier) {
    wait(inside, go);
}

#[test]
fn what_is_inside_is_scraped_while_it_is() {
    let _alone = alone();
    let scope = Scope::open("inside");
    let (inside, go) = (Barrier::new(4), Barrier::new(4));
    std::thread::scope(|here| {
        for _ in 0..3 {
            here.spawn(|| scope.in_scope(|| link(&inside, &go)));
        }
        inside.wait();
        let now = published("inside", "link", "");
        go.wait();
        // Only when they can go: a test that fails ends.
        assert_eq!(now, some([3, 3, 3, 3]));
    });
    assert_eq!(published("inside", "link", ""), some([3, 0, 3, 3]));
    let page = get(exporter().0);
    for gauge in GAUGES {
        assert!(page.contains(&format!("# HELP concurrency_probe_{gauge} ")), "{page}");
        assert!(page.contains(&format!("# TYPE concurrency_probe_{gauge} gauge")), "{page}");
    }
}

#[concurrency_probe(scope = "kinds")]
async fn fetch() {
    tokio::task::yield_now().await;
}

#[concurrency_probe(scope = "kinds", polls)]
async fn watch() {
    tokio::task::yield_now().await;
}

/// Threads are counted where a probe counts threads.
#[test]
fn futures_have_no_peak_of_threads_unless_their_polls_are_counted() {
    let _alone = alone();
    let scope = Scope::open("kinds");
    let mut futures: Vec<_> = (0..5).map(|_| Box::pin(scope.attach(fetch()))).collect();
    let mut watched: Vec<_> = (0..2).map(|_| Box::pin(scope.attach(watch()))).collect();
    let mut context = Context::from_waker(Waker::noop());
    for future in &mut futures {
        assert!(future.poll_unpin(&mut context).is_pending());
    }
    for future in &mut watched {
        assert!(future.poll_unpin(&mut context).is_pending());
    }
    assert_eq!(published("kinds", "fetch", ""), [Some(5), Some(5), Some(5), None]);
    assert_eq!(published("kinds", "watch", ""), some([2, 2, 2, 1]));
    futures.truncate(1);
    drop(watched);
    assert_eq!(published("kinds", "fetch", ""), [Some(5), Some(1), Some(5), None]);
    assert_eq!(published("kinds", "watch", ""), some([2, 0, 2, 1]));
}

#[concurrency_probe(scope = "batches")]
fn unpack(_package: u32) {}

/// Batches of one label add up, wherever they are made.
#[test]
fn each_batch_has_gauges_of_its_own() {
    let _alone = alone();
    let mut scope = Scope::builder("batches").threads(2).hold("unpack", 2).open();
    scope.pass("cold").for_each(0..9, |_lane, package| unpack(package));
    scope.pass("cold").for_each(0..9, |_lane, package| unpack(package));
    scope.batch("warm").in_scope(|| unpack(1));
    assert_eq!(published("batches", "unpack", "cold"), some([18, 0, 2, 2]));
    assert_eq!(published("batches", "unpack", "warm"), some([1, 0, 1, 1]));
    assert_eq!(published("batches", "unpack", ""), [None; 4]);
    assert_eq!(published("batches", "pack", "cold"), [None; 4]);
}

#[concurrency_probe(scope = "several")]
fn checksum(inside: &Barrier, go: &Barrier) {
    wait(inside, go);
}

/// Two threads are inside in the first scope, and one in the second one.
#[test]
fn scopes_of_one_name_add_up() {
    let _alone = alone();
    let read = || published("several", "checksum", "");
    let [first, second] = [(); 2].map(|()| Scope::open("several"));
    let handles = [first.handle(), first.handle(), second.handle()];
    let (inside, go) = (Barrier::new(4), Barrier::new(4));
    std::thread::scope(|here| {
        for handle in handles {
            let (inside, go) = (&inside, &go);
            here.spawn(move || handle.in_scope(|| checksum(inside, go)));
        }
        inside.wait();
        let both = read();
        // Its two calls are still inside, and nobody's from now on.
        drop(first);
        let (closed, published) = (scraped("several", "checksum", ""), read());
        go.wait();
        assert_eq!(both, some([3, 3, 2, 2]));
        assert_eq!(closed, some([3, 1, 2, 2]));
        assert_eq!(published, some([3, 1, 1, 1]));
    });
    assert_eq!(read(), some([3, 0, 1, 1]));
    drop(second);
    assert_eq!(read(), some([3, 0, 1, 1]));
    // A scope that is opened later goes on from there.
    let third = Scope::open("several");
    assert_eq!(read(), some([3, 0, 1, 1]));
    let alone = Barrier::new(1);
    (0..2).for_each(|_| third.in_scope(|| checksum(&alone, &alone)));
    assert_eq!(read(), some([5, 0, 1, 1]));
}

#[concurrency_probe(scope = "left")]
async fn left() {
    tokio::task::yield_now().await;
}

#[test]
fn a_scope_that_closes_leaves_its_last_values_and_nothing_in_flight() {
    let _alone = alone();
    exporter();
    let scope = Scope::open("left");
    let mut future = Box::pin(scope.attach(left()));
    assert!(future.poll_unpin(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(published("left", "left", ""), [Some(1), Some(1), Some(1), None]);
    drop(scope);
    let last = [Some(1), Some(0), Some(1), None];
    assert_eq!(scraped("left", "left", ""), last);
    assert_eq!(published("left", "left", ""), last);
    drop(future);
    assert_eq!(published("left", "left", ""), last);
}

/// The way that is recommended: it is published where it is asked for.
#[test]
fn a_handler_of_the_program_publishes_when_it_is_scraped() {
    let _alone = alone();
    #[concurrency_probe(scope = "handler")]
    fn serve() {}

    async fn metrics() -> String {
        publish();
        exporter().1.render()
    }
    exporter();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().route("/metrics", axum::routing::get(metrics));
    runtime.spawn(async { axum::serve(listener, app).await });
    let scope = Scope::open("handler");
    for calls in 1..=3 {
        scope.in_scope(serve);
        assert_eq!(read(&get(address), "handler", "serve", ""), some([calls, 0, 1, 1]));
    }
}

/// A recorder of nothing, which panics.
struct Broken;

impl metrics::Recorder for Broken {
    fn describe_counter(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}
    fn describe_gauge(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}
    fn describe_histogram(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}
    fn register_counter(&self, _: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Counter {
        panic!("for the test")
    }
    fn register_gauge(&self, _: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Gauge {
        panic!("for the test")
    }
    fn register_histogram(&self, _: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Histogram {
        panic!("for the test")
    }
}

#[test]
fn a_recorder_that_panics_does_not_make_a_scope_panic() {
    let _alone = alone();
    #[concurrency_probe(scope = "broken")]
    fn call() {}

    let scope = Scope::open("broken");
    scope.in_scope(call);
    metrics::with_local_recorder(&Broken, || {
        catch_unwind(AssertUnwindSafe(publish)).unwrap_err();
        drop(scope);
    });
    assert_eq!(published("broken", "call", ""), some([1, 0, 1, 1]));
}
