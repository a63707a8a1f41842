//! Futures that are not `Send`: each says so where the plain one does.

mod inside {
    use std::future::Ready;
    use std::pin::Pin;
    use std::rc::Rc;

    //@probe(scope = "errors")
    async fn holds_rc() {
        let rc = Rc::new(1);
        pause().await;
        drop(rc);
    }

    //@probe(scope = "errors")
    fn boxed(rc: Rc<u32>) -> Pin<Box<dyn Future<Output = u32> + Send>> {
        Box::pin(async move { //~
            let held = Rc::clone(&rc);
            pause().await;
            *held
        })
    }

    //@probe(scope = "errors")
    fn tail_block(rc: Rc<u32>) -> impl Future<Output = u32> + Send { //~
        async move {
            pause().await;
            *rc
        }
    }

    fn send<T: Send>(_: T) {}

    fn sends() {
        send(holds_rc()); //~
        send(tail_block(Rc::new(1)));
    }

    fn pause() -> Ready<()> {
        std::future::ready(())
    }
}
