//! Programs that were once judged wrongly, each as a kind: a table of programs with the right value, and the nearest twins, which have
//! the other one.
//!
//! Each test has scopes of a name of its own, as tests run beside one another in this process, but where the neighbour is the
//! point. No test sleeps in order to wait for something, and none asserts on a clock.

mod about_to_come;
mod again;
mod along;
mod assertions;
mod batches;
mod cancelled;
mod dropped;
mod executors;
mod futures_beside;
mod futures_held;
mod held_passes;
mod judge;
mod mix;
mod neighbours;
mod opening;
mod probes;
mod repairs;
mod stolen;
mod strict;
