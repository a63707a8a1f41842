//! `soak`: so many rounds, and what is looked at afterwards.

use crate::rest::Rest;

#[global_allocator]
static MEMORY: cap::Cap<std::alloc::System> = cap::Cap::new(std::alloc::System, usize::MAX);

/// What may be taken more at the end: rayon's queues and the garbage of crossbeam come and go.
const SLACK: usize = 128 << 10;

/// Does `rounds` rounds, after some to warm up, and waits until nothing is under way.
pub(crate) fn soak(rounds: usize, mut rest: Rest, round: impl Fn(usize, &mut Rest)) -> Rest {
    // Boards and names are kept, and buffers grow to their sizes, in the first rounds.
    for i in 0..(rounds / 5).clamp(5, 200) {
        round(i, &mut rest);
    }
    rest.wait();
    let before = MEMORY.allocated();
    for i in 0..rounds {
        round(i, &mut rest);
    }
    rest.wait();
    let after = MEMORY.allocated();
    rest.memory(before, after);
    rest.expect(after <= before + SLACK, || format!("{before} bytes were taken, and {after} are"));
    rest
}
