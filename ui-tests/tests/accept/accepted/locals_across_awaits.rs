//! Locals that are borrowed across awaits, and by the pass between them.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, store: &str, slot: &u32) -> String {
    format!("{store}/{slot}")
}

async fn fetch(id: &u32) -> u32 {
    *id
}

async fn install(scope: &mut Scope) -> Vec<String> {
    let store = String::from("store");
    let ids = vec![1, 2];
    let prefix = &store;
    let slots = futures::future::join_all(ids.iter().map(fetch)).await;
    let mut linked = scope.pass("warm").map(&slots, |lane, slot| link_slot(lane, prefix, slot));
    let last = fetch(&ids[1]).await;
    linked.extend(scope.pass("cold").map(&[last], |lane, slot| link_slot(lane, prefix, slot)));
    linked
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    let linked = install(&mut Scope::open("install")).await;
    assert_eq!(linked, ["store/1", "store/2", "store/2"]);
}
