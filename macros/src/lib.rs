//! The attributes of [`concurrency-probe`](https://docs.rs/concurrency-probe): [`macro@concurrency_probe`] counts calls
//! and [`macro@must_run_parallel`] makes calls outside a parallel pass impossible.
//!
//! Depend on `concurrency-probe`, which re-exports both. What they emit names that crate by an absolute path and is no
//! interface of its own.
//!
//! # How it is done
//!
//! An attribute adds statements at the head of the body it was given, and leaves everything else as it was written: the
//! signature, the body's tokens and their spans. Hence lints, error columns, coverage lines, type inference, `-> !`
//! and `Send` are those of the plain function. A body need not parse.
//!
//! What is added to an async body is an `.await`, which a hold may keep pending. Its arguments are held across it; what
//! that changes is listed in the docs of the attribute, under "Limits", and in `tests/tests/shapes.rs`.
//!
//! | file | holds |
//! |---|---|
//! | `expand`, `marker` | the two attributes from tokens to tokens |
//! | `plain` | the case that most functions are, without a syntax tree |
//! | `args` | their arguments |
//! | `item`, `impl_block`, `body` | what they stand on |
//! | `site`, `probe`, `polls` | the statements that count |
//! | `returns_future`, `tail`, `value`, `early_return` | where the count of a future begins; what is a future or a stream |
//! | `tokens` | small questions to tokens |
#![forbid(unsafe_code)]

mod args;
mod body;
mod early_return;
mod expand;
mod impl_block;
mod item;
mod marker;
mod plain;
mod polls;
mod probe;
mod returns_future;
mod site;
mod tail;
#[cfg(test)]
mod tests;
mod tokens;
mod value;

use proc_macro::TokenStream;

/// Counts the calls of a function, or of every method of an `impl` block. `concurrency-probe` documents it, with examples,
/// where it re-exports it.
#[proc_macro_attribute]
pub fn concurrency_probe(arguments: TokenStream, item: TokenStream) -> TokenStream {
    if cfg!(feature = "off") {
        return item;
    }
    expand::expand(arguments.into(), item.into()).into()
}

/// Marks a blocking function so that it can be called only inside a parallel pass. `concurrency-probe` documents it, with
/// examples, where it re-exports it.
#[proc_macro_attribute]
pub fn must_run_parallel(arguments: TokenStream, item: TokenStream) -> TokenStream {
    marker::expand(arguments.into(), item.into()).into()
}
