//! Code that is warned about, inside and around probed bodies. Behind each line is the lint that must fire on it.

pub mod unused_code {
    //@probe(scope = "shapes") calls=0
    fn never_called() -> u32 { //~ dead_code
        only_called_there()
    }

    fn only_called_there() -> u32 { //~ dead_code
        1
    }

    //@probe(scope = "shapes") calls=0
    async fn never_awaited() { //~ dead_code
        crate::support::pause().await;
    }

    //@probe(scope = "shapes", polls) calls=0
    async fn never_polled() { //~ dead_code
        crate::support::pause().await;
    }

    //@probe(scope = "shapes") calls=0
    fn recursive_only(n: u32) -> u32 { //~ dead_code
        if n == 0 { 0 } else { recursive_only(n - 1) }
    }

    struct Store;

    //@probe(scope = "shapes") calls=1
    impl Store {
        fn used(&self) {}
        fn unused(&self) {} //~ dead_code
        const UNUSED: u32 = 1;
    }

    pub fn run() -> String {
        Store.used();
        String::new()
    }
}

pub mod unused_variables {
    //@probe(scope = "shapes")
    fn plain(argument: u32) { //~ unused_variables
        let local = 1; //~ unused_variables
        let mut never_changed = 2; //~ unused_mut
        let mut never_read; //~ unused_variables
        never_read = never_changed; //~ unused_assignments
        const UNUSED: u32 = 3; //~ dead_code clippy::items_after_statements
        use std::fmt::Debug; //~ unused_imports
        fn unused() {} //~ dead_code clippy::items_after_statements
    }

    //@probe(scope = "shapes")
    async fn waits(argument: u32, mut other: String) { //~ unused_variables unused_mut
        let local = 1; //~ unused_variables
        crate::support::pause().await;
        let mut never_changed = other.len(); //~ unused_mut unused_variables
    }

    //@probe(scope = "shapes", polls)
    async fn is_polled(argument: u32) { //~ unused_variables
        let local = 1;
        crate::support::pause().await;
        let mut never_changed = local; //~ unused_mut unused_variables
    }

    //@probe(scope = "shapes")
    fn boxed(argument: u32) -> std::pin::Pin<Box<dyn Future<Output = ()>>> { //~ unused_variables
        let local = 1; //~ unused_variables
        Box::pin(async move {
            let inside = 2; //~ unused_variables
            crate::support::pause().await;
        })
    }

    pub fn run() -> String {
        plain(1);
        crate::support::block_on(async {
            waits(1, String::new()).await;
            is_polled(1).await;
            boxed(1).await;
        });
        String::new()
    }
}

pub mod unreachable {
    //@probe(scope = "shapes")
    fn after_return() -> u32 {
        return 1;
        2 //~ unreachable_code
    }

    //@probe(scope = "shapes")
    fn after_loop() {
        loop {
            break;
        }
        loop { //~ clippy::never_loop
            return;
        }
        drop(1); //~ unreachable_code
    }

    //@probe(scope = "shapes")
    async fn after_await() -> u32 {
        crate::support::pause().await;
        return 1;
        2 //~ unreachable_code
    }

    //@probe(scope = "shapes") calls=0
    fn arms(n: u32) -> u32 { //~ dead_code
        match n {
            n => n,
            0 => 1, //~ unreachable_patterns
        }
    }

    pub fn run() -> String {
        after_loop();
        format!("{} {}", after_return(), crate::support::block_on(after_await()))
    }
}

pub mod must_use {
    //@probe(scope = "shapes")
    #[must_use]
    fn number() -> u32 {
        1
    }

    //@probe(scope = "shapes")
    async fn future() -> Result<u32, String> {
        crate::support::pause().await;
        Ok(1)
    }

    //@probe(scope = "shapes")
    fn result() -> Result<u32, String> { //~ clippy::unnecessary_wraps
        number(); //~ unused_must_use
        future(); //~ unused_must_use
        Ok(1)
    }

    //@probe(scope = "shapes", polls)
    async fn is_polled() {
        result(); //~ unused_must_use
        future().await; //~ unused_must_use
        1 + 1; //~ unused_must_use clippy::no_effect
    }

    pub fn run() -> String {
        crate::support::block_on(is_polled());
        String::new()
    }
}

pub mod deprecated {
    //@probe(scope = "shapes")
    #[deprecated = "use another"]
    fn old() -> u32 {
        1
    }

    //@probe(scope = "shapes")
    fn uses() -> u32 {
        old() //~ deprecated
    }

    pub fn run() -> String {
        format!("{}", uses())
    }
}

pub mod style {
    //@probe(scope = "shapes")
    fn returns(n: u32) -> u32 {
        return n; //~ clippy::needless_return
    }

    //@probe(scope = "shapes")
    fn binds(n: u32) -> u32 {
        let m = n + 1;
        m //~ clippy::let_and_return
    }

    //@probe(scope = "shapes")
    fn casts(n: u64) -> u32 {
        n as u32 //~ clippy::cast_possible_truncation
    }

    //@probe(scope = "shapes")
    fn compares(flag: bool) -> bool {
        if flag == true { (true) } else { false } //~ clippy::bool_comparison unused_parens clippy::needless_bool
    }

    //@probe(scope = "shapes")
    fn takes_by_value(text: String) -> usize { //~ clippy::needless_pass_by_value
        text.len()
    }

    //@probe(scope = "shapes")
    fn borrows_a_copy(flag: &bool) -> bool { //~ clippy::trivially_copy_pass_by_ref
        *flag
    }

    //@probe(scope = "shapes")
    fn names_lifetimes<'a>(text: &'a str) -> &'a str { //~ clippy::needless_lifetimes
        text
    }

    //@probe(scope = "shapes")
    fn indexes(values: &[u32]) -> u32 {
        let mut sum = 0;
        for i in 0..values.len() { //~ clippy::needless_range_loop
            sum += values[i];
        }
        sum
    }

    //@probe(scope = "shapes")
    fn eight(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> u8 { //~ clippy::too_many_arguments clippy::many_single_char_names
        a + b + c + d + e + f + g + h
    }

    //@probe(scope = "shapes")
    fn Camel() -> u32 { //~ non_snake_case
        let Upper = 1; //~ non_snake_case
        Upper
    }

    //@probe(scope = "shapes")
    fn clones() -> u32 {
        let values = vec![1]; //~ clippy::useless_vec
        let copy = values[0].clone(); //~ clippy::clone_on_copy
        copy
    }

    pub fn run() -> String {
        let sum = returns(1) + binds(2) + casts(3) + indexes(&[4]) + Camel() + clones();
        let flag = compares(true) && borrows_a_copy(&true);
        let eight = eight(1, 2, 3, 4, 5, 6, 7, 8);
        format!("{sum} {flag} {eight} {} {}", takes_by_value(String::new()), names_lifetimes("x"))
    }
}

pub mod asynchronous {
    use std::sync::Mutex;

    //@probe(scope = "shapes")
    async fn never_waits() -> u32 { //~ clippy::unused_async
        1
    }

    //@probe(scope = "shapes", polls)
    async fn never_waits_polled() -> u32 { //~ clippy::unused_async
        1
    }

    //@probe(scope = "shapes")
    async fn holds_a_lock(mutex: &Mutex<u32>) -> u32 {
        let guard = mutex.lock().unwrap(); //~ clippy::await_holding_lock
        crate::support::pause().await;
        *guard
    }

    //@probe(scope = "shapes", polls)
    async fn holds_a_lock_polled(mutex: &Mutex<u32>) -> u32 {
        let guard = mutex.lock().unwrap(); //~ clippy::await_holding_lock
        crate::support::pause().await;
        *guard
    }

    //@probe(scope = "shapes")
    fn by_hand(n: u32) -> impl Future<Output = u32> { //~ clippy::manual_async_fn
        async move { n }
    }

    //@probe(scope = "shapes", polls)
    async fn returns(n: u32) -> u32 {
        crate::support::pause().await;
        return n; //~ clippy::needless_return
    }

    pub fn run() -> String {
        let mutex = Mutex::new(1);
        let sum = crate::support::block_on(async {
            let never = never_waits().await + never_waits_polled().await;
            let held = holds_a_lock(&mutex).await + holds_a_lock_polled(&mutex).await;
            never + held + by_hand(1).await + returns(2).await
        });
        format!("{sum}")
    }
}

pub mod locks_that_are_arguments {
    use std::sync::{Mutex, MutexGuard};

    //@probe(scope = "shapes")
    async fn holds(guard: MutexGuard<'_, u32>) -> u32 { //~ clippy::await_holding_lock
        crate::support::pause().await;
        *guard
    }

    //@probe(scope = "shapes")
    async fn never_waits(guard: MutexGuard<'_, u32>) -> u32 { //~ clippy::unused_async
        *guard
    }

    pub fn run() -> String {
        let mutex = Mutex::new(1);
        let lock = || mutex.lock().unwrap();
        let held = crate::support::block_on(holds(lock()));
        format!("{}", held + crate::support::block_on(never_waits(lock())))
    }
}

pub mod impl_blocks {
    struct Store(u32);

    //@probe(scope = "shapes") calls=5
    impl Store {
        fn new() -> Self {
            return Store(1); //~ clippy::needless_return clippy::use_self
        }

        fn unused_self(&self, n: u32) -> u32 { //~ clippy::unused_self
            n
        }

        fn to_number(self) -> u32 {
            self.0
        }

        fn wraps(&self) -> Option<u32> { //~ clippy::unnecessary_wraps
            Some(self.0)
        }

        fn depth(&self, n: u32) -> u32 { //~ clippy::self_only_used_in_recursion
            if n == 0 { 0 } else { self.depth(n - 1) }
        }
    }

    //@probe(scope = "shapes") calls=0
    impl Clone for Store { //~
        fn clone(&self) -> Self { //~ clippy::non_canonical_clone_impl
            Self(self.0)
        }
    }
    impl Copy for Store {}

    pub fn run() -> String {
        let store = Store::new();
        format!("{} {:?} {} {}", store.unused_self(1), store.wraps(), store.depth(0), store.to_number())
    }
}

pub mod made_by_macros {
    macro_rules! make {
        ($name:ident, $argument:ident, $body:block) => {
            //@probe(scope = "shapes")
            fn $name($argument: u32) -> u32 $body //~ unused_variables
        };
    }

    make!(made, argument, {
        let local = 1; //~ unused_variables
        return 2;
    });

    make!(unused, argument, { argument }); //~ dead_code

    pub fn run() -> String {
        format!("{}", made(1))
    }
}

pub mod marked {
    use concurrency_probe::{Lane, testing::with_lane};

    //@mark
    fn elided(_: Lane, slot: u32) -> u32 { //~ elided_lifetimes_in_paths unused_variables
        let local = 1; //~ unused_variables
        return 2; //~ clippy::needless_return
    }

    //@probe(scope = "shapes")
    //@mark
    fn unused_lane<'a>(lane: Lane<'a>) -> u32 { //~ clippy::elidable_lifetime_names unused_variables
        const LATE: u32 = 1;
        LATE
    }

    //@mark
    //@probe(scope = "shapes") calls=0
    fn never_called(_: Lane<'_>) {} //~ dead_code

    pub fn run() -> String {
        format!("{} {}", with_lane(|lane| elided(lane, 1)), with_lane(unused_lane))
    }
}

pub mod blocks {
    pub fn run() -> String {
        let unused = { //~ unused_variables
            //@enter("decode", scope = "shapes")
            let local = 1; //~ unused_variables
            2
        };
        return String::new(); //~ clippy::needless_return
    }
}
