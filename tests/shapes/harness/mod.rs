//! Builds the shapes in both variants and compares them.

pub(crate) mod behaviour;
pub(crate) mod case;
pub(crate) mod coverage;
pub(crate) mod diagnostics;
pub(crate) mod difference;
pub(crate) mod variant;
mod workspace;
