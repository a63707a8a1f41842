//! Tokens in, tokens out. What rustc makes of them is tested in `tests/` and `ui-tests/`.

mod accepted;
mod fuzz;
mod hostile;
mod refused;

use crate::{expand, marker};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("a test's tokens are balanced")
}

fn invisible(content: TokenStream) -> TokenStream {
    TokenTree::Group(Group::new(Delimiter::None, content)).into()
}

fn probe(arguments: &str, item: &str) -> String {
    expand::expand(tokens(arguments), tokens(item)).to_string()
}

fn mark(arguments: &str, item: &str) -> String {
    marker::expand(tokens(arguments), tokens(item)).to_string()
}

/// The messages of the errors in an expansion.
fn errors(expansion: &str) -> Vec<String> {
    expansion
        .split("compile_error ! { \"")
        .skip(1)
        .filter_map(|rest| rest.split_once("\" }").map(|(message, _)| message.replace("\\\"", "\"")))
        .collect()
}

/// Without white space, whose places between tokens are proc-macro2's own affair.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The expansion, squeezed, with each static shortened to its kind, scope, name and whether it was named.
fn readable(expansion: &str) -> String {
    let mut text = squeezed(expansion).replace("::concurrency_probe::__private::", "");
    let begin = ":Site=";
    while let Some((before, rest)) = text.split_once(begin) {
        let (call, after) = rest.split_once(");").unwrap_or((rest, ""));
        let (kind, call) = call.split_once('.').unwrap_or((call, ""));
        let (method, fields) = call.split_once('(').unwrap_or((call, ""));
        text = format!("{before}:[{kind},{fields},{}]{after}", method == "named_site");
    }
    text
}
