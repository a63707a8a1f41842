//! Futures whose polls are entries: the only shapes whose body is wrapped.

pub mod async_fn {
    use crate::support::{block_on, pause, send};

    //@probe(scope = "shapes", polls)
    async fn add(a: u32, b: u32) -> u32 {
        pause().await;
        a + b
    }

    pub fn run() -> String {
        format!("{}", block_on(send(add(1, 2))))
    }
}

pub mod never_waits {
    use crate::support::block_on;

    //@probe(scope = "shapes", polls)
    #[allow(clippy::unused_async)]
    async fn ready(values: Vec<u32>) -> Option<u32> {
        let first = values.first()?;
        Some(*first)
    }

    pub fn run() -> String {
        format!("{:?}", block_on(ready(vec![3])))
    }
}

pub mod borrows {
    use crate::support::{block_on, pause, send};

    //@probe(scope = "shapes", polls)
    async fn last<'a>(values: &'a mut Vec<u32>, other: &str) -> &'a mut u32 {
        pause().await;
        values.push(other.len() as u32);
        values.last_mut().expect("a value")
    }

    pub fn run() -> String {
        format!("{}", block_on(send(last(&mut vec![], "four"))))
    }
}

pub mod question_mark {
    use crate::support::{block_on, pause, send};
    use std::error::Error;

    //@probe(scope = "shapes", polls) calls=3
    async fn parse(text: Option<&str>) -> Result<u32, Box<dyn Error + Send + Sync>> {
        pause().await;
        let text = text.ok_or("no text")?;
        if text == "early" {
            return Err("early".into());
        }
        Ok(text.parse()?)
    }

    pub fn run() -> String {
        let parse = |text| block_on(send(parse(text)));
        format!("{:?} {:?} {:?}", parse(None), parse(Some("early")), parse(Some("1")))
    }
}

pub mod dyn_coercion {
    use crate::support::{block_on, pause, send};

    //@probe(scope = "shapes", polls)
    async fn adder(by: u32) -> Box<dyn Fn(u32) -> u32 + Send> {
        pause().await;
        Box::new(move |n| n + by)
    }

    pub fn run() -> String {
        format!("{}", block_on(send(adder(2)))(3))
    }
}

pub mod impl_trait {
    use crate::support::{block_on, pause};

    //@probe(scope = "shapes", polls)
    async fn adder(by: u32) -> Result<impl Fn(u32) -> u32, String> {
        pause().await;
        Ok(move |n| n + by)
    }

    pub fn run() -> String {
        format!("{:?}", block_on(adder(2)).map(|adder| adder(3)))
    }
}

pub mod never_returns {
    use crate::support::{block_on, panic_of, pause};

    //@probe(scope = "shapes", polls)
    async fn abort(code: u32) -> ! {
        pause().await;
        panic!("code {code}")
    }

    pub fn run() -> String {
        panic_of(|| block_on(async { abort(3).await }))
    }
}

pub mod unit {
    use crate::support::{block_on, log, logged, pause};

    //@probe(scope = "shapes", polls) calls=2
    async fn note(entry: &str) {
        if entry.is_empty() {
            return;
        }
        pause().await;
        log(entry);
    }

    pub fn run() -> String {
        block_on(note(""));
        block_on(note("noted"));
        logged()
    }
}

pub mod arguments_drop_last {
    use crate::support::{Noisy, block_on, logged, pause};

    //@probe(scope = "shapes", polls)
    async fn drops(_first: Noisy, kept: Noisy) -> Noisy {
        let _local = Noisy("local");
        pause().await;
        kept
    }

    pub fn run() -> String {
        drop(block_on(drops(Noisy("first"), Noisy("kept"))));
        logged()
    }
}

pub mod cancelled {
    use crate::support::{Noisy, logged, pause, poll_once};

    //@probe(scope = "shapes", polls)
    async fn waits(argument: Noisy) {
        let _local = Noisy("local");
        pause().await;
        drop(argument);
    }

    pub fn run() -> String {
        let mut future = Box::pin(waits(Noisy("argument")));
        let poll = poll_once(future.as_mut());
        drop(future);
        format!("{poll:?} {}", logged())
    }
}

pub mod macros_that_wait {
    use crate::support::{block_on, pause};

    macro_rules! wait {
        ($future:expr) => {
            $future.await
        };
    }

    //@probe(scope = "shapes", polls)
    async fn waits() -> u32 {
        wait!(pause());
        wait!(async { 1 }) + 1
    }

    pub fn run() -> String {
        format!("{}", block_on(waits()))
    }
}

pub mod tail_async_block {
    use crate::support::{block_on, log, logged, pause, send};

    //@probe(scope = "shapes", polls)
    fn fetch(id: u32) -> impl Future<Output = u32> + Send {
        log("built");
        async move {
            pause().await;
            id + 1
        }
    }

    pub fn run() -> String {
        format!("{} {}", block_on(send(fetch(1))), logged())
    }
}

pub mod arms {
    use crate::support::{block_on, pause, send};
    use futures::FutureExt as _;
    use futures::future::BoxFuture;

    //@probe(scope = "shapes", polls) calls=3
    fn choose<'a>(text: &'a str, n: &'a mut u32) -> BoxFuture<'a, usize> {
        if text.is_empty() {
            return Box::pin(async { 0 });
        }
        match text {
            "one" => Box::pin(async move {
                pause().await;
                *n += 1;
                1
            }),
            text => async move {
                pause().await;
                text.len()
            }
            .boxed(),
        }
    }

    pub fn run() -> String {
        let mut n = 0;
        let chosen = ["", "one", "three"].map(|text| block_on(send(choose(text, &mut n))));
        format!("{chosen:?} {n}")
    }
}

pub mod methods_of_a_trait {
    use crate::support::{block_on, pause};

    trait Fetch {
        async fn fetch(&self, id: u32) -> u32;

        //@probe(scope = "shapes", polls)
        async fn twice(&self, id: u32) -> (u32, u32) {
            (self.fetch(id).await, self.fetch(id + 1).await)
        }
    }

    impl Fetch for u32 {
        //@probe(scope = "shapes", polls) calls=2
        async fn fetch(&self, id: u32) -> u32 {
            pause().await;
            self + id
        }
    }

    pub fn run() -> String {
        format!("{:?}", block_on(10_u32.twice(1)))
    }
}

pub mod generic {
    use crate::support::{block_on, pause, send};

    //@probe(scope = "shapes", polls)
    async fn pair<T: Clone + Send, F>(value: T, map: impl Fn(&T) -> F) -> (T, F::Output)
    where
        F: Future,
    {
        pause().await;
        (value.clone(), map(&value).await)
    }

    pub fn run() -> String {
        format!("{:?}", block_on(send(pair("x", |text| std::future::ready(text.len())))))
    }
}
