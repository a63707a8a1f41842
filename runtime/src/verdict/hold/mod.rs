//! `hold`: an entry waits until enough threads are inside at once, so that a passing verdict is certain.
//!
//! With tiny work items one worker can finish everything before another wakes, and a correct program reads 1. Under a hold the
//! first thread inside waits for the others. What makes it safe to wait is that the wait ends when nobody can come.
//!
//! # Who can come
//!
//! A hold is about one probe in one *group* of calls: those of one pass, or those of a batch that is not made of passes. Calls of
//! one batch meet, of whichever of its passes; what is learnt of their waits is learnt of the group. `rhythm` says which of its entries wait; `evidence` is what a reading learns.
//!
//! * **In a pass** its lanes can come, and whoever has a handle that was taken in one of them. Its items are in the queues of the
//!   pool, or in a stream that is open. What a worker takes up on top of a lane that waits proves nothing, as another worker
//!   could have taken it.
//! * **Elsewhere** whoever runs in the scope can come. `world` counts the ways into it: calls of `run` and `in_scope`, and
//!   attached futures. If every one of them that is under way is on the stack of a thread that waits in the hold, and so is the
//!   thread that opened the scope, then none of them can bring anybody: a future that is being polled by the thread that waits
//!   cannot be polled by another one. A `process_wide` scope has ways into it that nobody counts. A thread that was given a handle
//!   and has not used it yet is no way either. While one runs that was started since the scope was opened, the wait is kept up for
//!   a moment. One that sleeps comes too late to meet. Only Linux tells which threads run: elsewhere every such wait is kept up.
//!
//! If nothing can come from outside, the pool is asked. The waiting threads elect a referee (`referee`), which asks all workers
//! that are not waiting to be in a *roll call* at the same moment (`roll_call`, `broadcast`). A worker answers it (it is a rayon broadcast)
//! only when its own queue is empty, and either between two jobs or inside of one that waits for a part which another worker
//! took. How deep in its stack it answers tells which. The queue of a waiting worker is empty once a no-op that it put behind
//! everything else has been run by somebody. So when all free workers answer at once, and between two jobs, every queue is
//! empty, nothing is stolen and not yet begun, and nobody runs: no further thread can come until somebody is let go. Counting
//! items instead would be wrong: rayon may hand several of them to one leaf, and such a program is serialized.
//!
//! # Where it cannot be known
//!
//! More work may come from an open stream, from another thread or task, from a lock or a channel that a worker waits for; and a
//! worker that answers inside of a job may have got what it waited for a moment ago. Then a limit ends the wait, and the verdict
//! is called undecided. The limit is in *free time* (`free_time`): time in which a worker was free to run what would have come.
//! On a machine that is busy it passes more slowly.
//!
//! # Where the system is not Linux
//!
//! No other system is asked what a thread does. No proof rests on that, so the verdicts are the same, and the tests of them pass
//! there (`.ci/elsewhere`). What differs is time and words: free time passes at a sixteenth wherever no worker is free, so that what ends
//! by the limit ends later; a wait outside of passes lasts for its moment even if no other thread runs; and the message of an undecided
//! verdict does not say what the other workers do.
//!
//! # Futures
//!
//! A future of an async probe is kept pending and no thread is blocked (`held_future`). When every attached future of the scope is
//! stuck, because nobody but the hold has its waker, none of them can bring another one. Whoever has the scope can: a sibling in
//! the same task, which waits for a timer. Under `attach_exclusive` nobody else has it, and the wait is over. Under `attach` the
//! limit ends it. What was seen is then a fact, until a call comes by another way: from that call on it is undecided.
//!
//! Rejected: a time limit alone (upstream's failed on loaded machines), budgets of tries (a correct pass after many passes of
//! one item was red), and a helper thread for each scope (the waiting threads have nothing else to do). Only where futures wait
//! nobody else does: a timekeeper is started by the first of them, and ends with the scope.

mod bell;
mod broadcast;
pub(crate) mod call;
pub(crate) mod evidence;
pub(crate) mod free_time;
pub(crate) mod given;
mod group;
mod handles;
mod held_future;
pub(crate) mod holder;
mod referee;
pub(crate) mod rhythm;
mod roll_call;
mod rule;
mod state;
pub(crate) mod task_watch;
mod ticket;
mod timekeeper;
pub(crate) mod tokens;
mod wait;
mod waiter;
pub(crate) mod ways;
mod world;
