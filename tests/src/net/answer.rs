//! `Answer`: what a server answers, as a whole.

use super::fetch_error::{FetchErrorKind, TimeoutOf};
use super::limits::Limits;
use crate::budget::{self, Budget, Held};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, timeout_at};

/// What an answer of no announced length is taken for, until it is longer.
const UNANNOUNCED: u64 = 4 << 20;

/// How many bytes of a refusal are read.
const MAX_REFUSAL: u64 = 4096;

/// An answer, as a whole. It counts against the budget of its client until it is dropped.
#[derive(Debug)]
pub struct Answer {
    /// What came.
    pub bytes: Bytes,
    _held: Held,
}

impl Answer {
    /// The whole body. It is read once there is room for it in the budget.
    pub(super) async fn read(
        mut body: Incoming,
        max_bytes: u64,
        limits: &Limits,
        budget: &Budget,
    ) -> Result<Self, FetchErrorKind> {
        let announced = body.size_hint().exact();
        if announced.is_some_and(|bytes| bytes > max_bytes) {
            return Err(FetchErrorKind::TooLarge(max_bytes));
        }
        let mut held = budget.hold(announced.unwrap_or(UNANNOUNCED.min(max_bytes))).await;
        let mut bytes = Vec::new();
        let end = Instant::now() + limits.whole;
        loop {
            let (until, of, limit) = match Instant::now() + limits.stall {
                stall if stall < end => (stall, TimeoutOf::Stall, limits.stall),
                _ => (end, TimeoutOf::Whole, limits.whole),
            };
            let frame = timeout_at(until, body.frame()).await;
            let frame = frame.map_err(|_elapsed| FetchErrorKind::Timeout(of, limit))?;
            let Some(frame) = frame else { return Ok(Answer { bytes: bytes.into(), _held: held }) };
            let frame = frame.map_err(|error| match FetchErrorKind::of_hyper(&error) {
                FetchErrorKind::Truncated(why) => {
                    FetchErrorKind::Truncated(came(&why, bytes.len(), announced))
                }
                kind => kind,
            })?;
            if let Ok(data) = frame.into_data() {
                let length = (bytes.len() + data.len()) as u64;
                if length > max_bytes {
                    return Err(FetchErrorKind::TooLarge(max_bytes));
                }
                held.grow(length).await;
                make_room(&mut bytes, data.len(), announced)?;
                bytes.extend_from_slice(&data);
            }
        }
    }
}

/// Why an answer is cut off, and how much of it came.
fn came(why: &str, bytes: usize, announced: Option<u64>) -> String {
    announced.map_or_else(
        || format!("{why}; {bytes} bytes came, and nobody had said how many would"),
        |announced| format!("{why}; {bytes} bytes came, of {announced}"),
    )
}

/// Sees that so many bytes more can be added. For what was announced the room is made immediately, but not before a good part of
/// it has come: to announce a lot costs a server nothing.
fn make_room(bytes: &mut Vec<u8>, more: usize, announced: Option<u64>) -> Result<(), FetchErrorKind> {
    const PART: usize = 16 << 20;
    let length = bytes.len() + more;
    if length <= bytes.capacity() {
        return Ok(());
    }
    let announced = announced.and_then(|bytes| usize::try_from(bytes).ok());
    let room = match announced {
        Some(announced) if length <= PART => announced.min(PART).max(length),
        Some(announced) => announced.max(length),
        None => length.max(2 * bytes.len()),
    };
    budget::make_room(bytes, room - bytes.len()).map_err(|_| FetchErrorKind::Memory(room as u64))
}

/// What a server says when it refuses, in one line. It is read to its end, if that is near, so that the connection can be
/// used again; and it is not worth an error of its own.
pub(super) async fn refusal(body: Incoming, limits: &Limits) -> String {
    // Not from the budget of the client, which others may hold for long: it is next to nothing.
    let answer = Answer::read(body, MAX_REFUSAL, limits, &Budget::new(MAX_REFUSAL)).await;
    let bytes = answer.map(|answer| answer.bytes).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").chars().take(200).collect()
}
