//! The recorder: a span is read whole or not at all, and nothing of one scope is in the next.

use super::check_with_twins;
use crate::call::recorder::{Kept, Recorder, Thread, What};
use crate::fault::Fault;
use loom::thread::spawn;

fn span(n: u32, end: Option<u64>) -> Kept {
    Kept { what: What::Call(n), batch: 10 + n, thread: 20 + n, start: 30 + u64::from(n), end }
}

fn begin(recorder: &'static Recorder, n: u32) -> impl FnOnce() {
    let Kept { what, batch, thread, start, .. } = span(n, None);
    let recording = recorder.begin(what, batch, Thread(thread), start).unwrap();
    move || recording.end(40 + u64::from(n))
}

/// Threads record while another one reads.
#[test]
fn a_span_is_read_whole_or_not_at_all() {
    let model = || {
        let recorder = Recorder::lease().unwrap();
        let other = spawn(move || begin(recorder, 1)());
        let end = begin(recorder, 2);
        for kept in recorder.kept() {
            let known = [span(1, None), span(1, Some(41)), span(2, None)];
            assert!(known.contains(&kept), "{kept:?}");
        }
        end();
        other.join().unwrap();
        let mut all = recorder.kept();
        all.sort_by_key(|kept| kept.start);
        assert_eq!(all, [span(1, Some(41)), span(2, Some(42))]);
        assert_eq!(recorder.left_out(), 0);
    };
    check_with_twins(model, &[Fault::TornAdd, Fault::RelaxedAcquire]);
}

/// A scope is gone while its call is in flight, and another one opens: it has the recorder only if the call has ended, and then
/// nothing of the call is in it.
#[test]
fn a_recorder_goes_to_the_next_scope_when_everything_has_ended() {
    let model = || {
        let recorder = Recorder::lease().unwrap();
        let end = begin(recorder, 1);
        let other = spawn(end);
        recorder.release();
        let next = Recorder::lease().unwrap();
        assert_eq!(next.kept(), []);
        let end = begin(next, 2);
        other.join().unwrap();
        assert_eq!(next.kept(), [span(2, None)]);
        end();
    };
    check_with_twins(model, &[Fault::RelaxedRelease, Fault::RelaxedAcquire]);
}
