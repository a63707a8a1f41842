//! What concurrency-probe is tried on: the parts of a small package installer, and its registry and resolution server.

pub mod load;
pub mod lockfile;
pub mod net;
pub mod package;
pub mod registry;
pub mod resolution_server;
pub mod resolver;
pub mod scratch;
pub mod store;
