//! The examples of README.md: the bug is red, its repair is green as it stands, and red when its second half is serialized.

#![allow(clippy::trivially_copy_pass_by_ref, reason = "the slots of a real program are no numbers")]

use std::panic::catch_unwind;
use std::sync::{Mutex, PoisonError};

/// Each has the program's text, and its `main` under a name.
macro_rules! programs {
    ($($program:ident,)+) => {$(
        mod $program {
            include!(concat!("readme/", stringify!($program), ".rs"));

            pub(crate) const TEXT: &str = include_str!(concat!("readme/", stringify!($program), ".rs"));

            pub(crate) fn run() -> Result<(), String> {
                main()
            }
        }
    )+};
}

programs! { as_it_stands, a_pass_per_item, a_loop_in_one_lane, a_loop_in_a_batch, }

/// The bug of the first screen.
mod the_bug {
    include!("readme/the_bug.rs");

    pub(crate) const TEXT: &str = include_str!("readme/the_bug.rs");

    pub(crate) fn run() {
        main();
    }
}

const README: &str = include_str!("../../README.md");

/// The second half, as README.md has it.
const COLD: &str = "    link_slots_parallel(install.pass(\"cold\"), &cold)?;\n";

/// The text of the first block of a kind in README.md that begins so.
fn block(kind: &str, begin: &str) -> &'static str {
    let fence = format!("```{kind}\n");
    let blocks = README.match_indices(&fence).map(|(at, _)| &README[at + fence.len()..]);
    let mut texts = blocks.map(|rest| &rest[..rest.find("```").unwrap()]);
    texts
        .find(|text| text.starts_with(begin))
        .unwrap_or_else(|| panic!("no block of {kind} begins with {begin}"))
}

type Run = fn() -> Result<(), String>;

/// Runs one program at a time: a message names the scopes of its name that others opened meanwhile.
fn alone<R>(run: impl FnOnce() -> R) -> R {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    run()
}

/// Why a program fails.
fn message(run: Run) -> String {
    *alone(|| catch_unwind(run)).unwrap_err().downcast::<String>().unwrap()
}

/// A text whose lines may be broken anywhere.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_example_is_the_one_that_is_run_here() {
    assert_eq!(block("rust,should_panic", "use "), the_bug::TEXT);
    assert_eq!(block("rust", "use "), as_it_stands::TEXT);
    // The others differ in their second half only.
    let (before, after) = as_it_stands::TEXT.split_once(COLD).unwrap();
    for text in [a_pass_per_item::TEXT, a_loop_in_one_lane::TEXT, a_loop_in_a_batch::TEXT] {
        let rest = text.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).unwrap();
        assert!(rest.contains("cold"), "{rest}");
    }
}

#[test]
fn it_is_green_as_it_stands() {
    for _ in 0..50 {
        alone(as_it_stands::run).unwrap();
    }
}

#[test]
fn it_is_red_when_its_second_half_is_serialized() {
    for run in [a_pass_per_item::run, a_loop_in_one_lane::run, a_loop_in_a_batch::run] {
        let why = message(run);
        assert!(why.starts_with("`link_slot` never ran on 2 threads at once in batch `cold`"), "{why}");
        assert!(why.contains("996 calls, max_concurrent 1"), "{why}");
        assert!(!why.contains("undecided"), "{why}");
    }
}

/// What README.md says that it says.
#[test]
fn the_message_is_the_one_that_is_printed() {
    assert_eq!(words(block("text", "`link_slot`")), words(&message(a_pass_per_item::run)));
    assert_eq!(
        words(block("text", "`link` ")),
        words(&message(|| {
            the_bug::run();
            Ok(())
        }))
    );
}

/// What README.md says that the compiler says is what it says of the bug.
#[test]
fn the_compilers_words_are_those_of_the_ui_test() {
    let printed = include_str!("../../ui-tests/tests/reject/outside_a_pass/try_join_all.stderr");
    let printed: Vec<&str> = printed.lines().collect();
    for line in block("text", "error[E0061]").lines() {
        assert!(printed.contains(&line), "{line}");
    }
}

/// The pictures in the docs are those of README.md. `base64 -w0 bug.svg > bug.svg.base64` makes one.
#[test]
fn the_docs_have_the_pictures_of_the_readme() {
    use base64::Engine as _;

    for name in ["bug", "mended"] {
        let file = format!("../runtime/docs/images/{name}.svg");
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
        let picture = std::fs::read(&path).unwrap();
        let encoded = std::fs::read_to_string(path.with_extension("svg.base64")).unwrap();
        assert!(README.contains(&format!("[picture-{name}]: {}\n", &file[3..])));
        assert_eq!(base64::engine::general_purpose::STANDARD.encode(&picture), encoded, "{file}");
    }
}

/// The testbed's README says which line to copy for what: each stands in the file that it names.
#[test]
fn each_line_to_copy_stands_in_its_file() {
    let readme = include_str!("../README.md");
    let section = readme.split("## Which line to copy").nth(1).unwrap().split("\n## ").next().unwrap();
    let without_spaces = |text: &str| text.split_whitespace().collect::<String>();
    let mut count = 0;
    for row in section.lines().filter(|line| line.starts_with("| ") && line.contains('`')) {
        let row = row.replace("\\|", "\u{0}");
        let cells: Vec<String> =
            row.split('|').map(|cell| cell.replace('\u{0}', "|").trim().to_owned()).collect();
        let [line, file] = [&cells[2], &cells[3]].map(|cell| cell.trim_matches('`'));
        let text = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file));
        let text = text.unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(without_spaces(&text).contains(&without_spaces(line)), "`{line}` is not in {file}");
        count += 1;
    }
    assert!(count > 10, "{count} lines");
}
