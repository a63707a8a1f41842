//! Probes beside the tools that others test with: an example of each, which `runtime/docs/ADOPTING.md` names.

mod loom;
mod nextest;
mod rstest;
mod shuttle;
