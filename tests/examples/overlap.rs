//! Downloads and links, in every way in which they can be put together: how long each takes in all, as a multiple of the
//! best, and how long it kept a sibling future of the same task from being polled.
//!
//! `cargo run --release -p testbed --example overlap`: 64 packages of 5 ms of link each, once 5 ms apart on 4 threads, and
//! once all of them after 20 ms on 8.

use concurrency_probe::testing::with_lane;
use concurrency_probe::{Lane, Scope, concurrency_probe, must_run_parallel};
use futures::stream::{self, Stream, StreamExt};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const PACKAGES: u32 = 64;
const LINK: Duration = Duration::from_millis(5);

/// When packages arrive, and what links them.
#[derive(Clone, Copy)]
struct Workload {
    name: &'static str,
    first: Duration,
    apart: Duration,
    threads: usize,
}

const WORKLOADS: [Workload; 2] = [
    Workload {
        name: "5 ms apart",
        first: Duration::from_millis(5),
        apart: Duration::from_millis(5),
        threads: 4,
    },
    Workload { name: "all after 20 ms", first: Duration::from_millis(20), apart: Duration::ZERO, threads: 8 },
];

/// One run: when it began, and, in nanoseconds after that, when the last package arrived.
struct Clock {
    workload: Workload,
    began: Instant,
    last_arrival: AtomicU64,
}

impl Clock {
    /// Waits for a package's download.
    async fn arrival(&self, package: u32) {
        let Workload { first, apart, .. } = self.workload;
        tokio::time::sleep_until((self.began + first + apart * package).into()).await;
        let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.last_arrival.fetch_max(now, Ordering::Relaxed);
    }
}

/// A link that waits for a disk.
#[concurrency_probe(scope = "install")]
#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, _package: u32) {
    std::thread::sleep(LINK);
}

/// Packages as downloads bring them, all of which are under way.
fn arrivals(clock: &Clock) -> impl Stream<Item = Result<u32, ()>> {
    let downloads = stream::iter(0..PACKAGES).map(move |package| async move {
        clock.arrival(package).await;
        Ok(package)
    });
    downloads.buffer_unordered(PACKAGES as usize)
}

/// Each download links its own package, in the futures of one `join_all`.
async fn inline(scope: &mut Scope, clock: &Clock) {
    let packages = (0..PACKAGES).map(|package| async move {
        clock.arrival(package).await;
        with_lane(|lane| link_slot(lane, package));
    });
    scope.attach(futures::future::join_all(packages)).await;
}

/// All links after all downloads.
async fn one_pass(scope: &mut Scope, clock: &Clock) {
    let packages: Vec<Result<u32, ()>> = arrivals(clock).collect().await;
    scope.pass("one pass").for_each(packages.into_iter().flatten().collect::<Vec<_>>(), link_slot);
}

/// Each goes to the pool as it arrives.
async fn drive(scope: &mut Scope, clock: &Clock) {
    let linked = scope.pass("drive").drive(arrivals(clock), |lane, package| {
        link_slot(lane, package);
        Ok(())
    });
    linked.await.unwrap_or_default();
}

/// What is ready is run in chunks, in place.
async fn drive_in_place(scope: &mut Scope, clock: &Clock) {
    let linked = scope.pass("drive in place").drive_in_place(arrivals(clock), |lane, package| {
        link_slot(lane, *package);
        Ok(())
    });
    linked.await.unwrap_or_default();
}

/// What one way measured.
struct Line {
    name: &'static str,
    in_all: Duration,
    after_last_arrival: Duration,
    stall: Duration,
    threads: usize,
}

/// Runs one way beside a sibling future of the same task that asks to be polled all the time.
async fn measure(workload: Workload, name: &'static str, way: impl AsyncFnOnce(&mut Scope, &Clock)) -> Line {
    let mut scope = Scope::builder("install").threads(workload.threads).open();
    let handle = scope.handle();
    let (done, longest) = (AtomicBool::new(false), AtomicU64::new(0));
    let clock = Clock { workload, began: Instant::now(), last_arrival: AtomicU64::new(0) };
    let links = async {
        way(&mut scope, &clock).await;
        done.store(true, Ordering::Relaxed);
        clock.began.elapsed()
    };
    let sibling = async {
        let mut last = Instant::now();
        while !done.load(Ordering::Relaxed) {
            tokio::task::yield_now().await;
            let gap = u64::try_from(last.elapsed().as_nanos()).unwrap_or(u64::MAX);
            longest.fetch_max(gap, Ordering::Relaxed);
            last = Instant::now();
        }
    };
    let (in_all, ()) = futures::join!(links, sibling);
    Line {
        name,
        in_all,
        after_last_arrival: in_all.saturating_sub(Duration::from_nanos(clock.last_arrival.into_inner())),
        stall: Duration::from_nanos(longest.into_inner()),
        threads: handle.reading("link_slot").max_concurrent().unwrap_or_default(),
    }
}

fn main() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build()?;
    for workload in WORKLOADS {
        let lines = runtime.block_on(async {
            [
                measure(workload, "inline (the bug)", inline).await,
                measure(workload, "one pass after the join", one_pass).await,
                measure(workload, "drive", drive).await,
                measure(workload, "drive_in_place", drive_in_place).await,
            ]
        });
        print(workload, &lines);
    }
    Ok(())
}

fn print(workload: Workload, lines: &[Line]) {
    let best = lines.iter().map(|line| line.in_all).min().unwrap_or_default();
    let Workload { name, threads, .. } = workload;
    println!("{PACKAGES} packages, {name}, {LINK:?} of link each, {threads} threads\n");
    println!(
        "{:<24} {:>9} {:>6} {:>22} {:>16} {:>8}",
        "", "in all", "ratio", "after the last arrival", "a sibling waited", "threads"
    );
    for Line { name, in_all, after_last_arrival, stall, threads } in lines {
        println!(
            "{name:<24} {:>6.1} ms {:>6.2} {:>15.2} links {:>13.2} ms {threads:>8}",
            in_all.as_secs_f64() * 1e3,
            in_all.as_secs_f64() / best.as_secs_f64(),
            after_last_arrival.as_secs_f64() / LINK.as_secs_f64(),
            stall.as_secs_f64() * 1e3,
        );
    }
    println!();
}
