//! `Fault`: how a registry can fail.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use std::time::Duration;

/// How a registry can fail, for tests of what a client makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It answers with this status.
    Status(u16),
    /// It answers with bytes that are something else.
    Garbage,
    /// It ends amid the answer.
    Truncated,
    /// It says no length, and ends amid the answer as if that were the end.
    Cut,
    /// It answers with nothing.
    Empty,
    /// It answers with these bytes.
    Instead(Bytes),
    /// It answers with this status, and asks to wait so many seconds.
    RetryAfter(u16, u64),
    /// It answers with one bit changed.
    Corrupt,
    /// It does not answer.
    Never,
    /// It answers byte by byte, with so much time between two.
    Slow(Duration),
}

impl Fault {
    /// What comes instead of the right answer.
    pub(super) async fn spoil(self, right: Option<Bytes>) -> Response {
        let right = right.unwrap_or_default();
        match self {
            Fault::Status(code) => {
                let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                (code, "spoilt").into_response()
            }
            Fault::Garbage => "<html>this is not what you asked for</html>".into_response(),
            Fault::Corrupt => {
                let mut bytes = right.to_vec();
                let middle = bytes.len() / 2;
                if let Some(byte) = bytes.get_mut(middle) {
                    *byte ^= 1;
                }
                bytes.into_response()
            }
            Fault::Truncated => {
                let half = right.slice(..right.len() / 2);
                let end = Err(std::io::Error::other("cut off"));
                of_length(right.len(), Body::from_stream(stream::iter([Ok(half), end])))
            }
            Fault::Cut => {
                let half = right.slice(..right.len() / 2);
                Body::from_stream(stream::iter([Ok::<_, std::io::Error>(half)])).into_response()
            }
            Fault::Empty => ().into_response(),
            Fault::Instead(bytes) => bytes.into_response(),
            Fault::RetryAfter(code, seconds) => {
                let code = StatusCode::from_u16(code).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
                (code, [(RETRY_AFTER, seconds.to_string())], "later").into_response()
            }
            Fault::Never => std::future::pending().await,
            Fault::Slow(pause) => {
                let bytes = stream::iter(0..right.len()).then({
                    let right = right.clone();
                    move |at| {
                        let byte = right.slice(at..=at);
                        async move {
                            if at > 0 {
                                tokio::time::sleep(pause).await;
                            }
                            Ok::<_, std::io::Error>(byte)
                        }
                    }
                });
                of_length(right.len(), Body::from_stream(bytes))
            }
        }
    }
}

fn of_length(length: usize, body: Body) -> Response {
    ([(CONTENT_LENGTH, length.to_string())], body).into_response()
}
