//! Signals that are to do nothing.

/// Whether this program was started with this signal ignored, as `nohup` does it, and a shell script for what it starts with `&`. Who did that
/// wants it to go on. So it must be asked before the program listens for the signal, and then the program does not listen.
///
/// Only Linux says so without unsafe code. Elsewhere it is `false`.
///
/// ```
/// const SIGHUP: i32 = 1;
/// if !concurrency_probe_gate::is_ignored(SIGHUP) {
///     // Listen for it.
/// }
/// ```
pub fn is_ignored(signal: i32) -> bool {
    let status = if cfg!(target_os = "linux") {
        std::fs::read_to_string("/proc/self/status").unwrap_or_default()
    } else {
        String::new()
    };
    has(&status, signal)
}

/// Whether `SigIgn` of a status has this signal: bit 0 is signal 1 (`man 5 proc`).
fn has(status: &str, signal: i32) -> bool {
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    u32::try_from(signal - 1).ok().and_then(|bit| ignored.checked_shr(bit)).is_some_and(|bits| bits & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::has;

    #[test]
    fn a_mask_says_which_are_ignored() {
        let status = "Name:\tx\nSigBlk:\tffffffffffffffff\nSigIgn:\t0000000000001003\nSigCgt:\tffff\n";
        let ignored: Vec<i32> = (-1..70).filter(|signal| has(status, *signal)).collect();
        assert_eq!(ignored, [1, 2, 13]);
        for status in ["", "SigIgn:", "SigIgn:\tx"] {
            assert!(!has(status, 1), "{status}");
        }
    }
}
