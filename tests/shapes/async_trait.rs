//! `#[async_trait]`, which rewrites methods, above and below the probe.

use async_trait::async_trait;

#[async_trait]
trait Fetch: Sync {
    async fn fetch(&self, id: &str) -> Result<usize, String>;
}

const ANSWER: Result<usize, String> = Ok(5);

pub mod probe_above {
    use super::{ANSWER, Fetch, async_trait};
    use crate::support::{block_on, pause, send};

    struct Client(usize);

    //@probe(scope = "shapes") calls=2
    #[async_trait]
    impl Fetch for Client {
        async fn fetch(&self, id: &str) -> Result<usize, String> {
            pause().await;
            let answer = ANSWER?;
            Ok(answer + self.0 + id.len())
        }
    }

    pub fn run() -> String {
        let client: Box<dyn Fetch> = Box::new(Client(1));
        format!("{:?} {:?}", block_on(send(client.fetch("x"))), block_on(Client(2).fetch("")))
    }
}

pub mod probe_below {
    use super::{ANSWER, Fetch, async_trait};
    use crate::support::{block_on, pause, send};

    struct Client(usize);

    #[async_trait]
    //@probe(scope = "shapes") calls=2
    impl Fetch for Client {
        async fn fetch(&self, id: &str) -> Result<usize, String> {
            pause().await;
            let answer = ANSWER?;
            Ok(answer + self.0 + id.len())
        }
    }

    pub fn run() -> String {
        let client: Box<dyn Fetch> = Box::new(Client(1));
        format!("{:?} {:?}", block_on(send(client.fetch("x"))), block_on(Client(2).fetch("")))
    }
}

pub mod probe_on_the_method {
    use super::{ANSWER, Fetch, async_trait};
    use crate::support::{block_on, pause, send};

    struct Client(usize);

    #[async_trait]
    impl Fetch for Client {
        //@probe(scope = "shapes")
        async fn fetch(&self, id: &str) -> Result<usize, String> {
            pause().await;
            let answer = ANSWER?;
            Ok(answer + self.0 + id.len())
        }
    }

    pub fn run() -> String {
        format!("{:?}", block_on(send(Client(1).fetch("x"))))
    }
}

pub mod polls_above {
    use super::{ANSWER, Fetch, async_trait};
    use crate::support::{block_on, pause, send};

    struct Client(usize);

    //@probe(scope = "shapes", polls)
    #[async_trait]
    impl Fetch for Client {
        async fn fetch(&self, id: &str) -> Result<usize, String> {
            pause().await;
            let answer = ANSWER?;
            Ok(answer + self.0 + id.len())
        }
    }

    pub fn run() -> String {
        format!("{:?}", block_on(send(Client(1).fetch("x"))))
    }
}

pub mod polls_below {
    use super::{ANSWER, Fetch, async_trait};
    use crate::support::{block_on, pause, send};

    struct Client(usize);

    #[async_trait]
    //@probe(scope = "shapes", polls)
    impl Fetch for Client {
        async fn fetch(&self, id: &str) -> Result<usize, String> {
            pause().await;
            let answer = ANSWER?;
            Ok(answer + self.0 + id.len())
        }
    }

    pub fn run() -> String {
        format!("{:?}", block_on(send(Client(1).fetch("x"))))
    }
}

pub mod default_method {
    use super::async_trait;
    use crate::support::{block_on, pause, send};

    #[async_trait]
    trait Count: Sync {
        //@probe(scope = "shapes") calls=2
        async fn count(&self, upto: u32) -> Vec<u32>
        where
            Self: Sized,
        {
            pause().await;
            (0..upto).collect()
        }

        //@probe(scope = "shapes")
        fn plain(&self) -> u32 {
            1
        }
    }

    impl Count for u8 {}

    pub fn run() -> String {
        format!("{:?} {:?} {}", block_on(send(1_u8.count(2))), block_on(2_u8.count(1)), 1_u8.plain())
    }
}

pub mod not_send {
    use super::async_trait;
    use crate::support::{block_on, pause};
    use std::rc::Rc;

    #[async_trait(?Send)]
    trait Count {
        async fn count(&mut self, rc: Rc<u32>) -> u32;
    }

    //@probe(scope = "shapes")
    #[async_trait(?Send)]
    impl<T: Default + Into<u32>> Count for Option<T> {
        async fn count(&mut self, rc: Rc<u32>) -> u32 {
            let taken = self.take().unwrap_or_default();
            pause().await;
            taken.into() + *rc
        }
    }

    pub fn run() -> String {
        format!("{}", block_on(Some(1_u8).count(Rc::new(2))))
    }
}
