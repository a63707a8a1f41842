//! `?` in the closure of a pass.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use std::num::ParseIntError;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Result<u32, ParseIntError> {
    Ok(slot)
}

fn install(scope: &mut Scope, slots: &[&str]) -> Result<Vec<u32>, ParseIntError> {
    scope.pass("warm").try_for_each(slots, |lane, slot| {
        link_slot(lane, slot.parse()?)?;
        Ok(())
    })?;
    scope.pass("cold").try_map(slots, |lane, slot| {
        let slot = slot.parse()?;
        let linked = link_slot(lane, slot)?;
        Ok(linked + 1)
    })
}

pub fn main() {
    let mut scope = Scope::open("install");
    assert_eq!(install(&mut scope, &["1", "2"]), Ok(vec![2, 3]));
    assert!(install(&mut scope, &["1", "two"]).is_err());
}
