//! What is new in the contract, in code: this compiles against concurrency-probe with features `tokio` and `report`
//! (beside it: tokio, rayon, futures, serde_json). It is a check of names and signatures, not a test of behaviour.
#![allow(dead_code, unused_variables)]
use concurrency_probe::{
    Batch, Lane, Reading, Scope, ScopeHandle, concurrency_probe, must_run_parallel, offload_blocking,
};
use futures::StreamExt;
use std::cell::Cell;
use std::time::Duration;

#[concurrency_probe(scope = "install")]
fn raw(n: u32) -> u32 {
    n
}

#[concurrency_probe(scope = "install")]
async fn fetch(n: u32) -> u32 {
    n
}

#[concurrency_probe(scope = "install")]
#[must_run_parallel]
fn unpack(lane: Lane<'_>, n: u32) -> Result<u32, String> {
    Ok(n)
}

#[concurrency_probe(scope = "install")]
#[must_run_parallel]
fn link_slot(lane: Lane<'_>, n: u32) -> Result<(), String> {
    Ok(())
}

fn the_scope_goes_along(install: &Scope) {
    let handle: ScopeHandle = install.handle();
    let on_a_thread = handle.clone();
    std::thread::spawn(move || on_a_thread.run(|| raw(1)));
    let not_send = Cell::new(1);
    let n: u32 = install.in_scope(|| raw(not_send.get()));
    let n: u32 = handle.in_scope(|| raw(not_send.get()));
    let here: Option<ScopeHandle> = ScopeHandle::current("install");
    let cold: Batch = handle.batch("cold");
    let again = cold.clone();
    let n: u32 = cold.run(|| raw(1));
    let n: u32 = again.in_scope(|| raw(not_send.get()));
}

async fn tasks(install: &Scope) {
    let handle = install.handle();
    let n: u32 = tokio::spawn(handle.attach(fetch(1))).await.unwrap();
    let n: u32 = tokio::spawn(handle.batch("cold").attach(fetch(2))).await.unwrap();
    let done: Result<(), String> = offload_blocking(|lane| link_slot(lane, 1)).await;
}

async fn stages(install: &mut Scope) -> Result<(), String> {
    install.pass("cold").try_for_each(0..9u32, |lane, n| {
        let (unpacked, lane) = lane.stage(|lane| unpack(lane, n));
        link_slot(lane, unpacked?)
    })?;
    let local = String::from("borrowed");
    let fetched = futures::stream::iter(0..99).then(|n| async move { Ok::<u32, String>(fetch(n).await) });
    let linked = install.pass("cold").chunk(32).drive_in_place(fetched, |lane, n| {
        let _ = &local;
        link_slot(lane, *n)
    });
    linked.await
}

fn verdicts() {
    let install = Scope::builder("install")
        .hold("link_slot", 2)
        .hold("fetch", 4)
        .hold_limit(Duration::from_millis(200))
        .open();
    let reading: Reading = install.reading("link_slot");
    reading.assert_concurrent(2);
    reading.assert_in_flight(4);
    reading.assert_at_most(16);
    let (a, b) = (reading.check_in_flight(4).is_ok(), reading.check_at_most(16).is_ok());
    if let Err(why) = reading.check_concurrent(2) {
        let certain: bool = why.is_proven();
        println!("{why}");
    }
    let cold: Reading = reading.in_batch("cold");
    for batch in reading.batches() {
        let (label, file, line): (&str, &str, u32) = (batch.label(), batch.file(), batch.line());
        let calls: u64 = batch.calls();
        let (in_flight, threads): (usize, Option<usize>) = (batch.max_in_flight(), batch.max_concurrent());
    }
    let _report = install
        .report()
        .timeline
        .map(|timeline| (timeline.left_out, timeline.spans.len(), timeline.threads.len()));
}
