//! The `call` of the runtime, without its thread-local parts.

#[path = "../../../src/call/board.rs"]
#[allow(dead_code, reason = "a part of the runtime")]
pub(crate) mod board;
#[path = "../../../src/call/gauge.rs"]
#[allow(dead_code, reason = "a part of the runtime")]
pub(crate) mod gauge;
#[path = "../../../src/call/host.rs"]
#[allow(dead_code, reason = "a part of the runtime")]
pub(crate) mod host;
#[path = "../../../src/call/key.rs"]
#[allow(dead_code, unreachable_pub, reason = "a part of the runtime")]
pub(crate) mod key;
#[path = "../../../src/call/name.rs"]
#[allow(dead_code, reason = "a part of the runtime")]
pub(crate) mod name;
#[path = "../../../src/call/recorder.rs"]
#[allow(dead_code, reason = "a part of the runtime")]
pub(crate) mod recorder;
#[path = "../../../src/call/site.rs"]
#[allow(dead_code, unreachable_pub, missing_debug_implementations, reason = "a part of the runtime")]
pub(crate) mod site;

pub(crate) mod origin {
    //! The kind of thread that made a call does not matter here.

    #[derive(Clone, Copy)]
    pub(crate) enum Origin {
        Thread,
    }

    impl Origin {
        pub(crate) const COUNT: usize = 3;

        pub(crate) fn of_this_thread() -> Self {
            Origin::Thread
        }
    }
}
