//! `hold`: an entry waits until enough threads are inside at once, so that a passing verdict is certain.
//!
//! With tiny work items one worker can finish all of them before another worker wakes, and a correct program reads 1. Under a hold the
//! first thread inside waits for the others: a rendezvous. This is safe because the wait ends when no further call can come.
//!
//! # Which calls can still come
//!
//! A hold works on one *group* of calls of one probe: the calls of one pass, or the calls of a batch that is not made of passes. Calls of
//! different passes of one batch can meet. What a wait proves, it proves for its own group. `rhythm` says which entries of a group wait.
//! `evidence` is what a reading learns from the waits.
//!
//! **In a pass**, calls come from its lanes, and from handles that were taken in a lane. The items of a pass are in the queues of the
//! pool, or in an open stream. A worker that waits inside rayon may run another item on top of the waiting one. Such an item proves nothing, because
//! another worker could have run it.
//!
//! **Outside of passes**, calls come from everything that runs in the scope. `world` counts the ways into the scope: calls of `run` and `in_scope`,
//! and attached futures. No further call can come from them if two things are true:
//!
//! * Each way that is under way is on the stack of a thread that waits in the hold. A future that this thread is polling cannot be polled by
//!   another thread.
//! * The thread that opened the scope waits too.
//!
//! Some ways are not counted. A `process_wide` scope gets calls from any thread. A thread that has a handle, or a reference to the scope, and
//! has not used it yet, is not a way either. So if another thread runs that was started after the scope was opened, the wait goes on for
//! a moment. A thread that sleeps is not waited for: it would come too late to meet. Only Linux tells which threads run. On other systems
//! every such wait goes on for that moment.
//!
//! If no call can come from outside, the pool is asked. The waiting threads elect a referee (`referee`). It asks all workers
//! that do not wait to be in a *roll call* at the same moment (`roll_call`, `broadcast`). The roll call is a rayon broadcast. A worker answers it
//! only when its own queue is empty. It answers between two jobs, or inside a job in which it waits for a part that another worker
//! took. The stack depth of the answer tells which of the two. A waiting worker puts a no-op behind everything else in its queue. When some worker has
//! run the no-op, that queue is empty. So when all free workers answer at the same moment, and between two jobs, then every queue is
//! empty, no job is stolen and not yet begun, and no worker runs. No further thread can come until a waiting thread goes on.
//!
//! Counting items instead would be wrong. Rayon may give several items to one leaf, and such a program is serialized.
//!
//! # When a limit ends the wait
//!
//! More work may come from an open stream, from another thread or task, or from a lock or a channel that a worker waits for. A
//! worker that answers inside a job may have got what it waited for a moment ago. In these cases a limit ends the wait, and the verdict
//! is undecided. The limit is in *free time* (`free_time`): time in which a worker was free to run another call. On a busy machine free time
//! passes more slowly.
//!
//! # Where the system is not Linux
//!
//! Only Linux is asked what a thread does. No proof needs the answer. So the verdicts are the same on every system, and their tests pass
//! without the answer (`.ci/elsewhere`). Three things differ on other systems. Free time passes at a sixteenth while no worker is free, so a wait
//! that ends by the limit ends later. A wait outside of passes lasts for its moment even if no other thread runs. The message of an undecided
//! verdict does not say what the other workers do.
//!
//! # Futures
//!
//! A future of an async probe is kept pending, and no thread is blocked (`held_future`). An attached future is stuck when only the hold
//! has its waker. When every attached future of the scope is stuck, none of them can bring another call. But other code that has the scope can. For
//! example, a sibling in the same task may wait for a timer, and then attach a future. Under `attach_exclusive` no other code has the scope, and
//! the wait ends. Under `attach` the limit ends it. The verdict is proven then, until a call comes by another way. From that call on it is
//! undecided.
//!
//! # Rejected
//!
//! * A time limit alone: upstream's limit failed on loaded machines.
//! * A budget of tries: a correct pass after many passes of one item was red.
//! * A helper thread for each scope: the waiting threads have nothing else to do. Only held futures have no waiting thread. So the
//!   first held future starts a timekeeper, which ends with the scope.

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
