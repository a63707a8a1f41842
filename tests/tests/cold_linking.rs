//! The regression test for the bug: cold packages are linked in parallel. No race decides which packages are cold, and no
//! clock how parallel that was.

mod support;

use concurrency_probe::{FindingKind, Report, Scope};
use std::collections::HashSet;
use support::{AllDownloaded, LINK, Workshop, assert_conserved, count, held};
use testbed::install::{Linking, Options};
use testbed::load::Load;

/// Installs what is downloaded already, with the first `warm` packages in the index, under `hold`; and says why no two links
/// ran at once, if none did.
fn link(workshop: &Workshop, all: &AllDownloaded, options: &Options) -> (Report, Option<String>) {
    let mut install = held().open();
    all.materialize(workshop, &mut install, options, &workshop.frozen.1).unwrap();
    let why_not = install.reading(LINK).check_concurrent(2).err();
    (install.report(), why_not.map(|why| why.to_string()))
}

/// A project whose packages are all in the memory cache; of those in the index only the first `warm` are left.
fn downloaded(packages: usize, warm: usize) -> (Workshop, AllDownloaded, Options) {
    let workshop = Workshop::new(packages);
    let options = workshop.frozen_project("project");
    let all = AllDownloaded::new(&workshop, &options, &workshop.frozen.1);
    // A package with peers is in several slots: those would be warm or cold together.
    let lockfile = &workshop.frozen.1;
    let slots = lockfile.snapshots.keys().filter(|slot| !slot.contains('('));
    let kept: HashSet<&String> =
        if warm == packages { lockfile.packages.keys().collect() } else { slots.take(warm).collect() };

    all.store.index().retain(|package| kept.contains(&package.to_owned())).unwrap();
    (workshop, all, options)
}

#[test]
fn all_cold_links_run_at_once_and_those_of_the_bug_do_not() {
    let (workshop, all, options) = downloaded(60, 0);
    for linking in Linking::ALL {
        let (report, why_not) = link(&workshop, &all, &Options { linking, ..options.clone() });
        assert_eq!((count(&report, "warm"), count(&report, "cold")), (0, 60), "{linking:?}");
        assert_conserved(&report);
        match linking {
            Linking::Inline => {
                let why_not = why_not.expect("red");
                for part in [
                    "`create_virtual_dir_by_snapshot` never ran on 2 threads at once in batch `cold` of scope `install`",
                    "max_concurrent 1",
                    "passes of 1 item each at tests/src/install/linking.rs:",
                    "a pass per item cannot overlap; collect the items into one pass",
                ] {
                    assert!(why_not.contains(part), "{part:?} is missing in:\n{why_not}");
                }
            }
            Linking::OnePass | Linking::Streamed => assert_eq!(why_not, None, "{linking:?}"),
        }
    }
}

/// The case that pnpm's own benchmark never ran. The warm pass overlaps in each of them: what tells of the bug is how the cold ones
/// were linked, and the verdict is about every batch.
#[test]
fn warm_and_cold_are_what_the_index_says() {
    let (workshop, all, options) = downloaded(1308, 312);
    for linking in Linking::ALL {
        let (report, why_not) = link(&workshop, &all, &Options { linking, ..options.clone() });
        assert_eq!((count(&report, "warm"), count(&report, "cold")), (312, 996), "{linking:?}");
        assert_conserved(&report);
        let is_red = why_not.is_some_and(|why| why.contains("in batch `cold`"));
        assert_eq!(is_red, linking == Linking::Inline, "{linking:?}");
        let cold = report.passes.iter().find(|pass| pass.label == "cold").unwrap();
        let is_the_bug = report.findings.iter().any(|finding| finding.kind == FindingKind::DegeneratePasses);
        assert_eq!(is_the_bug, linking == Linking::Inline, "{linking:?}: {:?}", report.findings);
        assert_eq!(cold.max_items == 1, linking == Linking::Inline, "{linking:?}");
        assert_eq!(cold.completed, 996 - count(&report, "failed"), "{linking:?}");
    }
}

#[test]
fn all_warm_one_and_none() {
    for (packages, warm) in [(60, 60), (1, 1), (1, 0), (0, 0)] {
        let (workshop, all, options) = downloaded(packages, warm);
        for linking in Linking::ALL {
            let (report, why_not) = link(&workshop, &all, &Options { linking, ..options.clone() });
            let failed = count(&report, "failed");
            // What cannot be had is never in the index.
            assert_eq!(count(&report, "warm"), warm as u64 - failed, "{packages} packages, {linking:?}");
            assert_eq!(
                count(&report, "cold"),
                (packages - warm) as u64 + failed,
                "{packages} packages, {linking:?}"
            );
            assert_conserved(&report);
            assert!(report.findings.is_empty(), "{packages} packages, {linking:?}: {:?}", report.findings);
            let why_not = why_not.unwrap_or_default();
            let expected = match packages {
                0 => "`create_virtual_dir_by_snapshot` was never called",
                1 => "a single call cannot overlap with anything",
                _ => "",
            };
            assert!(why_not.contains(expected), "{packages} packages, {linking:?}: {why_not}");
            assert_eq!(why_not.is_empty(), packages > 1, "{packages} packages, {linking:?}: {why_not}");
        }
    }
}

/// 1,000 installs while more threads compute than there are cores, none of them judged wrongly. `INSTALLS=n` for another
/// number.
#[test]
fn no_verdict_is_wrong_under_load() {
    let rounds: usize =
        std::env::var("INSTALLS").map_or(1000, |rounds| rounds.parse().expect("INSTALLS=number"));
    let (workshop, all, options) = downloaded(8, 0);
    let _load = Load::on(Load::more_than_cores());
    let wrong: Vec<String> = (0..rounds)
        .filter_map(|round| {
            let linking = Linking::ALL[round % 3];
            let (report, why_not) = link(&workshop, &all, &Options { linking, ..options.clone() });
            assert_conserved(&report);
            let is_right = why_not.is_some() == (linking == Linking::Inline);
            (!is_right).then(|| format!("round {round}, {linking:?}: {why_not:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {rounds} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Two installs at once in one process do not see each other's links.
#[test]
fn two_installs_at_once_keep_their_readings_apart() {
    let (workshop, all, options) = downloaded(20, 0);
    let other = workshop.frozen_project("other");
    std::thread::scope(|threads| {
        for options in [&options, &other] {
            threads.spawn(|| {
                for _ in 0..10 {
                    let mut install = Scope::builder("install").threads(2).open();
                    all.materialize(&workshop, &mut install, options, &workshop.frozen.1).unwrap();
                    let (reading, report) = (install.reading(LINK), install.report());
                    assert_eq!((reading.calls(), reading.unattributed()), (count(&report, "linked"), 0));
                    assert_eq!(reading.calls(), 18, "two of the twenty cannot be had");
                }
            });
        }
    });
}
