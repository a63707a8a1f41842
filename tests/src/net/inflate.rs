//! `Inflate`: bytes that come as gzip, piece by piece.

use bytes::Bytes;
use flate2::write::GzDecoder;
use std::io::{self, Write};

/// Bytes that come as gzip: whatever can be known of them is, as soon as a piece is there.
#[derive(Debug)]
pub(super) struct Inflate(GzDecoder<Vec<u8>>);

impl Inflate {
    pub(super) fn new() -> Self {
        Inflate(GzDecoder::new(Vec::new()))
    }

    /// What a piece stands for; nothing, if that is not known before the next one.
    pub(super) fn push(&mut self, piece: &[u8]) -> io::Result<Bytes> {
        self.0.write_all(piece)?;
        // What was decoded is written to the buffer by the next write or by this.
        self.0.flush()?;
        Ok(std::mem::take(self.0.get_mut()).into())
    }
}
