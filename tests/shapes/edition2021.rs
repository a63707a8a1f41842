//! What another edition means by the same words.
//@edition 2021

pub mod temporaries_in_the_tail {
    use crate::support::{logged, Noisy};

    impl Noisy {
        fn name(&self) -> usize {
            self.0.len()
        }
    }

    //@probe(scope = "shapes")
    fn length() -> usize {
        let _local = Noisy("local");
        Noisy("temporary").name()
    }

    //@probe(scope = "shapes")
    fn in_if_let(text: Option<&str>) -> usize {
        if let Some(_) = Some(Noisy("scrutinee")).as_ref().filter(|_| text.is_some()) {
            1
        } else {
            logged().len()
        }
    }

    pub fn run() -> String {
        format!("{} {} {}", length(), in_if_let(None), logged())
    }
}

pub mod captures {
    //@probe(scope = "shapes")
    fn lengths<'a>(words: &'a [String], _other: &str) -> impl Iterator<Item = usize> + 'a {
        words.iter().map(String::len)
    }

    pub fn run() -> String {
        let words = [String::from("four")];
        format!("{:?}", lengths(&words, &String::new()).collect::<Vec<_>>())
    }
}

pub mod never_falls_back_to_unit {
    use crate::support::panic_of;

    //@probe(scope = "shapes")
    fn fails(fail: bool) -> Result<(), String> {
        let value = if fail { return Err(String::from("failed")) } else { Default::default() };
        Ok(value)
    }

    pub fn run() -> String {
        format!("{:?} {}", fails(true), panic_of(|| panic!("x")))
    }
}

pub mod names_of_later_keywords {
    //@probe(scope = "shapes")
    fn gen(gen: u32) -> u32 {
        gen
    }

    //@probe(scope = "shapes")
    unsafe fn implicit(values: *const u8) -> u8 {
        *values
    }

    pub fn run() -> String {
        format!("{} {}", gen(1), unsafe { implicit(&2) })
    }
}

pub mod futures {
    use crate::support::{block_on, pause, send};
    use std::future::Future;
    use std::pin::Pin;

    //@probe(scope = "shapes")
    async fn waits(text: &str) -> Result<usize, String> {
        pause().await;
        Ok(text.parse::<usize>().map_err(|error| error.to_string())?)
    }

    //@probe(scope = "shapes", polls)
    async fn is_polled(text: &str) -> Result<usize, String> {
        pause().await;
        Ok(text.parse::<usize>().map_err(|error| error.to_string())?)
    }

    //@probe(scope = "shapes")
    fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
        Box::pin(async move {
            pause().await;
            text.len()
        })
    }

    pub fn run() -> String {
        let lengths = block_on(send(async { (waits("1").await, is_polled("x").await, boxed("x").await) }));
        format!("{lengths:?}")
    }
}
