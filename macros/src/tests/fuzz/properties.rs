//! What must be so of whatever an attribute is given. Both the bounded test and the coverage-guided one ask for it.

use super::reader;
use crate::{expand, marker};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// How many tokens an expansion may have for each token it was given, and beside that. The longest message for a word is some
/// twenty tokens; a probe with `polls` adds some three hundred to a body.
const TOKENS_PER_TOKEN: usize = 400;
const TOKENS_BESIDE: usize = 1000;

/// Gives an input to both attributes. Says whether any took it.
pub(crate) fn check(input: &[u8]) -> bool {
    let (arguments, item) = reader::read(input);
    let attributes: [fn(TokenStream, TokenStream) -> TokenStream; 2] = [expand::expand, marker::expand];
    attributes.map(|attribute| is_accepted(attribute, &arguments, &item)).contains(&true)
}

fn is_accepted(
    attribute: fn(TokenStream, TokenStream) -> TokenStream,
    arguments: &TokenStream,
    item: &TokenStream,
) -> bool {
    let expansion = attribute(arguments.clone(), item.clone());
    let written = flat(item.clone());
    let emitted = flat(expansion.clone());
    let given = written.len() + flat(arguments.clone()).len();
    assert!(emitted.len() <= TOKENS_PER_TOKEN * given + TOKENS_BESIDE, "{} tokens of {given}", emitted.len());
    let errors = leading_errors(&emitted) - leading_errors(&written);
    if errors > 0 {
        // The item again, and nothing else, but for the attributes on the methods of a block.
        let again = without_probes(&emitted[errors..]) == without_probes(&written);
        assert!(again, "a refused item is emitted again: {expansion}");
        return false;
    }
    // Something is added, and nothing is taken away or moved.
    let mut emitted = without_probes(&emitted).into_iter();
    for token in without_probes(&written) {
        assert!(emitted.any(|emitted| emitted == token), "`{token}` is gone");
    }
    if syn::parse2::<syn::Item>(item.clone()).is_ok() {
        assert!(syn::parse2::<syn::Item>(expansion.clone()).is_ok(), "no longer an item: {expansion}");
    }
    true
}

/// Every token and every bracket as text. Invisible groups are looked into: they are taken off where they hold a body.
fn flat(tokens: TokenStream) -> Vec<String> {
    fn add(tokens: TokenStream, flat: &mut Vec<String>) {
        for token in tokens {
            let TokenTree::Group(group) = token else {
                flat.push(token.to_string());
                continue;
            };
            let (open, close) = match group.delimiter() {
                Delimiter::Parenthesis => ("(", ")"),
                Delimiter::Brace => ("{", "}"),
                Delimiter::Bracket => ("[", "]"),
                Delimiter::None => ("", ""),
            };
            flat.extend(Some(open).filter(|open| !open.is_empty()).map(str::to_owned));
            add(group.stream(), flat);
            flat.extend(Some(close).filter(|close| !close.is_empty()).map(str::to_owned));
        }
    }
    let mut flat_tokens = Vec::new();
    add(tokens, &mut flat_tokens);
    flat_tokens
}

/// How many tokens the errors take that an expansion begins with: `::core::compile_error! { ".." }`.
fn leading_errors(tokens: &[String]) -> usize {
    const ERROR: [&str; 8] = [":", ":", "core", ":", ":", "compile_error", "!", "{"];
    let is_error = |window: &&[String]| {
        window.iter().zip(ERROR).all(|(token, error)| token == error) && window.len() == ERROR.len() + 2
    };
    (ERROR.len() + 2) * tokens.chunks(ERROR.len() + 2).take_while(is_error).count()
}

/// The tokens without each `#[.. concurrency_probe ..]`: those on the methods of a block are taken off.
fn without_probes(tokens: &[String]) -> Vec<&str> {
    let mut rest = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let length = if tokens[at] == "#" { attribute(&tokens[at + 1..]) } else { None };
        if length.is_none() {
            rest.push(&*tokens[at]);
        }
        at += 1 + length.unwrap_or(0);
    }
    rest
}

/// How long a `[..]` is that has `concurrency_probe` in it.
fn attribute(tokens: &[String]) -> Option<usize> {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "(" | "{" | "[" => depth += 1,
            ")" | "}" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let names = tokens[..=at].iter().any(|token| token == "concurrency_probe");
            return (names && tokens[0] == "[").then_some(at + 1);
        }
    }
    None
}
