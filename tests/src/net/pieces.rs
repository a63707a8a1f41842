//! `Pieces`: an answer as it arrives.

use super::fetch_error::{FetchError, FetchErrorKind, TimeoutOf};
use super::inflate::Inflate;
use bytes::Bytes;
use futures::Stream;
use hyper::Response;
use hyper::body::{Body, Incoming};
use hyper::header::CONTENT_ENCODING;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Sleep;
use url::Url;

/// An answer as it arrives, in pieces of any size. After an error there is nothing more.
#[derive(Debug)]
#[must_use = "a stream does nothing unless it is polled"]
pub struct Pieces {
    body: Option<Incoming>,
    url: Url,
    stall: Duration,
    /// If it is compressed.
    inflate: Option<Inflate>,
    /// While nothing comes.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pieces {
    pub(super) fn new(response: Response<Incoming>, url: Url, stall: Duration) -> Self {
        let is_gzip = response.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding == "gzip");
        let inflate = is_gzip.then(Inflate::new);
        Pieces { body: Some(response.into_body()), url, stall, inflate, timer: None }
    }

    fn fail(&mut self, kind: FetchErrorKind) -> Poll<Option<Result<Bytes, FetchError>>> {
        self.body = None;
        Poll::Ready(Some(Err(FetchError::post(&self.url, kind))))
    }

    /// Whether nothing came for too long.
    fn is_stalled(&mut self, cx: &mut Context<'_>) -> bool {
        let stall = self.stall;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(stall)));
        timer.as_mut().poll(cx).is_ready()
    }
}

impl Stream for Pieces {
    type Item = Result<Bytes, FetchError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            let Some(body) = &mut this.body else { return Poll::Ready(None) };
            match Pin::new(body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    // The time that the caller takes for a piece is not the server's.
                    this.timer = None;
                    let Ok(piece) = frame.into_data() else { continue };
                    match this.inflate.as_mut().map_or(Ok(piece.clone()), |inflate| inflate.push(&piece)) {
                        Ok(piece) if piece.is_empty() => {}
                        Ok(piece) => return Poll::Ready(Some(Ok(piece))),
                        Err(error) => {
                            return this.fail(FetchErrorKind::Garbage(format!("it is no gzip: {error}")));
                        }
                    }
                }
                Poll::Ready(Some(Err(error))) => return this.fail(FetchErrorKind::of_hyper(&error)),
                Poll::Ready(None) => this.body = None,
                Poll::Pending if this.is_stalled(cx) => {
                    return this.fail(FetchErrorKind::Timeout(TimeoutOf::Stall, this.stall));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
