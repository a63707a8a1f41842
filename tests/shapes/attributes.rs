//! Functions with other attributes, above and below.

pub mod track_caller_below {
    use crate::support::{here, panic_of};

    //@probe(scope = "shapes") calls=2
    #[track_caller]
    fn place(fail: bool) -> String {
        assert!(!fail, "failed");
        here() + " " + &std::panic::Location::caller().line().to_string()
    }

    pub fn run() -> String {
        place(false) + &panic_of(|| place(true)) + &panic_of(|| None::<u32>.expect("a number"))
    }
}

pub mod track_caller_above {
    struct Store;

    impl Store {
        #[track_caller]
        //@probe(scope = "shapes")
        fn place(&self) -> String {
            crate::support::here()
        }
    }

    pub fn run() -> String {
        Store.place()
    }
}

pub mod must_use {
    //@probe(scope = "shapes")
    #[must_use = "it is the sum"]
    fn sum(a: u32, b: u32) -> u32 {
        a + b
    }

    pub fn run() -> String {
        let _ = sum(1, 2);
        String::new()
    }
}

pub mod inline {
    //@probe(scope = "shapes")
    #[inline]
    fn one() -> u32 {
        1
    }

    #[inline(always)]
    //@probe(scope = "shapes")
    fn two() -> u32 {
        2
    }

    #[cold]
    #[inline(never)]
    //@probe(scope = "shapes")
    fn three() -> u32 {
        3
    }

    pub fn run() -> String {
        format!("{}", one() + two() + three())
    }
}

pub mod lint_levels {
    //@probe(scope = "shapes")
    #[allow(unused_variables, clippy::needless_return)]
    #[expect(unused_mut, reason = "to be kept under the probe")]
    fn sum(a: u32) -> u32 {
        let mut b = 1;
        let unused = b;
        return a + b;
    }

    pub fn run() -> String {
        format!("{}", sum(1))
    }
}

pub mod expectation_that_is_not_met {
    #[expect(unused_variables)]
    //@probe(scope = "shapes")
    fn sum(a: u32) -> u32 {
        a
    }

    pub fn run() -> String {
        format!("{}", sum(1))
    }
}

pub mod conditional {
    //@probe(scope = "shapes")
    #[cfg(not(any()))]
    fn one() -> u32 {
        1
    }

    #[cfg(any())]
    //@probe(scope = "shapes") calls=0
    fn one() -> u32 {
        2
    }

    #[cfg(all())]
    //@probe(scope = "shapes")
    #[cfg_attr(all(), inline)]
    fn two(#[cfg(any())] absent: u32, #[cfg(all())] present: u32) -> u32 {
        #[cfg(any())]
        return absent;
        #[cfg(all())]
        present
    }

    pub fn run() -> String {
        format!("{}", one() + two(2))
    }
}

pub mod documentation {
    /// Above, with a [link](std::fmt).
    //@probe(scope = "shapes")
    /// Below.
    ///
    /// ```
    /// assert!(true);
    /// ```
    #[doc = "As an attribute."]
    #[doc(hidden)]
    pub fn documented() -> u32 {
        //! Inside.
        1
    }

    pub fn run() -> String {
        format!("{}", documented())
    }
}

pub mod inner_attributes {
    //@probe(scope = "shapes")
    fn sum(a: u32) -> u32 {
        #![allow(unused_variables)]
        #![deny(unused_mut, unreachable_code)]
        let unused = a;
        a + 1
    }

    //@probe(scope = "shapes")
    async fn waits(a: u32) -> u32 {
        #![allow(unused_variables)]
        let unused = a;
        crate::support::pause().await;
        a + 1
    }

    //@probe(scope = "shapes", polls)
    async fn is_polled(a: u32) -> u32 {
        #![allow(unused_variables)]
        let unused = a;
        crate::support::pause().await;
        a + 1
    }

    pub fn run() -> String {
        let waited = crate::support::block_on(async { waits(1).await + is_polled(2).await });
        format!("{} {waited}", sum(1))
    }
}

pub mod attributes_in_the_body {
    //@probe(scope = "shapes")
    fn sum(#[allow(unused_variables)] a: u32) -> u32 {
        #[allow(clippy::let_and_return)]
        let sum = {
            #[cfg(any())]
            {
                a + 1
            }
            #[cfg(all())]
            {
                2
            }
        };
        #[allow(unused_must_use)]
        {
            sum + 1;
        }
        sum
    }

    pub fn run() -> String {
        format!("{}", sum(1))
    }
}

pub mod deprecated {
    //@probe(scope = "shapes")
    #[deprecated(since = "1.0.0", note = "use `new`")]
    fn old() -> u32 {
        1
    }

    pub fn run() -> String {
        format!("{}", old())
    }
}

pub mod exported_symbol {
    //@probe(scope = "shapes")
    #[unsafe(no_mangle)]
    pub extern "C" fn concurrency_probe_shapes_exported(n: u8) -> u8 {
        n + 1
    }

    pub fn run() -> String {
        format!("{}", concurrency_probe_shapes_exported(1))
    }
}

pub mod visibility {
    mod inner {
        //@probe(scope = "shapes")
        pub(in crate::attributes) fn one() -> u32 {
            two()
        }

        //@probe(scope = "shapes")
        pub(self) fn two() -> u32 {
            2
        }
    }

    pub fn run() -> String {
        format!("{}", inner::one())
    }
}
