//! `NotConcurrent`: why a probe was not seen on several threads at once.

use crate::hold::Outcome;
use crate::ledger::{PassRecord, plural};
use crate::reading::Reading;
use crate::report::FindingKind;
use crate::site::Kind;
use std::fmt;

/// Why a probe was not seen on several threads at once, from
/// [`Reading::check_concurrent`](crate::Reading::check_concurrent). It prints what is known of the cause, the
/// likeliest first, and what to do about it.
///
/// ```
/// use concurrency_probe::{Scope, concurrency_probe};
///
/// #[concurrency_probe(scope = "install")]
/// fn link() {}
///
/// let install = Scope::open("install");
/// install.run(|| (0..996).for_each(|_| link()));
/// let why = install.reading("link").check_concurrent(2).unwrap_err();
/// assert!(why.to_string().contains("996 calls, max_concurrent 1"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NotConcurrent {
    message: String,
}

impl NotConcurrent {
    pub(crate) fn check(reading: &Reading, threads: usize) -> Result<(), Self> {
        why_not(reading, threads).map_or(Ok(()), |message| Err(NotConcurrent { message }))
    }
}

impl fmt::Display for NotConcurrent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// As it is displayed, so that `unwrap` is legible too.
impl fmt::Debug for NotConcurrent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for NotConcurrent {}

/// Why the assertion fails, or `None` if it holds.
fn why_not(reading: &Reading, threads: usize) -> Option<String> {
    let Reading { probe, scope, .. } = reading;
    let opened = format!("in scope `{scope}` (opened at {})", reading.opened_at);
    if threads == 0 {
        return Some(format!("`assert_concurrent(0)` on `{probe}` asks for nothing: ask for at least 1"));
    }
    if reading.counts.calls == 0 {
        let mut why = format!("`{probe}` was never called {opened}");
        why += &unattributed_line(reading);
        if reading.others.is_empty() && reading.unattributed == 0 {
            why += "\n  no probe of this scope was entered at all";
        } else if reading.kind.is_none() && !reading.others.is_empty() {
            why += "\n  no probe of this name was ever entered; those that were: `";
            why += &reading.others.join("`, `");
            why += "`";
        }
        for finding in &reading.findings {
            why += "\n  ";
            why += &finding.message;
        }
        return Some(why);
    }
    if reading.kind == Some(Kind::Async) {
        return Some(format!(
            "`{probe}` {opened} is async, and how many of its futures are in flight ({} at most) does not \
             tell how many threads ran them\n  add `polls` to its `#[concurrency_probe(..)]`",
            reading.counts.max_in_flight
        ));
    }
    let peak = reading.counts.max_threads;
    if peak >= threads && reading.unattributed == 0 {
        return None;
    }
    let mut why = if peak < threads {
        format!("`{probe}` never ran on {threads} threads at once {opened}")
    } else {
        format!("not all calls of `{probe}` were made {opened}")
    };
    let calls = plural(reading.counts.calls, "call", "calls");
    why = format!("{why}\n  {calls}, max_concurrent {peak}");
    if let Some(threads) = reading.pool_threads {
        why += ", pool of ";
        why += &plural(threads as u64, "thread", "threads");
    }
    why += &unattributed_line(reading);
    if peak < threads {
        for line in causes(reading, threads) {
            why += "\n  ";
            why += &line;
        }
    }
    Some(why)
}

fn unattributed_line(reading: &Reading) -> String {
    let Reading { probe, scope, unattributed, .. } = reading;
    if *unattributed == 0 {
        return String::new();
    }
    format!(
        "\n  {} of `{probe}` came from threads where no scope `{scope}` is current: make the calls in a pass \
         (in a `flat_map` of its items: use `flat_map_iter`, or a pool of the scope's own), under `Scope::run` or `Scope::attach`, or open the scope `process_wide`; if they are another test's, open \
         a scope there",
        plural(*unattributed, "call", "calls"),
    )
}

/// What is known of why a peak was low, the likeliest cause first.
fn causes(reading: &Reading, threads: usize) -> Vec<String> {
    let mut causes: Vec<String> = reading
        .findings
        .iter()
        .filter(|finding| match finding.kind {
            FindingKind::BlockedPoll => finding.message.starts_with(&format!("`{}`", reading.probe)),
            FindingKind::DegeneratePasses | FindingKind::NestedScope => true,
        })
        .map(|finding| finding.message.clone())
        .collect();
    let is_explained = !causes.is_empty();
    if reading.counts.calls == 1 {
        causes.push("a single call cannot overlap with anything".into());
    } else if reading.passes.iter().all(|pass| pass.items() == 0) {
        causes.push(
            "no pass ran in this scope: calls that are made by a loop, or by the futures of one `join_all`, where a \
             call that blocks keeps all the others from being polled, run one after another; collect the items and \
             run them through one pass (`Scope::pass`), or through `Pass::drive`"
                .into(),
        );
    } else if causes.is_empty() {
        causes.extend(reading.passes.iter().filter(|pass| pass.items() > 0).map(PassRecord::summary));
    }
    if reading.pool_threads.is_some_and(|pool| pool < threads) {
        causes.push(format!(
            "the pool has fewer than {threads} threads: open the scope with `.threads({threads})`"
        ));
    }
    if !reading.never_held.is_empty() {
        causes.push(format!(
            "held but never entered: `{}`; is that its name?",
            reading.never_held.join("`, `")
        ));
    }
    causes.extend(match reading.hold {
        // A low peak that is explained was no bad luck.
        None if is_explained => None,
        None => Some(format!(
            "nothing was held: with small items a correct program can read 1; open the scope with \
             `.hold(\"{}\", {threads})` to be certain",
            reading.probe
        )),
        Some((held, Outcome::Met)) => Some(format!("the hold was for {held} threads, and they met")),
        Some((_, Outcome::Waiting)) => Some("the hold was never waited in".into()),
        Some((_, Outcome::NobodyCould)) => Some(
            "while threads were held inside, every other worker was idle, if there was one, and every queue empty: the \
             pass had nothing to run beside them (one item, a large `with_min_len`, or a loop in one lane)"
                .into(),
        ),
        Some((_, Outcome::NobodyCame(chances))) => Some(format!(
            "while a thread was held inside, nobody came in {chances} chances: the calls wait for one another, for a \
             lock, or for something outside of the scope"
        )),
    });
    causes
}
