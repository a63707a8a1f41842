//! Shapes that a body wrapped in a closure changes: the harness wraps them, and must see it.

pub mod caller {
    use crate::support::here;

    //@probe(scope = "shapes")
    #[track_caller]
    fn place() -> String {
        here()
    }

    pub fn run() -> String {
        place()
    }
}

pub mod lints {
    //@probe(scope = "shapes")
    fn nothing(argument: u32) -> u32 {
        let unused = argument; //~ unused_variables
        return 1; //~ clippy::needless_return
    }

    pub fn run() -> String {
        format!("{}", nothing(1))
    }
}

pub mod regions {
    //@probe(scope = "shapes")
    fn sum(n: u32) -> u32 {
        if n == 0 {
            return 1;
        }
        n + 1
    }

    pub fn run() -> String {
        format!("{}", sum(1))
    }
}

pub mod size {
    use crate::support::{block_on, pause};

    //@probe(scope = "shapes") grows=64
    async fn keeps(bytes: [u8; 64]) -> u8 {
        let copy = bytes;
        pause().await;
        copy[0]
    }

    pub fn run() -> String {
        format!("{}", block_on(keeps([1; 64])))
    }
}
