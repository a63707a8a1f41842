//! Whole `impl` blocks.

pub mod inherent {
    struct Store(u32);

    //@probe(scope = "shapes") calls=3
    impl Store {
        const START: u32 = { 3 };
        const NAMES: [&'static str; 2] = ["a", "b"];

        //@probe(skip) calls=0
        const fn new() -> Self {
            Store(Self::START)
        }

        fn put(&mut self, by: u32) -> &mut Self {
            self.0 += by;
            self
        }

        /// Documented.
        #[must_use]
        pub fn get(&self) -> u32 {
            self.0
        }

        //@probe(name = "own")
        fn name(&self) -> &'static str {
            Self::NAMES[1]
        }
    }

    pub fn run() -> String {
        let mut store = Store::new();
        format!("{} {}", store.put(1).put(2).get(), store.name())
    }
}

pub mod generic {
    use std::fmt::Debug;

    struct Held<'a, T: ?Sized, const N: usize>(&'a T, [u8; N]);

    //@probe(scope = "shapes") calls=2
    impl<'a, T: ?Sized, const N: usize> Held<'a, T, { N }>
    where
        T: Debug,
    {
        #![allow(clippy::needless_pass_by_value)]

        fn held(&self) -> &'a T {
            self.0
        }

        fn with<U: Debug>(self, other: U) -> String {
            format!("{:?} {other:?} {}", self.0, self.1.len())
        }
    }

    pub fn run() -> String {
        let held = Held("text", [0; 4]);
        held.held().to_owned() + &held.with(3)
    }
}

pub mod of_a_trait {
    struct Steps(u32);

    //@probe(scope = "shapes") calls=5
    impl Iterator for Steps {
        type Item = u32;

        fn next(&mut self) -> Option<u32> {
            self.0 = self.0.checked_sub(1)?;
            Some(self.0)
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            (self.0 as usize, Some(self.0 as usize))
        }
    }

    pub fn run() -> String {
        let mut steps = Steps(3);
        let hint = steps.size_hint();
        while steps.next().is_some() {}
        format!("{hint:?} {}", steps.0)
    }
}

pub mod of_a_trait_with_members {
    trait Shape {
        const SIDES: u32;
        type Length;

        fn new(length: Self::Length) -> Self;
        fn around(&self) -> Self::Length;

        fn describe(&self) -> String {
            format!("{} sides", Self::SIDES)
        }
    }

    struct Square<T>(T);

    //@probe(scope = "shapes") calls=2
    impl<T: Copy + std::ops::Add<Output = T>> Shape for Square<T> {
        const SIDES: u32 = {
            const HALF: u32 = 2;
            HALF * 2
        };
        type Length = T;

        #[inline]
        fn new(length: T) -> Self {
            Self(length)
        }

        fn around(&self) -> T {
            let half = self.0 + self.0;
            half + half
        }
    }

    pub fn run() -> String {
        let square = Square::new(2.5);
        format!("{} {}", square.around(), square.describe())
    }
}

pub mod with_async_methods {
    use crate::support::{block_on, pause, send};

    struct Client {
        base: String,
    }

    //@probe(scope = "shapes") calls=3
    impl Client {
        fn new(base: &str) -> Self {
            Client { base: base.to_owned() }
        }

        async fn get(&self, path: &str) -> Result<String, String> {
            pause().await;
            if path.is_empty() {
                return Err(self.base.clone());
            }
            Ok(format!("{}{path}", self.base))
        }
    }

    pub fn run() -> String {
        let client = Client::new("base/");
        format!("{:?} {:?}", block_on(send(client.get("x"))), block_on(client.get("")))
    }
}

pub mod with_polls {
    use crate::support::{block_on, pause, send};

    struct Client(u32);

    //@probe(scope = "shapes", polls) calls=3
    impl Client {
        fn new() -> Self {
            Client(1)
        }

        async fn add(&mut self, n: u32) -> &mut Self {
            pause().await;
            self.0 += n;
            self
        }

        fn boxed<'a>(&'a self) -> std::pin::Pin<Box<dyn Future<Output = u32> + Send + 'a>> {
            let before = self.0;
            Box::pin(async move {
                pause().await;
                before + self.0
            })
        }
    }

    pub fn run() -> String {
        let mut client = Client::new();
        let added = block_on(send(client.add(2))).0;
        format!("{added} {}", block_on(client.boxed()))
    }
}

pub mod with_items_made_by_macros {
    struct Store(u32);

    macro_rules! getter {
        ($name:ident) => {
            fn $name(&self) -> u32 {
                self.0
            }
        };
    }

    //@probe(scope = "shapes") calls=1
    impl Store {
        getter!(made);
        getter! { made_too }

        fn sum(&self) -> u32 {
            self.made() + self.made_too()
        }
    }

    pub fn run() -> String {
        format!("{}", Store(2).sum())
    }
}

pub mod for_types_that_are_no_path {
    trait Length {
        fn length(&self) -> usize;
    }

    //@probe(scope = "shapes")
    impl Length for [u8] {
        fn length(&self) -> usize {
            self.len()
        }
    }

    //@probe(scope = "shapes")
    impl Length for (u8, &str) {
        fn length(&self) -> usize {
            usize::from(self.0) + self.1.len()
        }
    }

    //@probe(scope = "shapes")
    impl Length for dyn std::fmt::Debug {
        fn length(&self) -> usize {
            format!("{self:?}").len()
        }
    }

    //@probe(scope = "shapes")
    unsafe impl Unsafe for fn(u8) -> u8 {
        unsafe fn call(&self) -> u8 {
            self(7)
        }
    }

    unsafe trait Unsafe {
        unsafe fn call(&self) -> u8;
    }

    pub fn run() -> String {
        let debug: &dyn std::fmt::Debug = &"text";
        // SAFETY: it asks for nothing.
        let called = unsafe { (std::convert::identity as fn(u8) -> u8).call() };
        format!("{} {} {} {called}", [1_u8, 2][..].length(), (1, "x").length(), debug.length())
    }
}

pub mod with_a_marked_method {
    use concurrency_probe::{Lane, testing::with_lane};

    struct Linker(u32);

    //@probe(scope = "shapes") calls=2
    impl Linker {
        //@mark
        fn link(&self, _lane: Lane<'_>, slot: u32) -> u32 {
            self.0 + slot
        }

        fn plain(&self) -> u32 {
            self.0
        }
    }

    pub fn run() -> String {
        let linker = Linker(1);
        format!("{} {}", with_lane(|lane| linker.link(lane, 2)), linker.plain())
    }
}
