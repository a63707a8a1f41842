//! Marked functions with an error in the body, and calls of them that lack a lane.

mod inside {
    use concurrency_probe::Lane;

    //@mark
    fn tail(_: Lane<'_>, slot: u32) -> String {
        slot //~ E0308
    }

    //@probe(scope = "errors")
    //@mark
    fn both(lane: Lane<'_>, slot: &str) -> u32 {
        drop(slot.missing()); //~ E0599
        lane //~ E0308
    }

    //@mark
    //@probe(scope = "errors")
    fn arguments<T>(slot: T, _lane: Lane<'_>) -> T {
        let n: u32 = slot; //~ E0308
        slot
    }

    async fn calls() {
        tail(1); //~ E0061
        both("x"); //~ E0061
    }
}
