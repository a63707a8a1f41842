//! Names that are not there.

mod inside {
    // An item without attributes, above which the compiler suggests to put a `use`: it would go above an attribute too.
    struct First;

    //@probe(scope = "errors")
    fn unknown_names(argument: u32) -> u32 {
        let known = argument;
        unknown_function(known) + unknown_value //~ E0425 E0425
    }

    //@probe(scope = "errors")
    fn what_the_attribute_writes() {
        let a = _probe; //~ E0425
        let b = (in_flight, body, cx, output); //~ E0425 E0425 E0425 E0425
        enter(&SITE); //~ E0425 E0425
        Kind::Sync; //~ E0433
        unknown_macro!(); //~
    }

    //@probe(scope = "errors", polls)
    async fn what_the_attribute_writes_around_polls() {
        std::future::ready(()).await;
        let b = (in_flight, body, cx, output, _polling); //~ E0425 E0425 E0425 E0425 E0425
        poll_fn(&SITE); //~ E0425 E0425
    }

    //@probe(scope = "errors")
    fn unknown_type(argument: Unknown) -> Vec<Unknown> { //~ E0425
        Vec::<Unknown>::new() //~ E0425
    }

    //@probe(scope = "errors")
    async fn unknown_future(argument: &Unknown) -> Result<u32, Unknown> { //~ E0425
        use crate::missing::Module; //~ E0432
        Ok(1)
    }

    struct Store;

    //@probe(scope = "errors")
    impl Store {
        fn unknown(&self) -> Self::Unknown { //~
            self::missing() //~ E0425
        }

        fn no_self() -> u32 {
            self.0 //~ E0424
        }
    }

    //@probe(scope = "errors")
    fn labels() {
        loop {
            break 'unknown; //~ E0426
        }
    }

    //@probe(scope = "errors")
    fn captures_dynamically(argument: u32) -> u32 {
        fn inner() -> u32 {
            argument //~ E0434
        }
        inner()
    }
}
