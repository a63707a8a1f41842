//! Passes, offloads, labelled batches and findings are spans and events, with their parents and what they measured.

use concurrency_probe::{Scope, concurrency_probe, offload};
use futures::stream;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Barrier, Mutex, Once};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Instrument as _, Subscriber, info_span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// What a subscriber was told. Each test opens scopes and spans of names of its own.
static TOLD: Mutex<All> = Mutex::new(All { spans: BTreeMap::new(), events: Vec::new() });

struct All {
    spans: BTreeMap<u64, Span>,
    events: Vec<Told>,
}

/// A span, or an event.
#[derive(Clone, Debug, Default)]
struct Told {
    target: String,
    level: String,
    name: String,
    parent: Option<u64>,
    fields: HashMap<String, String>,
}

#[derive(Clone, Debug, Default)]
struct Span {
    told: Told,
    entered: u64,
    is_closed: bool,
}

struct Fields<'a>(&'a mut HashMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().into(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), value.into());
    }
}

struct Collector;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Collector {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let metadata = attributes.metadata();
        let mut told = Told {
            target: metadata.target().into(),
            level: metadata.level().to_string(),
            name: metadata.name().into(),
            parent: context.span(id).and_then(|span| span.parent()).map(|parent| parent.id().into_u64()),
            fields: HashMap::new(),
        };
        attributes.record(&mut Fields(&mut told.fields));
        // Numbers are used again for spans that are closed.
        let mut all = TOLD.lock().unwrap();
        let before = all.spans.insert(id.into_u64(), Span { told, ..Span::default() });
        assert!(before.is_none_or(|before| before.is_closed));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _context: Context<'_, S>) {
        let mut all = TOLD.lock().unwrap();
        values.record(&mut Fields(&mut all.spans.get_mut(&id.into_u64()).unwrap().told.fields));
    }

    fn on_enter(&self, id: &Id, _context: Context<'_, S>) {
        TOLD.lock().unwrap().spans.get_mut(&id.into_u64()).unwrap().entered += 1;
    }

    fn on_close(&self, id: Id, _context: Context<'_, S>) {
        TOLD.lock().unwrap().spans.get_mut(&id.into_u64()).unwrap().is_closed = true;
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut told = Told {
            target: metadata.target().into(),
            level: metadata.level().to_string(),
            name: metadata.name().into(),
            parent: context.event_span(event).map(|parent| parent.id().into_u64()),
            fields: HashMap::new(),
        };
        event.record(&mut Fields(&mut told.fields));
        TOLD.lock().unwrap().events.push(told);
    }
}

fn subscribe() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing_subscriber::registry().with(Collector).init());
}

/// The spans of a scope of this name, with their numbers.
fn spans(scope: &str) -> Vec<(u64, Span)> {
    let all = TOLD.lock().unwrap();
    let of_scope =
        all.spans.iter().filter(|(_, span)| span.told.fields.get("scope").is_some_and(|of| of == scope));
    of_scope.map(|(id, span)| (*id, span.clone())).collect()
}

/// The one span of a scope of this name.
#[track_caller]
fn one(scope: &str) -> (u64, Span) {
    let mut spans = spans(scope);
    assert_eq!(spans.len(), 1, "{spans:#?}");
    spans.remove(0)
}

/// The events of a target with this value of a field.
fn events(target: &str, field: &str, value: &str) -> Vec<Told> {
    let all = TOLD.lock().unwrap();
    let of_field =
        |event: &&Told| event.target == target && event.fields.get(field).is_some_and(|is| is == value);
    all.events.iter().filter(of_field).cloned().collect()
}

fn id_of(span: &tracing::Span) -> Option<u64> {
    span.id().map(|id| id.into_u64())
}

#[track_caller]
fn assert_fields(told: &Told, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(told.fields.get(*name).map(String::as_str), Some(*value), "{name}: {told:#?}");
    }
}

#[test]
fn a_pass_is_a_span_with_what_it_measured() {
    subscribe();
    let outer = info_span!("build");
    let meet = Barrier::new(2);
    let line = outer.in_scope(|| {
        let mut scope = Scope::builder("a pass").threads(2).open();
        let line = line!() + 1;
        scope.pass("cold").for_each(0..2, |_lane, item| {
            meet.wait();
            tracing::info!(target: "in a lane", item, "linked");
        });
        line.to_string()
    });
    let (id, span) = one("a pass");
    assert_eq!(
        (span.told.name.as_str(), span.told.target.as_str(), span.told.level.as_str()),
        ("pass", "concurrency_probe", "INFO")
    );
    assert_eq!(span.told.parent, id_of(&outer));
    assert!(span.is_closed);
    assert_fields(&span.told, &[("label", "cold"), ("file", file!()), ("line", &line), ("threads", "2")]);
    assert_fields(&span.told, &[("items", "2"), ("completed", "2"), ("max_concurrent", "2")]);
    let ns = |field: &str| span.told.fields[field].parse::<u64>().unwrap();
    assert!(ns("wall_ns") > 0 && ns("busy_ns") > 0);
    // Each of both lanes is on a thread of its own, and what is told there is told in the pass.
    assert_eq!(span.entered, 2);
    for item in ["0", "1"] {
        let [event] = &events("in a lane", "item", item)[..] else { panic!("item {item}") };
        assert_eq!(event.parent, Some(id));
    }
}

/// However a pass ends, its span is closed with what there was.
#[test]
fn a_pass_ends_however_it_ends() {
    type Program = fn(&mut Scope);
    let programs: [(Program, [&str; 2]); 4] = [
        (|scope| scope.pass("p").for_each(0..0, |_lane, _item: u32| ()), ["0", "0"]),
        (|scope| _ = scope.pass("p").try_for_each([1], |_lane, _item| Err::<(), _>("failed")), ["1", "0"]),
        (
            |scope| {
                let pass = scope.pass("p");
                catch_unwind(AssertUnwindSafe(|| pass.for_each([1], |_lane, _item| panic!("for the test"))))
                    .unwrap_err();
            },
            ["1", "0"],
        ),
        (
            |scope| {
                let three = stream::iter((0..3).map(Ok::<_, String>));
                futures::executor::block_on(scope.pass("p").drive(three, |_lane, _item| Ok(()))).unwrap();
            },
            ["3", "3"],
        ),
    ];
    subscribe();
    for (i, (program, [items, completed])) in programs.into_iter().enumerate() {
        let name = format!("ends {i}");
        let mut scope = Scope::open(&name);
        program(&mut scope);
        drop(scope);
        // A worker may have the run of a driven pass a moment longer.
        let span = loop {
            let (_, span) = one(&name);
            if span.is_closed {
                break span;
            }
            std::thread::yield_now();
        };
        assert_fields(&span.told, &[("items", items), ("completed", completed)]);
    }
}

#[test]
fn the_stream_and_the_halves_of_a_lane_are_in_the_span_of_the_pass() {
    subscribe();
    let mut scope = Scope::builder("along").threads(2).open();
    let meet = Barrier::new(2);
    scope.pass("halves").for_each([1], |lane, _item| {
        let half = |side: &'static str| {
            meet.wait();
            tracing::info!(target: "in a half", side, "half");
        };
        lane.join(|_lane| half("left"), |_lane| half("right"));
    });
    let (halves, _) = one("along");
    for side in ["left", "right"] {
        assert_eq!(events("in a half", "side", side)[0].parent, Some(halves));
    }

    let item = stream::poll_fn({
        let mut left = 1;
        move |_| {
            tracing::info!(target: "in a stream", left, "polled");
            let item = (left > 0).then_some(Ok::<_, String>(left));
            left -= 1;
            std::task::Poll::Ready(item)
        }
    });
    futures::executor::block_on(scope.pass("streamed").drive(item, |_lane, _item: i32| Ok(()))).unwrap();
    let (streamed, _) =
        spans("along").into_iter().find(|(_, span)| span.told.fields["label"] == "streamed").unwrap();
    assert_eq!(events("in a stream", "left", "1")[0].parent, Some(streamed));
    // Outside of a pass there is none.
    tracing::info!(target: "in a stream", left = 7, "outside");
    assert_eq!(events("in a stream", "left", "7")[0].parent, None);
}

#[test]
fn an_offload_is_a_span_if_it_is_sent_in_a_scope() {
    async fn sums(n: u32) -> u32 {
        offload(move |_lane| {
            tracing::info!(target: "in an offload", n, "summed");
            n
        })
        .instrument(info_span!("request"))
        .await
    }
    subscribe();
    let scope = Scope::builder("offloads").threads(2).open();
    assert_eq!(futures::executor::block_on(scope.attach(sums(41))), 41);
    let (id, span) = one("offloads");
    assert_eq!(span.told.name, "offload");
    assert_fields(
        &span.told,
        &[("label", "offload"), ("kind", "offload"), ("completed", "1"), ("file", file!())],
    );
    assert_eq!(events("in an offload", "n", "41")[0].parent, Some(id));
    let request = TOLD.lock().unwrap().spans[&span.told.parent.unwrap()].told.name.clone();
    assert_eq!(request, "request");

    assert_eq!(futures::executor::block_on(sums(42)), 42);
    assert_eq!(events("in an offload", "n", "42")[0].parent, None);
    assert_eq!(spans("offloads").len(), 1);
}

#[concurrency_probe(scope = "batches")]
fn link(meet: &Barrier) {
    meet.wait();
    tracing::info!(target: "in a batch", of = "link", "linked");
}

#[test]
fn a_labelled_batch_is_a_span_until_nobody_has_it() {
    subscribe();
    let scope = Scope::open("batches");
    let meet = Barrier::new(2);
    let cold = scope.batch("cold");
    std::thread::scope(|here| {
        for _ in 0..2 {
            let cold = cold.clone();
            let meet = &meet;
            here.spawn(move || cold.run(|| link(meet)));
        }
    });
    let (id, span) = one("batches");
    assert_eq!((span.told.name.as_str(), span.entered, span.is_closed), ("batch", 2, false));
    let attached = cold.attach(async { tracing::info!(target: "in a batch", of = "future", "polled") });
    let handle = scope.handle();
    drop((cold, scope));
    assert!(!one("batches").1.is_closed);
    futures::executor::block_on(attached);
    let span = one("batches").1;
    assert!(span.is_closed);
    assert_fields(
        &span.told,
        &[("label", "cold"), ("calls", "2"), ("max_in_flight", "2"), ("max_concurrent", "2")],
    );
    for of in ["link", "future"] {
        assert!(events("in a batch", "of", of).iter().all(|event| event.parent == Some(id)), "{of}");
    }
    // What has no label is no span.
    handle.run(|| tracing::info!(target: "in a batch", of = "handle", "run"));
    assert_eq!(events("in a batch", "of", "handle")[0].parent, None);
    assert_eq!(spans("batches").len(), 1);
}

#[test]
fn a_finding_is_an_event_when_its_scope_closes() {
    fn run(name: &str, passes: u32) -> Vec<Told> {
        let mut scope = Scope::builder(name).threads(2).quiet().open();
        for package in 0..passes {
            scope.pass("cold").for_each([package], |_lane, _package| ());
        }
        assert_eq!(events("concurrency_probe", "scope", name).len(), 0);
        drop(scope);
        events("concurrency_probe", "scope", name)
    }
    subscribe();
    let found = run("found", 4);
    let [event] = &found[..] else { panic!("{found:#?}") };
    assert_eq!(event.level, "WARN");
    assert_fields(event, &[("kind", "degenerate_passes"), ("file", file!())]);
    assert!(event.fields["message"].contains("4 passes"), "{event:#?}");
    assert!(event.fields["line"].parse::<u32>().is_ok());
    assert_eq!(run("not found", 3).len(), 0);
}

/// A scope for each item tells of it once, and not once for each.
#[test]
fn nested_scopes_are_one_event() {
    subscribe();
    let outer = Scope::builder("nested").quiet().open();
    outer.in_scope(|| (0..5).for_each(|_| drop(Scope::open("nested"))));
    drop(outer);
    let kinds = events("concurrency_probe", "scope", "nested");
    assert_eq!(kinds.len(), 1, "{kinds:#?}");
    assert_fields(&kinds[0], &[("kind", "nested_scope")]);
}

#[concurrency_probe(scope = "quiet calls")]
fn unpack() {}

#[concurrency_probe(scope = "quiet calls", polls)]
async fn download() {
    tokio::task::yield_now().await;
}

/// A call of a probe tells nothing: neither a span nor an event, whatever there is of them.
#[test]
fn calls_tell_nothing() {
    subscribe();
    let scope = Scope::open("quiet calls");
    let span = info_span!("around");
    let around = id_of(&span);
    span.in_scope(|| {
        scope.in_scope(|| (0..100).for_each(|_| unpack()));
        futures::executor::block_on(scope.attach(futures::future::join_all((0..9).map(|_| download()))));
    });
    drop(scope);
    let all = TOLD.lock().unwrap();
    assert!(around.is_some());
    assert_eq!(all.spans.values().filter(|span| span.told.parent == around).count(), 0);
    assert_eq!(all.events.iter().filter(|event| event.parent == around).count(), 0);
}
