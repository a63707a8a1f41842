//! Futures whose types do not fit.

mod inside {
    use crate::pause;
    use std::pin::Pin;

    //@probe(scope = "errors")
    async fn tail() -> u32 {
        pause().await;
        "x" //~ E0308
    }

    //@probe(scope = "errors")
    async fn question_mark(text: &str) -> Result<u32, String> {
        pause().await;
        Ok(text.parse::<u32>()?) //~ E0277
    }

    //@probe(scope = "errors")
    async fn no_tail() -> u32 { //~ E0308
        pause().await;
    }

    //@probe(scope = "errors")
    async fn wrong_await() -> u32 {
        let n = 1_u32.await; //~ E0277
        tail() + n //~ E0369
    }

    //@probe(scope = "errors")
    fn await_in_plain() -> u32 {
        tail().await //~ E0728
    }

    //@probe(scope = "errors")
    fn boxed(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
        let before: String = n; //~ E0308
        Box::pin(async move {
            pause().await;
            let inside: String = n; //~ E0308
            n
        })
    }

    //@probe(scope = "errors")
    fn boxed_output(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
        Box::pin(async move { "x" }) //~ E0271
    }

    //@probe(scope = "errors")
    fn arms(flag: bool) -> Pin<Box<dyn Future<Output = u32>>> {
        if flag {
            return Box::pin(async { "x" }); //~ E0271
        }
        Box::pin(async {
            let n: u32 = "y"; //~ E0308
            n
        })
    }

    //@probe(scope = "errors")
    fn tail_block(n: u32) -> impl Future<Output = u32> {
        async move {
            pause().await;
            let inside: String = n; //~ E0308
            n
        }
    }

    struct Store;

    //@probe(scope = "errors")
    impl Store {
        async fn get(&self) -> Result<u32, String> {
            pause().await;
            self.missing().await //~ E0599
        }
    }
}

pub fn pause() -> std::future::Ready<()> {
    std::future::ready(())
}
