//! A semicolon that is missing, from which the parser recovers.

mod inside {
    //@probe(scope = "errors")
    fn broken() -> u32 {
        let a = 1 //~
        let b = 2;
        a + b
    }
}
