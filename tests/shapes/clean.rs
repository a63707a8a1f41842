//! What is clean under every lint that a strict crate forbids stays clean when it is probed.
#![forbid(
    warnings,
    unused,
    nonstandard_style,
    rust_2018_idioms,
    unreachable_code,
    unsafe_code,
    let_underscore_drop,
    clippy::all,
    clippy::pedantic,
    clippy::used_underscore_binding
)]
#![deny(
    missing_docs,
    unused_qualifications,
    unused_results,
    elided_lifetimes_in_paths,
    single_use_lifetimes,
    variant_size_differences,
    clippy::absolute_paths,
    clippy::arbitrary_source_item_ordering,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::let_underscore_untyped,
    clippy::pattern_type_mismatch,
    clippy::same_name_method,
    clippy::semicolon_inside_block,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::std_instead_of_core,
    clippy::undocumented_unsafe_blocks,
    clippy::unwrap_used
)]

/// Functions.
pub mod functions {
    use core::fmt::Display;

    //@probe(scope = "shapes")
    /// Documented.
    #[must_use]
    fn join<T: Display>(left: &T, right: &str) -> String {
        format!("{left}{right}")
    }

    //@probe(scope = "shapes")
    /// Documented.
    fn first<'a>(words: &'a [String], fallback: &'a str) -> Result<&'a str, String> {
        let Some(first) = words.first() else { return Ok(fallback) };
        if first.is_empty() {
            return Err(String::from("empty"));
        }
        Ok(first)
    }

    /// Runs it.
    pub fn run() -> String {
        join(&1, first(&[], "none").unwrap_or_default())
    }
}

/// Futures.
pub mod futures {
    use crate::support::{block_on, pause};
    use core::convert::Infallible;
    use core::pin::Pin;

    //@probe(scope = "shapes")
    /// Documented.
    async fn waits(values: &[u32]) -> Result<&u32, String> {
        pause().await;
        values.first().ok_or_else(|| String::from("none"))
    }

    //@probe(scope = "shapes", polls)
    /// Documented.
    async fn is_polled(values: &[u32]) -> Result<&u32, String> {
        pause().await;
        values.first().ok_or_else(|| String::from("none"))
    }

    //@probe(scope = "shapes", polls)
    /// Documented.
    async fn stops(early: bool) {
        if early {
            return;
        }
        pause().await;
    }

    //@probe(scope = "shapes", polls)
    /// Documented.
    async fn never_fails() -> Result<u32, Infallible> {
        pause().await;
        Ok(1)
    }

    //@probe(scope = "shapes")
    /// Documented.
    fn boxed(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
        if n == 0 {
            return Box::pin(async { 0 });
        }
        Box::pin(async move {
            pause().await;
            n
        })
    }

    /// Runs it.
    pub fn run() -> String {
        block_on(async {
            stops(false).await;
            let waited = waits(&[]).await;
            let polled = is_polled(&[1]).await;
            format!("{waited:?} {polled:?} {:?} {}", never_fails().await, boxed(1).await)
        })
    }
}

/// Blocks.
pub mod blocks {
    use crate::support::{block_on, pause};

    /// Documented.
    struct Store {
        /// Documented.
        slots: u32,
    }

    //@probe(scope = "shapes", polls) calls=2
    impl Store {
        /// Documented.
        async fn get(&self) -> u32 {
            pause().await;
            self.slots
        }

        /// Documented.
        //@probe(skip) calls=0
        const fn new(slots: u32) -> Self {
            Self { slots }
        }

        /// Documented.
        fn put(&mut self, slots: &str) {
            self.slots = slots.parse().unwrap_or_default();
        }
    }

    //@probe(scope = "shapes")
    impl Clone for Store {
        fn clone(&self) -> Self {
            Self { slots: self.slots }
        }
    }

    /// Runs it.
    pub fn run() -> String {
        let mut store = Store::new(1);
        store.put("2");
        let copy = store.clone();
        format!("{}", block_on(copy.get()))
    }
}

/// Marked.
pub mod marked {
    use concurrency_probe::{Lane, testing::with_lane};

    //@probe(scope = "shapes")
    //@mark
    /// Documented.
    fn link(_: Lane<'_>, slot: u32) -> u32 {
        slot + 1
    }

    /// Runs it.
    pub fn run() -> String {
        let entered = {
            //@enter("decode", scope = "shapes")
            1
        };
        format!("{}", with_lane(|lane| link(lane, entered)))
    }
}
