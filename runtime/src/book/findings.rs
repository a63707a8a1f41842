//! The messages of findings.

use crate::base::text::plural;
use crate::book::batch::BatchPlace;
use crate::book::pass_record::PassRecord;
use crate::book::report::{Finding, FindingKind};
use std::panic::Location;

/// From so many passes, offloads or stages at one place on, it is not by chance that they follow one another.
pub(crate) const MANY: u64 = 4;

/// What began inside a poll.
pub(crate) enum Blocking<'a> {
    /// A call of this probe, which is defined at this place.
    Call {
        probe: &'a str,
        file: &'a str,
        line: u32,
    },
    Pass(&'a BatchPlace),
}

/// A call or a pass began inside a poll of the probe `poll`.
pub(crate) fn blocked_poll(blocking: &Blocking<'_>, times: u64, poll: &str) -> Finding {
    let (what, probe, (file, line)) = match blocking {
        Blocking::Call { probe, file, line } => {
            (format!("`{probe}`"), Some((*probe).to_owned()), (*file, *line))
        }
        Blocking::Pass(place) => (format!("a pass `{}`", place.label), None, place.source()),
    };
    let times = plural(times, "time", "times");
    Finding {
        kind: FindingKind::BlockedPoll,
        probe,
        file: file.into(),
        line,
        message: format!(
            "{what} ({file}:{line}) began {times} inside a poll of `{poll}`: no other future of the same task is polled until it \
             ends; run it after the join, through `Pass::drive`, or through `offload`"
        ),
    }
}

/// Scopes were opened where one of the same name was current.
pub(crate) fn nested_scope(scope: &str, at: &Location<'_>, times: u64) -> Finding {
    let times = plural(times, "scope", "scopes");
    Finding {
        kind: FindingKind::NestedScope,
        probe: None,
        file: at.file().into(),
        line: at.line(),
        message: format!(
            "{times} `{scope}` opened at {at} while a scope `{scope}` was current there: open one scope for each unit of \
             work, and give its parts a `ScopeHandle`"
        ),
    }
}

/// One lane ran many stages.
pub(crate) fn serial_lane(at: &Location<'_>, stages: u64, times: u64) -> Finding {
    let lanes = plural(times, "lane", "lanes");
    Finding {
        kind: FindingKind::SerialLane,
        probe: None,
        file: at.file().into(),
        line: at.line(),
        message: format!(
            "{lanes} ran up to {stages} stages one after another ({at}): a stage is the next step of the same item; run \
             further items through the pass, or in parallel with `Lane::join`"
        ),
    }
}

/// The offloads of one place followed one another.
pub(crate) fn serial_offloads(record: &PassRecord) -> Option<Finding> {
    let at = record.batch.place.at;
    let is_serial = record.items >= MANY && record.max_under_way == 1 && record.threads != 1;
    is_serial.then(|| Finding {
        kind: FindingKind::SerialOffloads,
        probe: None,
        file: at.file().into(),
        line: at.line(),
        message: format!(
            "{} offloads at {at}, each sent after the one before it had ended: an offload that is awaited in a loop cannot \
             overlap; await them together (`join_all`), or run the items through one pass",
            record.items
        ),
    })
}

/// The passes of one place in the source, whatever their labels.
#[derive(Default)]
pub(crate) struct PassesAtPlace {
    of_one_item: u64,
    max_items: u64,
    threads: usize,
}

impl PassesAtPlace {
    pub(crate) fn add(&mut self, record: &PassRecord) {
        self.of_one_item += record.of_one_item;
        self.max_items = self.max_items.max(record.max_items);
        self.threads = self.threads.max(record.threads);
    }

    /// The finding that there is a pass for each item.
    pub(crate) fn degenerate(&self, at: &'static Location<'static>) -> Option<Finding> {
        (self.of_one_item >= MANY && self.max_items <= 1 && self.threads > 1).then(|| Finding {
            kind: FindingKind::DegeneratePasses,
            probe: None,
            file: at.file().into(),
            line: at.line(),
            message: format!(
                "{} passes of 1 item each at {at}: a pass per item cannot overlap; collect the items into one pass",
                self.of_one_item
            ),
        })
    }
}
