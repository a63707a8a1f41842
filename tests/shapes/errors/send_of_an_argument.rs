//! A future that is not `Send` for an argument of it.

mod inside {
    use std::future::Ready;
    use std::rc::Rc;

    //@probe(scope = "errors")
    async fn takes_rc(rc: Rc<u32>) -> u32 {
        let number = *rc;
        drop(rc);
        pause().await;
        number
    }

    fn send<T: Send>(_: T) {}

    fn sends() {
        send(takes_rc(Rc::new(1))); //~
    }

    fn pause() -> Ready<()> {
        std::future::ready(())
    }
}
