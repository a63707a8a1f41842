//! The lockfile: `pnpm-lock.yaml`, version 9.

mod dep_path;
mod error;
mod graph;
mod integrity;
mod model;
mod read;
mod write;

pub use dep_path::DepPath;
pub use error::{LockfileError, LockfileFault};
pub use graph::{DirectEdge, Edge, Graph, ImporterNode, Node, NodeIndex, Target};
pub use integrity::parse_integrity;
pub use model::{DirectDependency, Importer, LockedPackage, Lockfile, Resolution, Settings, Snapshot};
