//! The regression test for the bug: cold packages are linked in parallel. No race decides which packages are cold, and no
//! clock how parallel that was.

mod support;

use concurrency_probe::{FindingKind, Report, Scope};
use std::collections::HashSet;
use std::sync::Barrier;
use std::time::Duration;
use support::{AllDownloaded, LINK, Workshop, assert_conserved, count, held};
use testbed::install::{Linking, Options};
use testbed::load::Load;

/// Installs what is downloaded already, under `hold`; and says why no two links
/// ran at once, if none did.
fn link(workshop: &Workshop, all: &AllDownloaded, options: &Options) -> (Report, Option<String>) {
    // An offload that is waited for cannot be told from one that another is about to join, so a limit ends that wait. It counts free time, of
    // which a busy machine has little: a long one would take minutes, and decides nothing else here.
    let mut install = held().hold_limit(Duration::from_millis(4)).open();
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
        let expected: &[&str] = match linking {
            Linking::Inline => &[
                "`create_virtual_dir_by_snapshot` never ran on 2 threads at once in batch `cold` of scope `install`",
                "max_concurrent 1",
                "passes of 1 item each at tests/src/install/linking/wrong.rs:",
                "a pass per item cannot overlap; collect the items into one pass",
            ],
            Linking::OffloadEach => &[
                "`create_virtual_dir_by_snapshot` never ran on 2 threads at once",
                "in batch `offload`",
                "58 offloads at tests/src/install/linking/wrong.rs:",
                "each sent after the one before it had ended",
                "tests/src/install/linking/wrong.rs:",
            ],
            // Its threads are all inside: nothing that counts threads sees what they wait for.
            Linking::Convoy | Linking::OnePass | Linking::Streamed | Linking::Chunked => &[],
        };
        assert_eq!(why_not.is_some(), !expected.is_empty(), "{linking:?}: {why_not:?}");
        let why_not = why_not.unwrap_or_default();
        for part in expected {
            assert!(why_not.contains(part), "{part:?} is missing in:\n{why_not}");
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
        let is_red = why_not.as_ref().is_some_and(|why| !why.contains("in batch `warm`"));
        assert_eq!(is_red, !linking.overlaps(), "{linking:?}: {why_not:?}");
        let has = |kind| report.findings.iter().any(|finding| finding.kind == kind);
        let found = (has(FindingKind::DegeneratePasses), has(FindingKind::SerialOffloads));
        assert_eq!(
            found,
            (linking == Linking::Inline, linking == Linking::OffloadEach),
            "{linking:?}: {:?}",
            report.findings
        );
        let cold = report.passes.iter().find(|pass| pass.label != "warm").unwrap();
        let most = match linking {
            Linking::Inline | Linking::OffloadEach => 1,
            Linking::Chunked => 32,
            _ => 994,
        };
        // Two cannot be had.
        assert_eq!((cold.max_items, count(&report, "failed")), (most, 2), "{linking:?}");
        let completed: u64 =
            report.passes.iter().filter(|pass| pass.label != "warm").map(|pass| pass.completed).sum();
        assert_eq!(completed, 994, "{linking:?}");
    }
}

/// A chunk is a pass, and what is left at the end is one: so many packages that it is none, one, or all but one of a chunk.
#[test]
fn chunks_overlap_whatever_is_left_at_the_end() {
    let mut left = HashSet::new();
    for warm in [0, 12, 13, 14, 15, 43, 44, 45, 46, 47] {
        let (workshop, all, options) = downloaded(80, warm);
        let options = Options { linking: Linking::Chunked, ..options };
        let (report, why_not) = link(&workshop, &all, &options);
        let items = count(&report, "cold") - count(&report, "failed");
        assert_eq!(why_not, None, "{items} packages");
        let pass = report.passes.iter().find(|pass| pass.label == "cold").unwrap();
        assert_eq!((pass.items, pass.passes), (items, items.div_ceil(32)), "{items} packages");
        assert!(report.findings.is_empty(), "{items} packages: {:?}", report.findings);
        assert_conserved(&report);
        left.insert(items % 32);
    }
    assert!([0, 1, 31].iter().all(|rest| left.contains(rest)), "{left:?}");
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
            let linking = Linking::ALL[round % Linking::ALL.len()];
            let (report, why_not) = link(&workshop, &all, &Options { linking, ..options.clone() });
            assert_conserved(&report);
            let is_right = why_not.is_some() != linking.overlaps();
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
    let begin = Barrier::new(2);
    std::thread::scope(|threads| {
        for options in [&options, &other] {
            threads.spawn(|| {
                for _ in 0..10 {
                    begin.wait();
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
