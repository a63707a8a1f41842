//! The recorder: a span is read whole or not at all, and no span of one scope is in the next scope.

use super::{check_with_twins, leak};
use crate::call::gauge::{Gauge, Watch};
use crate::call::recorder::{Kept, Recorder, Recording, Thread, What};
use crate::fault::Fault;
use loom::thread::spawn;

fn span(n: u32, end: Option<u64>) -> Kept {
    Kept { what: What::Call(n), batch: 10 + n, thread: 20 + n, start: 30 + u64::from(n), end }
}

fn begin(recorder: &'static Recorder, n: u32) -> Recording {
    let Kept { what, batch, thread, start, .. } = span(n, None);
    recorder.reserve().begin(what, batch, || Thread(thread), || start).unwrap()
}

/// Threads record while another one reads.
#[test]
fn a_span_is_read_whole_or_not_at_all() {
    let model = || {
        let recorder = Recorder::lease().unwrap();
        let other = spawn(move || begin(recorder, 1).end(41));
        let recording = begin(recorder, 2);
        for kept in recorder.kept() {
            let known = [span(1, None), span(1, Some(41)), span(2, None)];
            assert!(known.contains(&kept), "{kept:?}");
        }
        recording.end(42);
        other.join().unwrap();
        let mut all = recorder.kept();
        all.sort_by_key(|kept| kept.start);
        assert_eq!(all, [span(1, Some(41)), span(2, Some(42))]);
    };
    check_with_twins(model, &[Fault::TornAdd, Fault::RelaxedAcquire]);
}

/// A scope closes while its call is in flight, and another one opens. The new scope has the recorder only if the call has ended. Then
/// the span of the call is not in it.
#[test]
fn a_recorder_goes_to_the_next_scope_when_everything_has_ended() {
    let model = || {
        let recorder = Recorder::lease().unwrap();
        let recording = begin(recorder, 1);
        let other = spawn(move || recording.end(41));
        recorder.release();
        let next = Recorder::lease().unwrap();
        assert_eq!(next.kept(), []);
        let recording = begin(next, 2);
        other.join().unwrap();
        assert_eq!(next.kept(), [span(2, None)]);
        recording.end(42);
    };
    check_with_twins(model, &[Fault::RelaxedRelease]);
}

/// A call is counted on the board of a scope that closes at that moment. It is recorded in that scope, or not at all.
#[test]
fn a_call_that_is_late_is_in_no_scope() {
    let model = || {
        let gauge: &'static Gauge = leak(Gauge::default());
        let recorder = Recorder::lease().unwrap();
        gauge.set_watch(Watch { has_hold: false, recorder: 1, batch: 0 }.bits());
        let late = spawn(move || {
            let place = recorder.reserve();
            if gauge.is_closed() {
                place.give_up();
            } else {
                let Kept { what, batch, thread, start, .. } = span(1, None);
                place.begin(what, batch, || Thread(thread), || start).unwrap().end(41);
            }
        });
        gauge.close();
        recorder.release();
        let next = Recorder::lease().unwrap();
        let recording = begin(next, 2);
        late.join().unwrap();
        assert_eq!(next.kept(), [span(2, None)]);
        recording.end(42);
        next.release();
        // Nothing is in use any more here.
        assert_eq!(
            [Recorder::lease(), Recorder::lease()].map(|again| again.unwrap().kept()),
            [vec![], vec![]]
        );
    };
    check_with_twins(model, &[Fault::RelaxedRelease, Fault::TornExchange]);
}
