//! `Compressed`: an answer as gzip, line by line.

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// An answer as gzip. What goes in comes out immediately, and whole: a compressor that waits for more would keep back the lines that a client
/// could go on with.
#[derive(Debug)]
pub(super) struct Compressed(GzEncoder<Vec<u8>>);

impl Compressed {
    pub(super) fn new() -> Self {
        Compressed(GzEncoder::new(Vec::new(), Compression::fast()))
    }

    /// What is sent for these bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Bytes {
        self.0.write_all(bytes).and_then(|()| self.0.flush()).expect("memory takes it");
        std::mem::take(self.0.get_mut()).into()
    }

    /// What is sent at the end.
    pub(super) fn end(self) -> Bytes {
        self.0.finish().expect("memory takes it").into()
    }
}
