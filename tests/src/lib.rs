//! What the integration tests and example programs of concurrency-probe share.

pub mod load;
