//! The story that a terminal tells: it fits, obeys nothing that was reported, and says what is wrong.

use concurrency_probe::{Report, Scope};
use concurrency_probe_gate::terminal::{Shown, story};
use serde_json::{Value, json};
use std::sync::Barrier;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// The bug: passes of one item each, one after another.
fn serialized() -> Report {
    let mut install = Scope::builder("install").threads(4).timeline().open();
    for slot in 0..200 {
        install.pass("cold").for_each([slot], |_lane, _slot| ());
    }
    install.report()
}

/// One pass, in which four items meet.
fn parallel() -> Report {
    let mut install = Scope::builder("install").threads(4).timeline().open();
    let all = Barrier::new(4);
    install.pass("cold").for_each(0..8, |_lane, _slot| {
        all.wait();
        // So long that a column is full of it.
        std::thread::sleep(Duration::from_millis(20));
        all.wait();
    });
    install.report()
}

/// What `serialized` is not: everything that a report can have.
fn made() -> Value {
    let lanes = (0..8_u64).map(|n| {
        let from = 1_000_000_000 + n / 4 * 1_500_000_000;
        json!({ "kind": "lane", "name": "cold", "batch": "cold", "thread": n % 4, "start_ns": from, "end_ns": from + 1_500_000_000 })
    });
    let future = json!({ "kind": "probe", "name": "fetch", "batch": "", "thread": 0, "start_ns": 0, "end_ns": 900_000_000,
        "is_future": true });
    json!({
        "schema": Report::SCHEMA, "scope": "install", "wall_ns": 4_757_000_000_u64,
        "counts": { "cold": 996, "warm": 312 },
        "phases": [
            { "name": "create_virtual_store", "total_ns": 4_600_000_000_u64, "times": 1 },
            { "name": "link_cold", "total_ns": 3_000_000_000_u64, "times": 2 },
        ],
        "probes": [
            { "name": "link_slot", "file": "src/link.rs", "line": 12, "calls": 1308, "in_flight": 1, "max_in_flight": 8,
                "max_concurrent": 4, "unattributed": 2, "batches": [
                    { "label": "cold", "file": "f", "line": 1, "calls": 996, "max_in_flight": 4, "max_concurrent": 4 },
                    { "label": "", "file": "f", "line": 1, "calls": 312, "max_in_flight": 8, "max_concurrent": 1 },
                ] },
            { "name": "fetch", "file": "src/fetch.rs", "line": 3, "calls": 7, "in_flight": 0, "max_in_flight": 7,
                "max_concurrent": null, "unattributed": 0 },
        ],
        "passes": [
            { "kind": "pass", "label": "cold", "file": "src/install.rs", "line": 207, "passes": 1, "items": 996, "completed": 993,
                "max_items": 996, "wall_ns": 3_000_000_000_u64, "busy_ns": 11_880_000_000_u64, "max_concurrent": 4, "threads": 4,
                "levels_ns": [] },
            { "kind": "offload", "label": "cold", "file": "src/install.rs", "line": 300, "passes": 8, "items": 8, "completed": 8,
                "max_items": 1, "wall_ns": 1000, "busy_ns": 4000, "max_concurrent": 4, "threads": 0, "levels_ns": [] },
        ],
        "findings": [
            { "kind": "serial_offloads", "file": "src/install.rs", "line": 300, "message": "8 offloads, one after another" },
            { "kind": "blocked_poll", "probe": "link_slot", "file": "src/link.rs", "line": 12,
                "message": "link_slot was called at src/link.rs:12 inside a poll" },
        ],
        "timeline": { "left_out": 0, "spans": lanes.chain([future]).collect::<Vec<_>>(), "threads": [] },
    })
}

fn report(value: &Value) -> Report {
    serde_json::from_value(value.clone()).unwrap()
}

/// The story, which must fit.
fn told(name: &str, report: &Report, width: usize) -> String {
    let text = story(&[Shown { name, report }], width);
    check(&text, width).unwrap();
    text
}

/// Why a text does not fit a terminal, or is dangerous to it.
fn check(text: &str, width: usize) -> Result<(), String> {
    for line in text.split_terminator('\n') {
        if line.width() > width {
            return Err(format!("{} columns: {line}", line.width()));
        }
        if line.ends_with(' ') {
            return Err(format!("spaces at the end: {line}"));
        }
        if let Some(c) = line.chars().find(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(c)) {
            return Err(format!("{c:?} in: {line}"));
        }
    }
    if text.ends_with('\n') { Ok(()) } else { Err("the last line has no end".into()) }
}

/// A text as words, however it is folded.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A row of blocks.
fn blocks<'a>(text: &'a str, name: &str) -> &'a str {
    let row =
        text.lines().find_map(|line| line.trim_start().strip_prefix(name)?.trim_start().strip_prefix('│'));
    row.unwrap_or_else(|| panic!("{text}")).trim_end_matches('│')
}

#[test]
fn the_curve_of_what_is_serialized_stays_low_and_that_of_what_is_parallel_is_full() {
    for width in [20, 40, 80, 200] {
        let text = told("inline", &serialized(), width);
        assert!(
            words(&text).contains("At most 1 thread at once, of a pool of 4: the full block is 4."),
            "{text}"
        );
        for name in ["most", "mean"] {
            let row = blocks(&text, name);
            assert!(row.contains('▂') || name == "mean", "{text}");
            assert!(row.chars().all(|c| " ▁▂".contains(c)), "{text}");
        }
        assert!(words(&text).replace(' ', "").contains("✗degenerate_passes"), "{text}");

        let text = told("one-pass", &parallel(), width);
        assert!(
            words(&text).contains("At most 4 threads at once, of a pool of 4: the full block is 4."),
            "{text}"
        );
        assert!(blocks(&text, "most").contains('█') && blocks(&text, "mean").contains('█'), "{text}");
        assert!(words(&text).contains("Findings None."), "{text}");
    }
}

#[test]
fn the_story_is_this() {
    assert_eq!(told("right", &report(&made()), 80), include_str!("terminal/80.txt"));
    assert_eq!(told("right", &report(&made()), 40), include_str!("terminal/40.txt"));
}

#[test]
fn every_fact_is_told_in_every_width() {
    let report = report(&made());
    for width in [0, 20, 21, 33, 40, 80, 120, 200, 1000] {
        let text = words(&told("right", &report, width.clamp(20, 200)));
        assert_eq!(words(&story(&[Shown { name: "right", report: &report }], width)), text);
        for fact in [
            "right: scope `install`, 4.76 s",
            "✗ serial_offloads at src/install.rs:300: 8 offloads, one after another",
            "✗ blocked_poll: link_slot was called at src/link.rs:12 inside a poll",
            "Futures of probes in flight at once: at most 1.",
            "1 call of link_slot had not ended.",
            "2 calls are in no batch, and nothing is said of them.",
            "`-`: an async function without `polls`.",
            "Phases may be inside of each other: they do not add up to the wall time.",
            "3 items not completed",
        ] {
            // Words that are wider than the terminal are broken.
            assert!(text.replace(' ', "").contains(&fact.replace(' ', "")), "{width}: {fact}\n{text}");
        }
        for number in ["996", "312", "1308", "3.96", "97 %", "63 %", "3.00 s", "4.00", "src/fetch.rs:3"] {
            let is_told = number == "1308" || text.replace(' ', "").contains(&number.replace(' ', ""));
            assert!(is_told, "{width}: {number}\n{text}");
        }
    }
}

#[test]
fn whatever_is_reported_fits_and_is_not_obeyed() {
    let names = [
        "",
        " ",
        "\u{1b}[2J\u{1b}]0;owned\u{7}",
        "a\r\nb\tc\0",
        "\u{202e}desrever\u{2066}",
        "☁\u{fe0f}👨\u{200d}👩\u{200d}👧1\u{fe0f}\u{20e3}🇩🇪",
        "大きなパッケージの名前",
        "z\u{300}\u{301}\u{302}\u{303}",
        "لا إله",
        "│█▁",
    ];
    let longest = "long_name_".repeat(500);
    let strange = names.map(|name| name.repeat(30));
    for name in names.into_iter().chain(strange.iter().map(String::as_str)).chain([longest.as_str()]) {
        let mut hostile = made();
        hostile["scope"] = name.into();
        hostile["counts"] = json!({ name: 1 });
        for list in ["phases", "probes", "passes", "findings"] {
            for entry in hostile[list].as_array_mut().unwrap() {
                for key in ["name", "label", "file", "message"] {
                    if let Some(text) = entry.get_mut(key) {
                        *text = name.into();
                    }
                }
            }
        }
        hostile["probes"][0]["batches"][0]["label"] = name.into();
        for span in hostile["timeline"]["spans"].as_array_mut().unwrap() {
            (span["name"], span["batch"]) = (name.into(), name.into());
        }
        let hostile = report(&hostile);
        for width in (20..=200).step_by(15) {
            told(name, &hostile, width);
        }
    }
    assert!(words(&told("\u{1b}[2J", &parallel(), 80)).contains(r"\u{1b}[2J: scope"));
}

#[test]
fn what_is_not_there_is_said() {
    let empty = json!({ "schema": Report::SCHEMA, "scope": "s", "wall_ns": 0, "counts": {}, "phases": [], "probes": [],
        "passes": [], "findings": [] });
    let mut idle = empty.clone();
    idle["timeline"] = json!({ "left_out": 0, "spans": [], "threads": [] });
    let mut full = made();
    full["timeline"]["left_out"] = json!(7);
    full["timeline"]["spans"].as_array_mut().unwrap().truncate(4);
    let mut no_pool = made();
    no_pool["passes"] = json!([]);
    let mut outside = made();
    outside["passes"][0]["threads"] = json!(2);
    for (what, value, parts) in [
        ("empty", &empty, &["s, 0 ns", "Findings None.", "CONCURRENCY_PROBE_TIMELINE=1"] as &[&str]),
        ("idle", &idle, &["No thread was in a lane or in a call of a probe."]),
        ("full", &full, &["7 spans found no room in the timeline", "`?`: not in the timeline.", "??│"]),
        ("no pool", &no_pool, &["No pass ran, so no pool is known: the full block is 4."]),
        ("outside", &outside, &["with some outside of the pool of 2: the full block is 4."]),
    ] {
        for width in [20, 40, 80, 200] {
            let text = told(what, &report(value), width);
            for part in parts {
                let part = part.replace(' ', "").replace("s,0ns", "`s`,0ns");
                assert!(words(&text).replace(' ', "").contains(&part), "{what}: {part}\n{text}");
            }
        }
    }
    assert_eq!(story(&[], 80), "Nothing was reported.\n");
}

#[test]
fn long_tables_and_the_largest_numbers_are_told() {
    let mut long = made();
    for list in ["phases", "probes", "passes", "findings"] {
        let first = long[list][0].clone();
        long[list] = std::iter::repeat_n(first, 1000).collect();
    }
    let text = told("long", &report(&long), 80);
    assert!(text.lines().count() < 120, "{text}");
    for (more, times) in [(988, 4), (1988, 1), (996, 1)] {
        assert_eq!(text.matches(&format!(".. and {more} more")).count(), times, "{more}: {text}");
    }

    let mut largest = made();
    largest["wall_ns"] = json!(u64::MAX);
    largest["phases"][0]["total_ns"] = json!(u64::MAX);
    let pass = largest["passes"][0].as_object_mut().unwrap();
    for key in ["passes", "items", "wall_ns", "busy_ns", "max_concurrent", "threads"] {
        pass.insert(key.into(), json!(u64::MAX));
    }
    for span in largest["timeline"]["spans"].as_array_mut().unwrap() {
        span["end_ns"] = json!(u64::MAX);
    }
    for width in [20, 40, 80, 200] {
        assert!(told("largest", &report(&largest), width).contains("18446744074 s"));
    }
}

#[test]
fn what_does_not_fit_is_seen() {
    for (text, why) in [
        ("x".repeat(21) + "\n", "21 columns"),
        ("大".repeat(11) + "\n", "22 columns"),
        ("x \n".into(), "spaces at the end"),
        ("\u{1b}[2J\n".into(), "in: "),
        ("\u{202e}\n".into(), "in: "),
        ("x".into(), "no end"),
    ] {
        assert!(check(&text, 20).unwrap_err().contains(why), "{why}");
    }
}

/// One thread of one program stands beside four of another: on one scale.
#[test]
fn reports_beside_one_another_have_one_scale() {
    let mut alone = made();
    alone["passes"] = json!([]);
    let spans = alone["timeline"]["spans"].as_array_mut().unwrap();
    spans.retain(|span| span["thread"] == 0);
    let (alone, four) = (report(&alone), parallel());
    let rows = |shown: &[Shown<'_>]| {
        let story = story(shown, 80);
        let rows = story.lines().filter(|line| line.starts_with("  most")).map(String::from);
        rows.collect::<Vec<_>>()
    };
    let [one, other] = [Shown { name: "one", report: &alone }, Shown { name: "four", report: &four }];
    assert!(rows(&[other])[0].contains('\u{2588}'));
    for shown in [&[one] as &[_], &[one, other]] {
        let row = rows(shown).remove(0);
        let highest = if shown.len() == 1 { '\u{2584}' } else { '\u{2582}' };
        assert!(row.contains(highest) && !row.contains('\u{2588}'), "{row}");
    }
}
