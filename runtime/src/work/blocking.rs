//! Waiting for a pass on a thread that an async runtime may want back.

/// Runs `wait`, which blocks, in the way that is right for this thread: under `block_in_place` on a tokio
/// multi-thread runtime, in place otherwise and where `here` asks for it.
#[cfg(not(feature = "tokio"))]
pub(crate) fn blocking<R>(_here: bool, wait: impl FnOnce() -> R) -> R {
    wait()
}

/// Runs `wait`, which blocks, in the way that is right for this thread: under `block_in_place` on a tokio
/// multi-thread runtime, in place otherwise and where `here` asks for it.
///
/// tokio has no way to ask whether a `LocalSet` is entered, where `block_in_place` panics before it calls its
/// closure; so that panic is told from the closure's own by whether the closure was taken.
#[cfg(feature = "tokio")]
pub(crate) fn blocking<R>(here: bool, wait: impl FnOnce() -> R) -> R {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
    use tokio::runtime::{Handle, RuntimeFlavor};

    let on_multi_thread_runtime =
        Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
    if here || !on_multi_thread_runtime || rayon::current_thread_index().is_some() {
        return wait();
    }
    let mut wait = Some(wait);
    let result =
        catch_unwind(AssertUnwindSafe(|| tokio::task::block_in_place(|| wait.take().map(|wait| wait()))));
    match result {
        Ok(Some(result)) => result,
        Err(payload) if wait.is_none() => resume_unwind(payload),
        Ok(None) | Err(_) => panic!(
            "a pass cannot leave this thread to its runtime (it is in a `LocalSet`, where tokio's `block_in_place` \
             panics): add `.here()` to the pass to run it in place, or use `Pass::drive`"
        ),
    }
}
