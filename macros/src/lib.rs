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
//! | file | holds |
//! |---|---|
//! | `expand`, `marker` | the two attributes from tokens to tokens |
//! | `args` | their arguments |
//! | `item`, `impl_block`, `body` | what they stand on |
//! | `probe`, `polls` | the statements that count |
//! | `returns_future`, `tail`, `early_return` | where the count of a future begins |
//! | `tokens` | small questions to tokens |
#![forbid(unsafe_code)]

mod args;
mod body;
mod early_return;
mod expand;
mod impl_block;
mod item;
mod marker;
mod polls;
mod probe;
mod returns_future;
mod tail;
#[cfg(test)]
mod tests;
mod tokens;

use proc_macro::TokenStream;

/// Counts the calls of a function, or of every method of an `impl` block.
///
/// While a scope of the given name is open, each call is counted: how many there were, how many are in flight and the
/// peak of that, and on how many threads at once. With no scope open a call costs one load and a branch. The count goes
/// back on return, `?`, panic, and when a future is dropped midway.
///
/// ```ignore
/// use concurrency_probe::{Scope, concurrency_probe};
///
/// #[concurrency_probe(scope = "install")]
/// fn link(slot: u32) -> u32 {
///     slot + 1
/// }
///
/// let mut install = Scope::open("install");
/// install.run(|| link(1));
/// assert_eq!(install.reading("link").calls(), 1);
/// ```
///
/// # Arguments
///
/// | argument | meaning |
/// |---|---|
/// | `scope = ".."` | required: the scope whose readings count this |
/// | `name = ".."` | the probe's name; the function's by default, `Type::method` in an `impl` block |
/// | `crate = path` | where `concurrency_probe` is, if it is renamed or re-exported; `::concurrency_probe` by default |
/// | `polls` | async only: each poll is an entry, so that `max_concurrent` is known |
/// | `skip` | on a method of a probed `impl` block only: leaves it out |
///
/// # On a function
///
/// Any function with a body: free, method, trait default, generic, `unsafe`, `extern`, `async`, `-> !`, made by
/// `macro_rules!`, with other attributes above or below. An async function is in flight from its first poll.
///
/// A function that returns a future is counted by that future, if the future is built where it is returned: the
/// statements go into the `async` block, not around it.
///
/// ```ignore
/// # use concurrency_probe::concurrency_probe;
/// # use std::pin::Pin;
/// #[concurrency_probe(scope = "install")]
/// fn fetch(id: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
///     let url = format!("https://registry/{id}"); // not counted: it runs before the first poll
///     Box::pin(async move { url.len() as u32 })
/// }
/// ```
///
/// The block may stand in parentheses, under `as`, in a plain or `unsafe` block, in every arm of an `if` or `match`, in
/// an early `return`, and in what only hands it on: `Box::pin`, `Box::new`, `Pin::from`, `Ok`, `Some`, `.boxed()`,
/// `.instrument(..)` and the like. So the methods that `#[async_trait]` has rewritten are counted as the async methods
/// they are, whichever attribute comes first.
///
/// # On an `impl` block
///
/// Probes every method. A method can have arguments of its own, and takes `scope` and `crate` from the block:
///
/// ```ignore
/// # use concurrency_probe::concurrency_probe;
/// # struct Store;
/// #[concurrency_probe(scope = "install")]
/// impl Store {
///     fn put(&self) {} // `Store::put`
///
///     #[concurrency_probe(name = "read")]
///     fn get(&self) {} // `read`
///
///     #[concurrency_probe(skip)]
///     const fn len(&self) -> usize {
///         0
///     }
/// }
/// ```
///
/// `polls` on the block is for its async methods. The attribute on a method is known by its last path segment: under
/// another name (`use concurrency_probe as probe`) it is not seen by the block. `cfg_attr` on a method is not looked
/// into either.
///
/// # `polls`
///
/// A poll cannot be seen from inside a body. So `polls` is the one case in which the body is wrapped, in an `async` block
/// of its own, unless it never waits. The future grows by about 40 bytes, and holds the arguments once more.
///
/// ```ignore
/// # use concurrency_probe::concurrency_probe;
/// #[concurrency_probe(scope = "install", polls)]
/// async fn fetch(id: u32) -> u32 {
///     std::future::ready(id).await
/// }
/// ```
///
/// # Errors
///
/// These do not compile, with one error on the token that is wrong:
///
/// - `const fn`: what the compiler evaluates cannot be counted;
/// - a declaration without a body;
/// - a function that returns a future built elsewhere, in its tail or in an early `return`: only the construction would
///   be counted;
/// - `polls` where nothing is async, `name` on an `impl` block, `skip` anywhere but on one of its methods;
/// - anything that is neither a function nor an `impl` block.
///
/// # Limits
///
/// - A future behind a type alias of your own (`-> Fetch`) is seen only if it is built in tail position. Otherwise the
///   function counts as a sync one.
/// - A combinator that runs code of its own (`async { .. }.map(f)`) is refused: `f` would run uncounted.
/// - What a macro returns early is not seen.
/// - Lints are those of the plain function but for `clippy::missing_const_for_fn` (a probed function cannot be `const`),
///   `clippy::doc_lazy_continuation` (every attribute macro is given doc comments as `#[doc]`), and
///   `clippy::unused_async` with `polls` on a body that calls macros and never waits.
#[proc_macro_attribute]
pub fn concurrency_probe(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(arguments.into(), item.into()).into()
}

/// Marks a blocking function so that it can be called only inside a parallel pass.
///
/// The function must take exactly one `Lane<'_>` by value. Only a pass hands out lanes, one for each item, so a call
/// from anywhere else does not compile: there is nothing to pass. The attribute changes nothing; it checks that nobody
/// takes the parameter away.
///
/// ```ignore
/// use concurrency_probe::{Lane, Pass, must_run_parallel};
///
/// #[must_run_parallel]
/// fn link_slot(lane: Lane<'_>, slot: &u32) -> u32 {
///     *slot + 1
/// }
///
/// fn link_slots(pass: Pass<'_>, slots: &[u32]) -> Vec<u32> {
///     pass.map(slots, link_slot)
/// }
/// ```
///
/// It stands on functions, methods, trait methods with and without a body, and together with
/// `#[concurrency_probe(..)]` in either order. The only argument is `crate = path`.
///
/// # Errors
///
/// These do not compile, with the error on the token that is wrong:
///
/// - no `Lane` parameter, two of them, or one behind a reference or inside another type: none of these is a proof that is
///   used up by the call;
/// - a `Lane` that is not concurrency-probe's;
/// - `async fn`, or a return type that names a future: it would run after the lane is gone;
/// - anything that is not a function.
#[proc_macro_attribute]
pub fn must_run_parallel(arguments: TokenStream, item: TokenStream) -> TokenStream {
    marker::expand(arguments.into(), item.into()).into()
}
