//! The registry: packuments and tarballs over HTTP, of packages that are generated or mirrored.

mod embedded;
mod fault;
mod history;
mod mirror;
mod packument;
mod server;
mod shelf;

pub use embedded::{Embedded, Sizes};
pub use fault::Fault;
pub use mirror::{Mirror, MirrorError};
pub use packument::Packument;
pub use server::{Catalogue, Registry, StartError};
