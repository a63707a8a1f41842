//! Patterns that do not cover, and code that is not safe.

mod inside {
    enum Slot {
        Warm(u32),
        Cold,
    }

    //@probe(scope = "errors")
    fn not_exhaustive(slot: Slot) -> u32 {
        match slot { //~ E0004
            Slot::Warm(n) => n,
        }
    }

    //@probe(scope = "errors")
    fn refutable(slot: Slot) -> u32 {
        let Slot::Warm(n) = slot; //~ E0005
        n
    }

    //@probe(scope = "errors")
    async fn not_exhaustive_later(n: u32) -> u32 {
        match n { //~ E0004
            0..10 => n,
        }
    }

    //@probe(scope = "errors")
    fn unsafe_call(pointer: *const u8) -> u8 {
        dangerous(); //~ E0133
        *pointer //~ E0133
    }

    unsafe fn dangerous() {}

    //@probe(scope = "errors")
    unsafe fn unsafe_statics() -> u32 {
        static mut COUNT: u32 = 0;
        COUNT
    }

    //@probe(scope = "errors")
    fn statics() -> u32 {
        static mut COUNT: u32 = 0;
        COUNT //~ E0133
    }
}
