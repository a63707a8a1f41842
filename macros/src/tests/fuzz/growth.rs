//! Never an endless run: what an attribute allocates grows as its input does. A clock would tell of the machine as well.

use crate::{expand, marker};
use proc_macro2::TokenStream;

/// Items of a size: what grows, the arguments, and the item.
type Item = fn(usize) -> String;

const GROWING: [(&str, &str, Item); 12] = [
    ("methods", "scope = \"s\"", |n| format!("impl S {{ {} }}", "fn f(&self) { x } ".repeat(n))),
    ("other members", "scope = \"s\"", |n| format!("impl S {{ {} }}", "const X: u8 = 1; ".repeat(n))),
    ("methods that are wrong", "scope = \"s\"", |n| format!("impl S {{ {} }}", "const fn f() {} ".repeat(n))),
    ("attributes", "scope = \"s\"", |n| format!("{} fn f() {{}}", "#[a] ".repeat(n))),
    ("inner attributes", "scope = \"s\"", |n| format!("fn f() {{ {} }}", "#![a] ".repeat(n))),
    ("leading items", "scope = \"s\"", |n| format!("fn f() {{ {} x }}", "use a::b; ".repeat(n))),
    ("statements", "scope = \"s\", polls", |n| format!("async fn f() {{ {} }}", "x.await; ".repeat(n))),
    ("parameters", "scope = \"s\"", |n| format!("fn f({}) {{}}", "x: Lane<'_>, ".repeat(n))),
    ("arms", "scope = \"s\", polls", |n| {
        format!("fn f() -> X {{ match x {{ {} }} }}", "1 => async { x.await }, ".repeat(n))
    }),
    ("early returns", "scope = \"s\"", |n| {
        format!("fn f() -> X {{ {} async {{}} }}", "if x { return async {}; } ".repeat(n))
    }),
    ("early returns of something else", "scope = \"s\"", |n| {
        format!("fn f() -> X {{ {} async {{}} }}", "if x { return y; } ".repeat(n))
    }),
    ("generics of the output", "scope = \"s\", polls", |n| {
        format!("async fn f() -> X<{}> {{ x.await }}", "&'a T, ".repeat(n))
    }),
];

fn allocated(attribute: fn(TokenStream, TokenStream) -> TokenStream, arguments: &str, item: &str) -> u64 {
    let (arguments, item) = (arguments.parse().unwrap(), item.parse().unwrap());
    let mut expansion = None;
    let info = allocation_counter::measure(|| expansion = Some(attribute(arguments, item)));
    info.bytes_total
}

#[test]
fn twice_the_item_is_twice_the_work() {
    for (what, arguments, item) in GROWING {
        for attribute in [expand::expand, marker::expand] {
            let [less, more] = [400, 1600].map(|n| allocated(attribute, arguments, &item(n)));
            // Four times as much, and room for lists that double.
            assert!(more < 6 * less, "{what}: {less} bytes, and {more} for four times as many");
        }
    }
}

#[test]
fn many_arguments_are_as_much_work_as_they_are_many() {
    for argument in ["scope = \"s\", ", "x, ", "= = =, ", "polls, ", "scope scope, "] {
        let [less, more] = [400, 1600].map(|n| allocated(expand::expand, &argument.repeat(n), "fn f() {}"));
        assert!(more < 6 * less, "{argument}: {less} bytes, and {more} for four times as many");
    }
}
