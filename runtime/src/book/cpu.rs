//! Processor time of the calling thread.

/// How long the calling thread has run on a processor, in nanoseconds. `None` if the system does not tell. Linux updates the
/// number when it takes the thread off its processor, and at each tick of its scheduler, every few milliseconds.
#[cfg(target_os = "linux")]
pub(crate) fn thread_ns() -> Option<u64> {
    use std::fs::File;
    use std::os::unix::fs::FileExt as _;

    thread_local! {
        // From proc(5): the first number of `schedstat` is the time spent on a processor, in nanoseconds.
        static SCHEDSTAT: Option<File> = File::open("/proc/thread-self/schedstat").ok();
    }
    SCHEDSTAT
        .try_with(|file| {
            let mut text = [0; 64];
            let read = file.as_ref()?.read_at(&mut text, 0).ok()?;
            std::str::from_utf8(&text[..read]).ok()?.split(' ').next()?.parse().ok()
        })
        .ok()?
}

/// How long the calling thread has run on a processor. Always `None`: only implemented on Linux.
#[cfg(not(target_os = "linux"))]
pub(crate) fn thread_ns() -> Option<u64> {
    None
}
