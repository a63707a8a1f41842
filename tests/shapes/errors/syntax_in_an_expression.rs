//! An expression that does not parse, among others that do.

mod inside {
    //@probe(scope = "errors")
    async fn broken(n: u32) -> u32 {
        let doubled = n * ; //~
        doubled
    }

    //@probe(scope = "errors")
    fn whole(n: u32) -> u32 {
        n
    }
}
