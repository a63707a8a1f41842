//! The resolution server: resolves where the registry is near, and streams what it finds to who will install it.
//!
//! `POST /v1/resolve` takes the dependencies of a `package.json` and answers with a line of JSON for each package as soon as
//! it is found, and a last one with the lockfile. The first answer to a question streams; a repeated one comes from the
//! cache and is the last line alone, so nothing can be fetched ahead of it. The installer that this is modelled on has that
//! asymmetry, and the benchmark runs both sides of it.

mod answer;
mod client;
mod compressed;
mod protocol;
mod remembering;
mod server;

pub use answer::{AnswerError, read_answer};
pub use client::{AskError, ResolutionClient};
pub use protocol::{Line, PATH};
pub use remembering::{MAX_AGE, Remembering};
pub use server::{ResolutionServer, ServerError};
