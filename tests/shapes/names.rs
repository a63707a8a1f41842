//! Names that could collide with what an attribute writes.

pub mod raw_identifiers {
    struct r#Type(u32);

    impl r#Type {
        //@probe(scope = "shapes")
        fn r#match(&self, r#in: u32) -> u32 {
            let r#let = r#in + self.0;
            r#let
        }
    }

    //@probe(scope = "shapes")
    fn r#loop<'r#async>(r#fn: &'r#async u32) -> &'r#async u32 {
        r#fn
    }

    pub fn run() -> String {
        format!("{} {}", r#Type(1).r#match(2), r#loop(&3))
    }
}

pub mod local_core_and_std {
    mod core {
        pub fn one() -> u32 {
            1
        }
    }
    mod std {
        pub fn two() -> u32 {
            2
        }
    }
    mod alloc {}
    mod concurrency_probe {
        pub fn three() -> u32 {
            3
        }
    }
    mod __private {}

    //@probe(scope = "shapes")
    fn sum() -> u32 {
        core::one() + std::two() + concurrency_probe::three()
    }

    //@probe(scope = "shapes", polls)
    async fn waits() -> u32 {
        crate::support::pause().await;
        core::one()
    }

    pub fn run() -> String {
        format!("{} {}", sum(), crate::support::block_on(waits()))
    }
}

pub mod variables {
    //@probe(scope = "shapes") calls=2
    fn sum(_probe: u32, enter: u32, site: u32, entry: u32) -> u32 {
        let in_flight = _probe + enter;
        let _polling = site + entry;
        in_flight + _polling
    }

    //@probe(scope = "shapes", polls)
    async fn waits(in_flight: u32, body: u32, cx: u32, output: u32, _polling: u32) -> u32 {
        crate::support::pause().await;
        in_flight + body + cx + output + _polling
    }

    pub fn run() -> String {
        format!("{} {} {}", sum(1, 2, 3, 4), sum(4, 3, 2, 1), crate::support::block_on(waits(1, 2, 3, 4, 5)))
    }
}

pub mod items_outside {
    const SITE: u32 = 1;
    static ENTRY: u32 = 2;
    struct Site(u32);
    enum Kind {
        Sync(u32),
    }
    fn enter(n: u32) -> u32 {
        n + 1
    }
    #[derive(Clone, Copy)]
    #[allow(non_camel_case_types)]
    struct _probe;
    #[allow(non_upper_case_globals)]
    mod lower_case {
        pub const in_flight: u32 = 4;
        pub const body: u32 = 5;
        pub const cx: u32 = 6;
        pub const output: u32 = 7;
        pub static _polling: u32 = 8;
        pub struct lane;
    }
    use concurrency_probe::Lane;
    use lower_case::*;

    //@probe(scope = "shapes")
    fn sum(kind: Kind, site: Site) -> u32 {
        let Kind::Sync(n) = kind;
        let _probe = _probe;
        match n {
            SITE => enter(site.0) + ENTRY,
            other => other,
        }
    }

    //@probe(scope = "shapes") calls=2
    fn future(n: u32) -> std::pin::Pin<Box<dyn Future<Output = u32>>> {
        if n == SITE { Box::pin(async { SITE }) } else { Box::pin(async { enter(ENTRY) }) }
    }

    //@probe(scope = "shapes", polls)
    async fn waits() -> u32 {
        crate::support::pause().await;
        in_flight + body + cx + output + _polling
    }

    //@probe(scope = "shapes")
    //@mark
    fn marked(_: Lane<'_>) -> lane {
        lane
    }

    pub fn run() -> String {
        let futures = [1, 2].map(|n| crate::support::block_on(future(n)));
        let lower_case::lane = concurrency_probe::testing::with_lane(marked);
        format!("{} {futures:?} {}", sum(Kind::Sync(1), Site(3)), crate::support::block_on(waits()))
    }
}

pub mod items_inside {
    //@probe(scope = "shapes")
    fn sum() -> u32 {
        const SITE: u32 = 1;
        static ENTRY: u32 = SITE + 1;
        struct Site(u32);
        fn enter(site: &Site) -> u32 {
            site.0
        }
        let _probe = Site(SITE + ENTRY);
        enter(&_probe)
    }

    //@probe(scope = "shapes")
    fn later() -> u32 {
        let n = SITE;
        const SITE: u32 = 5;
        n
    }

    pub fn run() -> String {
        format!("{} {}", sum(), later())
    }
}

pub mod generics {
    //@probe(scope = "shapes")
    fn filled<SITE: Default + Copy, const Site: usize>() -> [SITE; Site] {
        [SITE::default(); Site]
    }

    struct Kind<Entry>(Entry);

    //@probe(scope = "shapes") calls=1
    impl<Entry: Clone> Kind<Entry> {
        fn get(&self) -> Entry {
            self.0.clone()
        }
    }

    pub fn run() -> String {
        format!("{:?} {}", filled::<u8, 2>(), Kind(1).get())
    }
}

pub mod shadowed_prelude {
    #[derive(Debug)]
    enum Option {
        Some(u32),
        None,
    }
    use self::Option::{None, Some};
    trait Future {
        fn poll(&self) -> u32;
    }
    impl Future for Option {
        fn poll(&self) -> u32 {
            if let Some(n) = self { *n } else { 0 }
        }
    }
    type Result = Option;

    //@probe(scope = "shapes") calls=2
    fn pick(some: bool) -> Result {
        if some { Some(1) } else { None }
    }

    //@probe(scope = "shapes", polls)
    async fn waits() -> Result {
        crate::support::pause().await;
        Some(None.poll())
    }

    pub fn run() -> String {
        format!("{:?} {:?} {:?}", pick(true), pick(false), crate::support::block_on(waits()))
    }
}

pub mod shadowed_macros {
    macro_rules! line {
        () => {
            not this one
        };
    }
    macro_rules! file {
        () => {
            not this one
        };
    }
    macro_rules! compile_error {
        () => {
            7
        };
    }

    //@probe(scope = "shapes")
    fn seven() -> u32 {
        compile_error!()
    }

    pub fn run() -> String {
        let _ = stringify!(line!() file!());
        format!("{}", seven())
    }
}

pub mod no_prelude {
    #[allow(unused_imports)]
    mod inner {
        #![no_implicit_prelude]

        use ::std::clone::Clone;

        //@probe(scope = "shapes")
        pub fn one<T: Clone>(value: &T) -> T {
            value.clone()
        }

        //@probe(scope = "shapes", polls)
        pub async fn two(value: &mut u32) -> ::std::option::Option<&mut u32> {
            crate::support::pause().await;
            *value += 1;
            ::std::option::Option::Some(value)
        }
    }

    pub fn run() -> String {
        format!("{} {:?}", inner::one(&1), crate::support::block_on(inner::two(&mut 1)))
    }
}

pub mod reexported {
    pub mod reexport {
        #[allow(unused_imports)]
        pub use concurrency_probe;
    }
    use concurrency_probe as renamed;
    use concurrency_probe::Lane;

    //@probe(scope = "shapes", crate = crate::names::reexported::reexport::concurrency_probe)
    fn one() -> u32 {
        1
    }

    //@probe(scope = "shapes", name = "zwei", crate = renamed)
    fn two() -> u32 {
        2
    }

    //@probe(crate = self::reexport::concurrency_probe, polls, scope = "shapes")
    async fn three() -> u32 {
        crate::support::pause().await;
        3
    }

    //@mark(crate = renamed)
    fn marked(_: Lane<'_>) -> u32 {
        4
    }

    struct Store;

    //@probe(scope = "shapes", crate = self::reexport::concurrency_probe,)
    impl Store {
        fn five(&self) -> u32 {
            5
        }
    }

    pub fn run() -> String {
        let three = crate::support::block_on(three());
        let four = renamed::testing::with_lane(marked);
        format!("{} {} {three} {four} {}", one(), two(), Store.five())
    }
}
