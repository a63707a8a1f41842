//! Functions that give a future.

pub mod async_fn {
    use crate::support::{block_on, pause, send};

    //@probe(scope = "shapes") calls=2
    async fn add(a: u32, b: u32) -> u32 {
        pause().await;
        a + b
    }

    pub fn run() -> String {
        format!("{}", block_on(send(async { add(add(1, 2).await, 3).await })))
    }
}

pub mod async_fn_never_polled {
    use crate::support::{Noisy, block_on, logged};

    //@probe(scope = "shapes") calls=0
    async fn never(_noisy: Noisy) {}

    pub fn run() -> String {
        drop(never(Noisy("argument")));
        block_on(async {});
        logged()
    }
}

pub mod async_fn_that_borrows {
    use crate::support::{block_on, pause, send};

    //@probe(scope = "shapes")
    async fn longest<'a>(words: &'a [String], fallback: &'a str, lengths: &mut Vec<usize>) -> &'a str {
        pause().await;
        lengths.extend(words.iter().map(String::len));
        words.iter().max_by_key(|word| word.len()).map_or(fallback, |word| word)
    }

    pub fn run() -> String {
        let words = [String::from("one"), String::from("three")];
        let mut lengths = Vec::new();
        let longest = block_on(send(longest(&words, "none", &mut lengths))).to_owned();
        format!("{longest} {lengths:?}")
    }
}

pub mod async_fn_with_question_mark {
    use crate::support::{block_on, pause};
    use std::error::Error;

    //@probe(scope = "shapes") calls=3
    async fn parse(text: Option<&str>) -> Result<u32, Box<dyn Error + Send + Sync>> {
        pause().await;
        let text = text.ok_or("no text")?;
        if text == "early" {
            return Err("early".into());
        }
        Ok(text.parse()?)
    }

    pub fn run() -> String {
        let parse = |text| block_on(parse(text));
        format!("{:?} {:?} {:?}", parse(None), parse(Some("early")), parse(Some("1")))
    }
}

pub mod async_fn_gives_impl_trait {
    use crate::support::{block_on, pause};

    //@probe(scope = "shapes")
    async fn adder(by: u32) -> impl Fn(u32) -> u32 + Clone {
        pause().await;
        move |n| n + by
    }

    pub fn run() -> String {
        format!("{}", block_on(adder(2)).clone()(3))
    }
}

pub mod async_fn_gives_dyn {
    use crate::support::{block_on, pause};

    //@probe(scope = "shapes")
    async fn adder(by: u32) -> Box<dyn Fn(u32) -> u32 + Send> {
        pause().await;
        Box::new(move |n| n + by)
    }

    pub fn run() -> String {
        format!("{}", block_on(adder(2))(3))
    }
}

pub mod async_fn_never_returns {
    use crate::support::{block_on, panic_of, pause};

    //@probe(scope = "shapes")
    async fn abort(code: u32) -> ! {
        pause().await;
        panic!("code {code}")
    }

    pub fn run() -> String {
        panic_of(|| block_on(async { abort(3).await }))
    }
}

pub mod async_fn_keeps_auto_traits {
    use crate::support::block_on;
    use std::panic::{RefUnwindSafe, UnwindSafe};

    fn all<T: Send + Sync + UnwindSafe + RefUnwindSafe>(value: T) -> T {
        value
    }

    //@probe(scope = "shapes") grows=8
    async fn add(a: u32, b: &str) -> usize {
        std::future::ready(b.len()).await + a as usize
    }

    //@probe(scope = "shapes")
    fn built(a: u32) -> impl Future<Output = u32> {
        async move { std::future::ready(a).await }
    }

    pub fn run() -> String {
        format!("{} {}", block_on(all(add(1, "two"))), block_on(all(built(3))))
    }
}

pub mod async_fn_with_large_arguments {
    use crate::support::{block_on, pause};

    //@probe(scope = "shapes")
    async fn held_across(values: [u8; 256]) -> u8 {
        pause().await;
        values[1]
    }

    //@probe(scope = "shapes")
    fn block(values: [u8; 256]) -> impl Future<Output = u8> {
        async move {
            let first = values[0];
            pause().await;
            first
        }
    }

    pub fn run() -> String {
        format!("{} {}", block_on(held_across([1; 256])), block_on(block([2; 256])))
    }
}

pub mod async_fn_with_a_large_argument_that_is_used_first {
    use crate::support::{block_on, pause};

    //@probe(scope = "shapes") grows=256
    async fn used_first(values: [u8; 256]) -> u8 {
        let first = values[0];
        pause().await;
        first
    }

    pub fn run() -> String {
        format!("{}", block_on(used_first([1; 256])))
    }
}

pub mod async_fn_recursive {
    use crate::support::block_on;

    //@probe(scope = "shapes") calls=4
    async fn factorial(n: u64) -> u64 {
        if n == 0 { 1 } else { n * Box::pin(factorial(n - 1)).await }
    }

    pub fn run() -> String {
        format!("{}", block_on(factorial(3)))
    }
}

pub mod async_fn_unsafe_and_generic {
    use crate::support::{block_on, pause, send};

    //@probe(scope = "shapes")
    async unsafe fn repeat<T: Clone + Send, const N: usize>(value: T) -> [T; N]
    where
        [T; N]: Sized,
    {
        pause().await;
        std::array::from_fn(|_| value.clone())
    }

    pub fn run() -> String {
        // SAFETY: it asks for nothing.
        format!("{:?}", block_on(send(unsafe { repeat::<_, 2>("x") })))
    }
}

pub mod async_fn_drop_order {
    use crate::support::{Noisy, block_on, log, logged, pause};

    //@probe(scope = "shapes")
    async fn drops(_first: Noisy, _: Noisy, kept: Noisy) -> Noisy {
        let _local = Noisy("local");
        pause().await;
        log("resumed");
        kept
    }

    pub fn run() -> String {
        drop(block_on(drops(Noisy("first"), Noisy("ignored"), Noisy("kept"))));
        logged()
    }
}

pub mod async_fn_cancelled {
    use crate::support::{Noisy, logged, pause, poll_once};

    //@probe(scope = "shapes")
    async fn waits(_argument: Noisy) {
        let _local = Noisy("local");
        pause().await;
        unreachable!();
    }

    pub fn run() -> String {
        let mut future = Box::pin(waits(Noisy("argument")));
        let poll = poll_once(future.as_mut());
        drop(future);
        format!("{poll:?} {}", logged())
    }
}

pub mod async_fn_panics {
    use crate::support::{Noisy, block_on, logged, panic_of, pause};

    //@probe(scope = "shapes")
    async fn fails(_argument: Noisy, values: &[u32]) -> u32 {
        pause().await;
        values[0]
    }

    pub fn run() -> String {
        panic_of(|| block_on(fails(Noisy("argument"), &[]))) + &logged()
    }
}

pub mod async_fn_with_closures {
    use crate::support::{block_on, pause};

    //@probe(scope = "shapes") grows=8
    async fn sum(values: Vec<u32>) -> u32 {
        let double = async |value: u32| {
            pause().await;
            value * 2
        };
        let mut total = 0;
        for value in values {
            total += double(value).await + async { 1 }.await;
        }
        total
    }

    pub fn run() -> String {
        format!("{}", block_on(sum(vec![1, 2])))
    }
}

pub mod async_methods_of_a_trait {
    use crate::support::{block_on, pause};

    trait Fetch {
        async fn fetch(&self, id: u32) -> u32;

        //@probe(scope = "shapes") grows=32
        async fn fetch_all(&mut self, ids: &[u32]) -> u32 {
            let mut sum = 0;
            for id in ids {
                sum += self.fetch(*id).await;
            }
            sum
        }
    }

    impl Fetch for u32 {
        //@probe(scope = "shapes") calls=2
        async fn fetch(&self, id: u32) -> u32 {
            pause().await;
            self + id
        }
    }

    pub fn run() -> String {
        format!("{}", block_on(10_u32.fetch_all(&[1, 2])))
    }
}

pub mod async_receivers {
    use crate::support::{block_on, pause, send};
    use std::pin::Pin;
    use std::sync::Arc;

    struct Store(u32);

    impl Store {
        //@probe(scope = "shapes")
        async fn by_value(self) -> u32 {
            pause().await;
            self.0
        }

        //@probe(scope = "shapes")
        async fn by_box(self: Box<Self>) -> u32 {
            pause().await;
            self.0
        }

        //@probe(scope = "shapes")
        async fn by_arc(self: &Arc<Self>) -> u32 {
            pause().await;
            self.0
        }

        //@probe(scope = "shapes")
        async fn by_pin(mut self: Pin<&mut Self>) -> u32 {
            pause().await;
            self.0 += 1;
            self.0
        }
    }

    pub fn run() -> String {
        let by_value = block_on(send(Store(1).by_value()));
        let by_box = block_on(send(Box::new(Store(2)).by_box()));
        let by_arc = block_on(send(Arc::new(Store(3)).by_arc()));
        let by_pin = block_on(send(Pin::new(&mut Store(4)).by_pin()));
        format!("{by_value} {by_box} {by_arc} {by_pin}")
    }
}

pub mod tail_async_block {
    use crate::support::{block_on, log, logged, pause, send};

    //@probe(scope = "shapes") calls=1
    fn fetch(id: u32) -> impl Future<Output = u32> + Send {
        log("built");
        async move {
            pause().await;
            log("run");
            id + 1
        }
    }

    pub fn run() -> String {
        drop(fetch(0));
        format!("{} {}", block_on(send(fetch(1))), logged())
    }
}

pub mod tail_async_block_that_borrows {
    use crate::support::{block_on, pause};

    //@probe(scope = "shapes")
    fn push(values: &mut Vec<u32>, value: u32) -> impl Future<Output = Result<usize, String>> + '_ {
        let length = values.len();
        async move {
            pause().await;
            values.push(value);
            if length > 5 {
                return Err(String::from("full"));
            }
            Ok(length)
        }
    }

    pub fn run() -> String {
        format!("{:?}", block_on(push(&mut vec![1], 2)))
    }
}

pub mod tail_async_block_of_a_trait {
    use crate::support::{block_on, pause, send};

    trait Fetch {
        fn fetch(&self, id: u32) -> impl Future<Output = u32> + Send;
    }

    impl Fetch for u32 {
        //@probe(scope = "shapes")
        fn fetch(&self, id: u32) -> impl Future<Output = u32> + Send {
            async move {
                pause().await;
                self + id
            }
        }
    }

    pub fn run() -> String {
        format!("{}", block_on(send(1_u32.fetch(2))))
    }
}

pub mod boxed_with_statements_before {
    use crate::support::{Noisy, block_on, log, logged, pause, send};
    use std::pin::Pin;

    //@probe(scope = "shapes")
    fn fetch(id: u32, noisy: Noisy) -> Pin<Box<dyn Future<Output = String> + Send>> {
        let url = format!("url/{id}");
        log("built");
        let moved = noisy;
        Box::pin(async move {
            pause().await;
            drop(moved);
            url
        })
    }

    pub fn run() -> String {
        drop(fetch(0, Noisy("unpolled")));
        format!("{} {}", block_on(send(fetch(1, Noisy("polled")))), logged())
    }
}

pub mod boxed_future {
    use crate::support::{block_on, pause, send};
    use futures::FutureExt as _;
    use futures::future::BoxFuture;

    //@probe(scope = "shapes")
    fn length<'a>(text: &'a str) -> BoxFuture<'a, usize> {
        async move {
            pause().await;
            text.len()
        }
        .boxed()
    }

    pub fn run() -> String {
        format!("{}", block_on(send(length("four"))))
    }
}

pub mod boxed_recursion {
    use crate::support::block_on;
    use futures::future::{BoxFuture, FutureExt as _};

    //@probe(scope = "shapes") calls=4
    fn depth(n: u32) -> BoxFuture<'static, u32> {
        async move { if n == 0 { 0 } else { depth(n - 1).await + 1 } }.boxed()
    }

    pub fn run() -> String {
        format!("{}", block_on(depth(3)))
    }
}

pub mod arms_of_if {
    use crate::support::{block_on, pause};
    use std::pin::Pin;

    //@probe(scope = "shapes") calls=2
    fn choose(fast: bool, n: u32) -> Pin<Box<dyn Future<Output = u32>>> {
        if fast {
            Box::pin(async move { n })
        } else {
            let doubled = n * 2;
            Box::pin(async move {
                pause().await;
                doubled
            })
        }
    }

    pub fn run() -> String {
        format!("{} {}", block_on(choose(true, 1)), block_on(choose(false, 2)))
    }
}

pub mod arms_of_match {
    use crate::support::{block_on, panic_of, pause};
    use futures::future::{FutureExt as _, LocalBoxFuture};

    //@probe(scope = "shapes") calls=3
    fn choose(n: u32) -> LocalBoxFuture<'static, Result<u32, String>> {
        if n > 10 {
            return Box::pin(async { Err(String::from("large")) });
        }
        match n {
            0 => panic!("zero"),
            1 => async { Ok(1) }.boxed_local(),
            n => Box::pin(async move {
                pause().await;
                Ok(n * 2)
            }),
        }
    }

    pub fn run() -> String {
        let futures = [11, 1, 2].map(|n| block_on(choose(n)));
        format!("{futures:?} {}", panic_of(|| choose(0)))
    }
}

pub mod future_in_a_result {
    use crate::support::{block_on, pause};

    //@probe(scope = "shapes") calls=1
    fn open(path: &str) -> Result<impl Future<Output = usize> + use<>, std::num::ParseIntError> {
        let length: usize = path.parse()?;
        Ok(async move {
            pause().await;
            length
        })
    }

    pub fn run() -> String {
        format!("{:?} {:?}", open("x").map(|_| ()), open("12").map(block_on))
    }
}

pub mod future_behind_an_alias {
    use crate::support::{block_on, pause};
    use std::pin::Pin;

    type Fetch<'a> = Pin<Box<dyn Future<Output = &'a str> + Send + 'a>>;

    //@probe(scope = "shapes")
    fn fetch(text: &str) -> Fetch<'_> {
        Box::pin(async move {
            pause().await;
            text.trim()
        })
    }

    pub fn run() -> String {
        block_on(fetch(" x ")).to_owned()
    }
}

pub mod hand_written_poll {
    use crate::support::block_on;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    struct Countdown(u32);

    impl Future for Countdown {
        type Output = &'static str;

        //@probe(scope = "shapes") calls=4
        fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
            if self.0 == 0 {
                return Poll::Ready("lift-off");
            }
            self.0 -= 1;
            Poll::Pending
        }
    }

    pub fn run() -> String {
        block_on(Countdown(3)).to_owned()
    }
}

pub mod future_is_an_argument {
    use crate::support::block_on;

    //@probe(scope = "shapes")
    fn wait<F: Future<Output = u32>>(future: F) -> u32 {
        block_on(async { future.await + 1 })
    }

    pub fn run() -> String {
        format!("{}", wait(async { 1 }))
    }
}

pub mod joined {
    use crate::support::{block_on, pause};
    use futures::future::join_all;

    //@probe(scope = "shapes") calls=5
    async fn square(n: u32) -> u32 {
        pause().await;
        n * n
    }

    pub fn run() -> String {
        format!("{:?}", block_on(join_all((0..5).map(square))))
    }
}
