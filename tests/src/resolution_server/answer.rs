//! `read_answer`: the client's side of the resolution server.

use super::Line;
use crate::lockfile::Lockfile;
use crate::resolver::ResolvedPackage;
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};

/// The longest line that is read. A lockfile of ten thousand packages has a tenth of this.
const LONGEST: usize = 64 << 20;

/// Why an answer of a resolution server is none. `E` is why no more of it came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError<E: std::error::Error + 'static> {
    /// The connection failed.
    #[error("the answer of the resolution server stopped after {lines} lines: {source}; try again")]
    Transport {
        /// How many whole lines had come.
        lines: u64,
        /// What the connection says.
        source: E,
    },
    /// The connection ended, and the answer had not.
    #[error("the answer of the resolution server ended after {lines} lines, before the lockfile; try again")]
    CutOff {
        /// How many whole lines had come.
        lines: u64,
    },
    /// A line is none.
    #[error(
        "line {line} of the resolution server's answer, `{text}`, is none that is known: {source}; see that the address is that of a resolution server"
    )]
    Malformed {
        /// The line, counted from 1.
        line: u64,
        /// How it begins.
        text: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A line does not end.
    #[error(
        "line {line} of the resolution server's answer is longer than 64 MiB; see that the address is that of a resolution server"
    )]
    TooLong {
        /// The line, counted from 1.
        line: u64,
    },
    /// The server found no resolution.
    #[error("the resolution server found no resolution: {0}")]
    Server(String),
}

/// Reads the answer of a resolution server as it comes, in pieces of any size. `on_resolved` is told of each package as soon
/// as its line is there; a cached answer has none. What is told, and a name or hash in it, is checked as in a lockfile; the
/// lockfile itself is checked by [`Lockfile::graph`].
///
/// # Errors
///
/// If the answer is cut off or is none, or the server found no resolution.
pub async fn read_answer<E: std::error::Error + 'static>(
    mut pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
    mut on_resolved: impl FnMut(ResolvedPackage),
) -> Result<Lockfile, AnswerError<E>> {
    let mut read = BytesMut::new();
    let mut lines = 0;
    loop {
        let Some(piece) = pieces.next().await else { return Err(AnswerError::CutOff { lines }) };
        let piece = piece.map_err(|source| AnswerError::Transport { lines, source })?;
        // What was read before has no end of a line in it.
        let mut from = read.len();
        read.extend_from_slice(&piece);
        while let Some(end) = read[from..].iter().position(|byte| *byte == b'\n') {
            let line = read.split_to(from + end + 1);
            from = 0;
            lines += 1;
            match serde_json::from_slice(&line) {
                Ok(Line::Package(package)) => on_resolved(package),
                Ok(Line::Done { lockfile }) => return Ok(*lockfile),
                Ok(Line::Error { message }) => return Err(AnswerError::Server(message)),
                Err(source) => {
                    return Err(AnswerError::Malformed { line: lines, text: beginning(&line), source });
                }
            }
        }
        if read.len() > LONGEST {
            return Err(AnswerError::TooLong { line: lines + 1 });
        }
    }
}

/// The beginning of a line, so that it can be shown.
fn beginning(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    text.trim_end().chars().take(80).flat_map(char::escape_debug).collect()
}
