//! The oldest edition: no `async`, no `dyn` word, and `::core` is a path of this crate.
//@edition 2015

pub mod functions {
    use std::fmt::Debug;

    //@probe(scope = "shapes")
    fn plain(n: u32) -> u32 {
        let await = n + 1;
        await
    }

    //@probe(scope = "shapes") calls=2
    fn debug<'a>(first: bool, number: &'a u32) -> Box<Debug + 'a> {
        if first {
            return Box::new("first");
        }
        Box::new(number)
    }

    pub fn run() -> String {
        format!("{} {:?} {:?}", plain(1), debug(true, &1), debug(false, &2))
    }
}

pub mod methods {
    macro_rules! try {
        ($e:expr) => {
            match $e {
                Ok(value) => value,
                Err(()) => return 0,
            }
        };
    }

    trait Count {
        fn count(&self, u8) -> usize;
    }

    //@probe(scope = "shapes")
    impl Count for str {
        fn count(&self, _: u8) -> usize {
            try!(Ok::<usize, ()>(self.len()))
        }
    }

    pub fn run() -> String {
        format!("{}", "four".count(1))
    }
}

pub mod futures {
    use std::future::Future;
    use support::block_on;

    struct Ready(u32);

    impl Future for Ready {
        type Output = u32;

        //@probe(scope = "shapes")
        fn poll(self: ::std::pin::Pin<&mut Self>, _: &mut ::std::task::Context) -> ::std::task::Poll<u32> {
            ::std::task::Poll::Ready(self.0)
        }
    }

    pub fn run() -> String {
        format!("{}", block_on(Ready(3)))
    }
}

pub mod marked {
    use concurrency_probe::testing::with_lane;
    use concurrency_probe::Lane;

    //@probe(scope = "shapes")
    //@mark
    fn link(_: Lane, slot: u32) -> u32 {
        slot
    }

    pub fn run() -> String {
        //@enter("decode", scope = "shapes")
        format!("{}", with_lane(|lane| link(lane, 1)))
    }
}
