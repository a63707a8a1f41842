//! A method that does not parse.

mod inside {
    struct Store;

    //@probe(scope = "errors")
    impl Store {
        fn whole(&self) -> u32 {
            1
        }

        fn broken(&self) -> u32 {
            match self { 1 = 2 } //~
        }
    }
}
