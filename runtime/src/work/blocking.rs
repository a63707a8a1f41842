//! How a thread of an async runtime waits for a pass.

/// Runs `wait`, which blocks, in the way that is right for this thread: under `block_in_place` on a tokio
/// multi-thread runtime, in place otherwise and where `here` asks for it.
#[cfg(not(feature = "tokio"))]
pub(crate) fn blocking<R>(_here: bool, wait: impl FnOnce() -> R) -> R {
    wait()
}

/// Runs `wait`, which blocks, in the way that is right for this thread: under `block_in_place` on a tokio
/// multi-thread runtime, in place otherwise and where `here` asks for it.
///
/// In a `LocalSet`, `block_in_place` panics before it calls its closure. tokio has no way to ask whether a `LocalSet` is
/// entered. So this panic is caught, and told from a panic of the closure by whether the closure was taken.
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
            "a pass cannot block this thread in a `LocalSet`, because tokio's `block_in_place` panics there: add `.here()` to the \
             pass to run it in place, or use `Pass::drive`"
        ),
    }
}
