//! The contract in code: this compiles against concurrency-probe with features `tokio` and `report`
//! (beside it: rayon, futures, serde_json). It is a check of names and signatures, not a test of behaviour.
#![allow(dead_code, unused_variables)]
use concurrency_probe::{
    Lane, Pass, Reading, Report, Scope, ScopeHandle, concurrency_probe, must_run_parallel, offload,
    testing::with_lane,
};
use std::path::Path;

struct Slot(u32);

#[concurrency_probe(scope = "install")]
#[must_run_parallel]
fn link_slot(lane: Lane<'_>, slot: &Slot) -> Result<u32, String> {
    let ((), n) = lane.join(|_lane| (), |_lane| slot.0);
    Ok(n)
}

#[concurrency_probe(scope = "install", name = "fetch", polls, crate = concurrency_probe)]
async fn fetch(id: u32) -> Slot {
    let _probe = concurrency_probe::enter!("decode", scope = "install");
    Slot(id)
}

struct Store;

#[concurrency_probe(scope = "install")]
impl Store {
    fn put(&self) {}
    #[concurrency_probe(skip)]
    fn len(&self) -> usize {
        0
    }
}

fn sync_passes(mut install: Scope, slots: Vec<Slot>) -> Result<(), String> {
    install.pass("a").for_each(&slots, |lane, slot| drop(link_slot(lane, slot)));
    install.pass("b").try_for_each(&slots, |lane, slot| link_slot(lane, slot).map(drop))?;
    let all: Vec<Result<u32, String>> = install.pass("c").map(&slots, link_slot);
    let all: Vec<u32> = install.pass("d").try_map(&slots, link_slot)?;
    let [warm, cold] = install.passes(["warm", "cold"]);
    warm.here().for_each(slots, |lane, slot| drop(link_slot(lane, &slot)));
    cold.try_for_each(0..9u32, |lane, n| link_slot(lane, &Slot(n)).map(drop))
}

async fn async_passes(install: &mut Scope, ids: Vec<u32>) -> Result<(), String> {
    use futures::StreamExt;
    let fetched =
        futures::stream::iter(ids.clone()).then(|id| async move { Ok::<Slot, String>(fetch(id).await) });
    install.pass("cold").drive(fetched, |lane, slot| link_slot(lane, &slot).map(drop)).await?;
    let local = String::from("borrowed");
    let fetched = futures::stream::iter(ids).then(|id| async move { Ok::<Slot, String>(fetch(id).await) });
    install
        .pass("cold")
        .drive_in_place(fetched, |lane, slot| {
            let _ = &local;
            link_slot(lane, slot).map(drop)
        })
        .await?;
    let n: Result<u32, String> = offload(|lane| link_slot(lane, &Slot(1))).await;
    n.map(drop)
}

async fn scopes(report: &Path) {
    let install = Scope::open("install");
    let held = Scope::builder("install")
        .threads(4)
        .hold("link_slot", 2)
        .process_wide()
        .strict()
        .report_to(report)
        .open();
    let n: usize = install.run(|| Store.len());
    let slot: Slot = install.attach(fetch(1)).await;
    let handle: ScopeHandle = install.handle();
    let again = handle.clone();
    handle.count("warm", 312);
    install.count("cold", 996);
    let _phase = install.phase("create_virtual_store");
    let reading: Reading = handle.reading("link_slot");
    let (calls, in_flight, peak) = (reading.calls(), reading.in_flight(), reading.max_in_flight());
    let parallel: Option<_> = reading.max_concurrent();
    let unattributed = reading.unattributed();
    install.reading("link_slot").assert_concurrent(2);
    println!("{reading}");
    let report: Report = install.report();
    let json = serde_json::to_string(&report);
    with_lane(|lane| link_slot(lane, &Slot(1))).unwrap();
}

fn auto_traits() {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    send::<Scope>();
    sync::<Scope>();
    send::<Pass<'_>>();
    send::<ScopeHandle>();
    sync::<ScopeHandle>();
}
