//! What a package is called and what it says of itself.

mod id;
mod machine;
mod manifest;
mod name;
mod platform;
mod version_manifest;

pub use id::PackageId;
pub use machine::{Machine, Requirements};
pub use manifest::{ManifestError, ProjectManifest, Section, WantedDependency};
pub use name::{InvalidName, PackageName};
pub use platform::Platform;
pub use version_manifest::{Bin, Dist, OneOrMany, PeerMeta, VersionManifest};
