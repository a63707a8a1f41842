//! `drive_in_place` with borrowed items and locals.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::stream;
use std::sync::Mutex;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, store: &str, slot: &str) -> Result<String, String> {
    Ok(format!("{store}/{slot}"))
}

async fn install(scope: &mut Scope, names: &[String]) -> Result<Vec<String>, String> {
    let store = String::from("store");
    let linked = Mutex::new(Vec::new());
    let slots = stream::iter(names.iter().map(|name| Ok::<&str, String>(name.as_str())));
    scope
        .pass("cold")
        .drive_in_place(slots, |lane, slot| {
            let slot = link_slot(lane, &store, slot)?;
            linked.lock().unwrap().push(slot);
            Ok(())
        })
        .await?;
    let mut linked = linked.into_inner().unwrap();
    linked.sort_unstable();
    Ok(linked)
}

#[tokio::main]
pub async fn main() {
    let linked = install(&mut Scope::open("install"), &["a".into(), "b".into()]).await;
    assert_eq!(linked, Ok(vec!["store/a".into(), "store/b".into()]));
}
