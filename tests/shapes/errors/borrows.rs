//! Borrows and moves that do not hold.

mod inside {
    //@probe(scope = "errors")
    fn mutates_while_borrowed(values: &mut Vec<u32>) -> u32 {
        let first = &values[0];
        values.push(1); //~ E0502
        *first
    }

    //@probe(scope = "errors")
    fn moves_twice(text: String) -> String {
        drop(text);
        text //~ E0382
    }

    //@probe(scope = "errors")
    fn moves_in_a_loop(text: String) {
        for _ in 0..2 {
            drop(text); //~ E0382
        }
    }

    //@probe(scope = "errors")
    fn gives_a_local<'a>() -> &'a str {
        let local = String::new();
        &local //~ E0515
    }

    //@probe(scope = "errors")
    fn local_is_too_short(out: &mut Vec<&'static str>) {
        let local = String::new();
        out.push(&local); //~ E0597
    }

    //@probe(scope = "errors")
    fn wrong_lifetime<'a, 'b>(left: &'a str, right: &'b str) -> &'a str {
        right //~
    }

    //@probe(scope = "errors")
    fn not_mutable(text: String, reference: &String) {
        text.push('x'); //~ E0596
        reference.push('x'); //~ E0596
        let n = 1;
        n = 2; //~ E0384
    }

    //@probe(scope = "errors")
    fn never_given_a_value() -> u32 {
        let n: u32;
        n //~ E0381
    }

    //@probe(scope = "errors")
    fn temporary() -> usize {
        let text = String::from("x").as_str(); //~ E0716
        text.len()
    }

    //@probe(scope = "errors")
    fn closure_keeps(mut count: u32) -> impl FnMut() -> u32 {
        || { //~ E0373
            count += 1;
            count
        }
    }

    //@probe(scope = "errors")
    fn moves_out(texts: &[String]) -> String {
        texts[0] //~ E0508
    }

    //@probe(scope = "errors")
    async fn moves_twice_later(text: String) -> String {
        drop(text);
        pause().await;
        text //~ E0382
    }

    //@probe(scope = "errors")
    async fn wrong_lifetime_later<'a>(left: &'a str, right: &str) -> &'a str {
        pause().await;
        right //~
    }

    //@probe(scope = "errors")
    async fn borrows_twice_later(values: &mut Vec<u32>) -> u32 {
        let first = &values[0];
        values.push(1); //~ E0502
        pause().await;
        *first
    }

    //@probe(scope = "errors")
    fn future_borrows(text: String) -> std::pin::Pin<Box<dyn Future<Output = usize>>> {
        Box::pin(async { //~ E0373
            pause().await;
            text.len()
        })
    }

    //@probe(scope = "errors")
    fn future_outlives<'a>(text: &'a str) -> std::pin::Pin<Box<dyn Future<Output = usize> + 'static>> {
        Box::pin(async move { //~
            pause().await;
            text.len()
        })
    }

    struct Store(String);

    //@probe(scope = "errors")
    impl Store {
        fn take(&self) -> String {
            self.0 //~ E0507
        }

        fn both(&mut self) -> (&mut String, &mut String) {
            (&mut self.0, &mut self.0) //~ E0499
        }
    }

    fn pause() -> std::future::Ready<()> {
        std::future::ready(())
    }
}
