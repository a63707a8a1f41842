//! Blocks under `enter!` with an error inside.

mod inside {
    fn block() -> u32 {
        //@enter("decode", scope = "errors")
        let n: u32 = "x"; //~ E0308
        "y" //~ E0308
    }

    fn closure() -> u32 {
        let decode = |n: u32| {
            //@enter("decode", scope = "errors")
            n.missing() //~ E0599
        };
        decode(1)
    }
}
