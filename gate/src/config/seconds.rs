//! Seconds, as a configuration has them.

/// Whether a time is one: more than nothing, and less than two weeks.
pub(super) fn check_seconds(name: &str, seconds: f64) -> Result<(), String> {
    if seconds > 0.0 && seconds <= 1e6 {
        return Ok(());
    }
    Err(format!("`{name}` is {seconds}, expected seconds, more than 0 and up to a million"))
}
