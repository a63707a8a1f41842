//! `enter!`, for a block or a closure.

pub mod block {
    pub fn run() -> String {
        let n = {
            //@enter("decode", scope = "shapes")
            let decoded = 1 + 1;
            decoded * 2
        };
        format!("{n}")
    }
}

pub mod closure {
    pub fn run() -> String {
        let decode = |n: u32| {
            //@enter("decode", scope = "shapes") calls=3
            if n == 0 {
                return 10;
            }
            n + 1
        };
        format!("{}", (0..3).map(decode).sum::<u32>())
    }
}

pub mod loop_body {
    pub fn run() -> String {
        let mut sum = 0;
        for n in 0..5 {
            //@enter("decode", scope = "shapes",) calls=4
            if n == 3 {
                break;
            }
            sum += n;
        }
        format!("{sum}")
    }
}

pub mod function {
    use crate::support::panic_of;

    fn decode<const N: usize>(values: &[u32; N], at: usize) -> u32 {
        //@enter("decode", scope = "shapes") calls=2
        values[at]
    }

    pub fn run() -> String {
        format!("{} {}", decode(&[1, 2], 0), panic_of(|| decode(&[1], 5)))
    }
}

pub mod nested {
    pub fn run() -> String {
        //@enter("outer", scope = "shapes")
        let n = {
            //@enter("inner", scope = "shapes")
            //@enter("inner", scope = "shapes")
            1
        };
        format!("{n}")
    }
}

pub mod in_a_probed_function {
    //@probe(scope = "shapes")
    fn outer() -> u32 {
        //@enter("inner", scope = "shapes")
        let _probe = 3;
        _probe
    }

    pub fn run() -> String {
        format!("{}", outer())
    }
}

pub mod between_awaits {
    use crate::support::{block_on, pause, send};

    async fn fetch(id: u32) -> u32 {
        pause().await;
        let decoded = {
            //@enter("decode", scope = "shapes")
            id * 2
        };
        pause().await;
        decoded
    }

    pub fn run() -> String {
        format!("{}", block_on(send(fetch(2))))
    }
}
