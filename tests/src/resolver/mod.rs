//! The resolver: from a `package.json` and what a registry says to a lockfile, level by level.

mod choices;
mod error;
mod published;
mod resolution;
mod resolve;
mod resolved_package;
mod snapshot;
mod source;
mod specifier;

pub use error::ResolveError;
pub use resolve::{IN_FLIGHT, resolve};
pub use resolved_package::ResolvedPackage;
pub use source::PackumentSource;
