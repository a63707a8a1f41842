//! A statement that does not parse.

mod inside {
    //@probe(scope = "errors")
    fn broken(n: u32) -> u32 {
        let = n; //~
        n
    }
}
