//! What must not compile, and the message a person sees.
//!
//! Each program in `reject/` is a shape that must not compile, with the compiler's words beside it in its `.stderr`. The
//! program at the same place in `accept/` does the same in the way that is right: it differs only in that, so that
//! nothing else can be what is rejected. `accept.rs` compiles and runs those.
//!
//! After a change of a message, `TRYBUILD=overwrite cargo test -p ui-tests --test ui` writes the `.stderr` files anew:
//! read them as someone would who never heard of a lane.

mod files;
mod lines;

use files::programs;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[test]
fn rejected() {
    trybuild::TestCases::new().compile_fail("tests/reject/**/*.rs");
}

/// Programs that show more than one error, with the reason.
const SEVERAL_ERRORS: [(&str, &str); 8] = [
    ("keeping_a_lane/nested_pass.rs", "neither `Send` nor `Sync`, and a pass asks for both"),
    ("marker/marked_impl_drops_the_lane.rs", "both the marker and the trait ask for the lane"),
    (
        "outside_a_pass/question_mark_argument.rs",
        "the argument is taken for the lane, and `?` gives its type away",
    ),
    ("pass_per_item/in_a_lane_of_its_scope.rs", "a second borrow, and one that a `Fn` closure must not make"),
    (
        "probe/async_gen_fn_in_an_impl_block.rs",
        "the compiler refuses the words as well, until they are stable",
    ),
    ("probe/gen_fn.rs", "the compiler refuses the words as well, until they are stable"),
    ("probe/two_errors.rs", "two mistakes"),
    ("serial_in_one_lane/par_iter.rs", "neither `Send` nor `Sync`, and rayon asks for both"),
];

#[test]
fn one_mistake_is_one_error() {
    for program in programs("reject") {
        let message = Path::new("tests/reject").join(&program).with_extension("stderr");
        let message =
            fs::read_to_string(&message).unwrap_or_else(|error| panic!("{}: {error}", message.display()));
        let errors = message.lines().filter(|line| line.starts_with("error")).count();
        let several = SEVERAL_ERRORS.iter().any(|(known, _because)| *known == program);
        assert_eq!(errors > 1, several, "reject/{program} shows {errors} errors");
        assert!(errors > 0, "reject/{program} shows no error");
    }
}

#[test]
fn messages_have_programs() {
    for message in files::all("reject", "stderr") {
        let program = Path::new("tests/reject").join(&message).with_extension("rs");
        assert!(program.exists(), "reject/{message} belongs to no program");
    }
}

/// Prints how many lines of each pair are not in both: `cargo test -p ui-tests --test ui twins -- --nocapture`.
#[test]
fn twins_differ_little() {
    let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for program in programs("reject") {
        let [rejected, accepted] = ["reject", "accept"].map(|folder| {
            let path = Path::new("tests").join(folder).join(&program);
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        });
        let lines::Difference { removed, added } = lines::difference(&rejected, &accepted);
        println!("{program:60} -{removed:<2} +{added}");
        assert!(
            removed > 0 && added > 0,
            "{program}: the twins are to differ, their first lines in any case"
        );
        assert!(removed + added <= 24, "{program}: twins differ only in what makes the one right");
        for text in [&rejected, &accepted] {
            assert!(text.starts_with("//! "), "{program}: the first line says what it is");
        }
        let group = program.split('/').next().unwrap_or_default();
        let (count, lines) = groups.entry(group.to_owned()).or_default();
        *count += 1;
        *lines += removed + added;
    }
    for (group, (count, lines)) in groups {
        println!("{group:24} {count:3} programs, {lines:3} lines differ");
    }
}
