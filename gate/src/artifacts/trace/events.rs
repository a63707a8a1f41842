//! `Events`: the events of a trace, as text.

use serde_json::{Value, json};
use std::fmt::Write;

/// The events of a trace, one on each line. The numbers of processes, threads and async tracks are counted here, so that each is unique.
#[derive(Debug, Default)]
pub(super) struct Events {
    text: String,
    /// The last number of a process or a thread.
    last_number: u32,
    /// The last id of an async track.
    last_track: u64,
    /// How many spans found no room in the timelines.
    left_out: u64,
}

impl Events {
    /// Adds an event.
    pub(super) fn push(&mut self, event: &Value) {
        let comma = if self.text.is_empty() { "" } else { ",\n" };
        let _ = write!(self.text, "{comma}{event}");
    }

    /// Counts spans that are not in the trace.
    pub(super) fn leave_out(&mut self, spans: u64) {
        self.left_out = self.left_out.saturating_add(spans);
    }

    /// The number of a process or a thread, from 1.
    ///
    /// No two processes have a thread of one number, as in a system: Perfetto knows a thread by its number alone, and 0 is the idle process. The
    /// numbers of a report are not used: they may be larger than the 32 bits that Perfetto reads.
    pub(super) fn number(&mut self) -> u32 {
        self.last_number = self.last_number.saturating_add(1);
        self.last_number
    }

    /// The id of an async track.
    pub(super) fn track(&mut self) -> String {
        self.last_track += 1;
        format!("{:#x}", self.last_track)
    }

    /// The whole trace.
    pub(super) fn into_trace(self) -> String {
        let metadata = json!({ "left_out": self.left_out });
        let Events { text, .. } = self;
        format!("{{\"displayTimeUnit\":\"ms\",\"otherData\":{metadata},\"traceEvents\":[\n{text}\n]}}\n")
    }
}

/// Microseconds. Perfetto multiplies them by 1000 and cuts off the fraction, so a value must never be a little too small: of two lanes that
/// follow one another, the second would begin before the end of the first.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "2^53 ns are 104 days"
)]
pub(super) fn micros(ns: u64) -> f64 {
    let micros = ns as f64 / 1000.0;
    if ((micros * 1000.0) as u64) < ns { micros.next_up() } else { micros }
}

#[cfg(test)]
mod tests {
    use super::micros;

    /// As Perfetto reads it.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as it does")]
    fn read(written: &str) -> u64 {
        (written.parse::<f64>().unwrap() * 1000.0) as u64
    }

    #[test]
    fn every_nanosecond_survives() {
        let day = 86_400_000_000_000_u64;
        for from in [0, 999_999, 1_000_000_000, 3_600_000_000_000, day, 30 * day] {
            for ns in from..from + 20_000 {
                assert_eq!(read(&serde_json::json!(micros(ns)).to_string()), ns);
            }
        }
    }
}
