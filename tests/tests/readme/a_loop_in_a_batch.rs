use concurrency_probe::{Lane, Pass, Scope, concurrency_probe, must_run_parallel};

#[concurrency_probe(scope = "install")] // counted
#[must_run_parallel] // callable only with a `Lane`, which only a parallel pass hands out
fn link_slot(_lane: Lane<'_>, slot: &u32) -> Result<(), String> {
    if *slot < 1308 { Ok(()) } else { Err(format!("no slot {slot}")) }
}

fn link_slots_parallel(pass: Pass<'_>, slots: &[u32]) -> Result<(), String> {
    pass.try_for_each(slots, link_slot)
}

fn main() -> Result<(), String> {
    let (warm, cold): (Vec<u32>, Vec<u32>) = (0..1308).partition(|slot| *slot < 312);
    let mut install = Scope::builder("install").hold("link_slot", 2).open();
    link_slots_parallel(install.pass("warm"), &warm)?;
    install.batch("cold").run(|| {
        cold.iter().try_for_each(|slot| concurrency_probe::testing::with_lane(|lane| link_slot(lane, slot)))
    })?;
    let links = install.reading("link_slot");
    links.in_batch("cold").assert_concurrent(2); // two threads were inside at once, for certain
    Ok(())
}
