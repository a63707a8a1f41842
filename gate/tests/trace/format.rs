//! `Read`: a trace as Perfetto reads it, or why it would not, or only in part.
//!
//! The keys are those of the format's description, <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Something that took time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) process: String,
    pub(crate) category: String,
    pub(crate) name: String,
    /// The name of its thread, or the id of its async track.
    pub(crate) track: String,
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) args: Map<String, Value>,
}

/// A trace, as it is shown.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// Names, in the order of their sort indices.
    pub(crate) processes: Vec<String>,
    /// On threads.
    pub(crate) slices: Vec<Slice>,
    /// On async tracks.
    pub(crate) asyncs: Vec<Slice>,
    /// By process and name.
    pub(crate) counters: BTreeMap<(String, String), Vec<(u64, u64)>>,
    /// By process.
    pub(crate) instants: Vec<(String, String, u64)>,
    /// By process.
    pub(crate) labels: Vec<(String, String)>,
}

impl Read {
    /// The slices of a category.
    pub(crate) fn of(&self, category: &str) -> Vec<&Slice> {
        self.slices.iter().chain(&self.asyncs).filter(|slice| slice.category == category).collect()
    }

    /// The most that a counter came to, in any process.
    pub(crate) fn most(&self, name: &str) -> u64 {
        let of_name = self.counters.iter().filter(|((_, counter), _)| counter == name);
        of_name.flat_map(|(_, values)| values).map(|(_, value)| *value).max().unwrap_or(0)
    }
}

/// How many slices begin before another one has ended that began before, in one process.
pub(crate) fn overlaps(slices: &[&Slice]) -> usize {
    let mut slices: Vec<_> = slices.iter().filter(|slice| slice.from < slice.to).collect();
    slices.sort_by_key(|slice| (&slice.process, slice.from, slice.to));
    let mut end: (&str, u64) = ("", 0);
    let mut count = 0;
    for slice in slices {
        if end.0 != slice.process {
            end = (&slice.process, 0);
        }
        count += usize::from(slice.from < end.1);
        end.1 = end.1.max(slice.to);
    }
    count
}

/// Reads a trace, and complains of everything in it that is not in the format.
pub(crate) fn read(trace: &Value) -> Result<Read, String> {
    let unit = trace["displayTimeUnit"].as_str();
    if !matches!(unit, Some("ms" | "ns")) {
        return Err(format!("displayTimeUnit is {unit:?}"));
    }
    let events = trace["traceEvents"].as_array().ok_or("no array of traceEvents")?;
    let events = events.iter().map(Event::of).collect::<Result<Vec<_>, _>>()?;
    let names = Names::of(&events)?;
    let mut read = Read { processes: names.processes()?, ..Read::default() };
    // What is of one time stays in the order of the file.
    let mut in_time: Vec<&Event<'_>> = events.iter().filter(|event| event.ph != "M").collect();
    in_time.sort_by_key(|event| event.ts);
    let mut open: BTreeMap<(u64, &str, &str), Vec<Slice>> = BTreeMap::new();
    let mut ends: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for event in in_time {
        let process = names.process(event)?;
        let slice = |track: &str, to| Slice {
            process: process.clone(),
            category: event.cat.into(),
            name: event.name.into(),
            track: track.into(),
            from: event.ts,
            to,
            args: event.args.clone(),
        };
        match event.ph {
            "X" => {
                let to = event.ts.saturating_add(event.dur);
                let ends = ends.entry(event.tid).or_default();
                ends.retain(|end| *end > event.ts);
                if ends.last().is_some_and(|end| to > *end) {
                    return Err(format!("slice {} overlaps another one of thread {}", event.name, event.tid));
                }
                ends.push(to);
                read.slices.push(slice(names.thread(event)?, to));
            }
            "b" => open.entry((event.pid, event.cat, event.id)).or_default().push(slice(event.id, 0)),
            "e" => {
                let begun = open.entry((event.pid, event.cat, event.id)).or_default().pop();
                let begun = begun.ok_or_else(|| format!("{} ends and did not begin", event.name))?;
                if begun.name != event.name {
                    return Err(format!("{} ends while {} is open", event.name, begun.name));
                }
                read.asyncs.push(Slice { to: event.ts, ..begun });
            }
            "C" => {
                for (key, value) in &event.args {
                    let value = value.as_u64().ok_or_else(|| format!("counter {} is {value}", event.name))?;
                    let values = read.counters.entry((process.clone(), format!("{} {key}", event.name)));
                    let values = values.or_default();
                    if values.last().is_some_and(|(at, _)| *at == event.ts) {
                        return Err(format!("counter {} has two values at {}", event.name, event.ts));
                    }
                    values.push((event.ts, value));
                }
            }
            _ => read.instants.push((process, event.name.into(), event.ts)),
        }
    }
    if let Some(slice) = open.into_values().flatten().next() {
        return Err(format!("{} begins and does not end", slice.name));
    }
    for event in events.iter().filter(|event| event.name == "process_labels") {
        read.labels.push((names.process(event)?, text(&event.args, "labels")?.into()));
    }
    Ok(read)
}

/// An event, with what its kind needs.
struct Event<'a> {
    ph: &'a str,
    name: &'a str,
    cat: &'a str,
    id: &'a str,
    pid: u64,
    tid: u64,
    ts: u64,
    dur: u64,
    args: Map<String, Value>,
}

impl<'a> Event<'a> {
    fn of(event: &'a Value) -> Result<Self, String> {
        let event = event.as_object().ok_or("an event is no object")?;
        let ph = text(event, "ph")?;
        let needs: &[&str] = match ph {
            "X" => &["cat", "tid", "ts", "dur"],
            "b" | "e" => &["cat", "id2", "ts"],
            "C" => &["ts", "args"],
            "i" => &["s", "tid", "ts"],
            "M" => &["tid", "args"],
            _ => return Err(format!("ph {ph} is not used")),
        };
        if let Some(key) = needs.iter().find(|key| !event.contains_key(**key)) {
            return Err(format!("an event of ph {ph} has no {key}"));
        }
        let known = ["ph", "name", "cat", "id2", "pid", "tid", "ts", "dur", "s", "args"];
        if let Some(key) = event.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(format!("an event has a key {key}"));
        }
        let optional_text = |key: &str| if event.contains_key(key) { text(event, key) } else { Ok("") };
        let time = |key: &str| match event.get(key) {
            None => Ok::<u64, String>(0),
            Some(micros) => {
                let micros = micros.as_f64().filter(|micros| *micros >= 0.0);
                let micros = micros.ok_or_else(|| format!("{key} is no time: {event:?}"))?;
                // As Perfetto does: it cuts off what is behind the point.
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as it does")]
                let ns = (micros * 1000.0) as u64;
                Ok(ns)
            }
        };
        let number = |key: &str| match event.get(key) {
            None => Ok(0),
            Some(number) => {
                let number = number.as_u64().filter(|number| (1..=u64::from(u32::MAX)).contains(number));
                number.ok_or_else(|| format!("{key} is no number of 32 bits from 1: {event:?}"))
            }
        };
        if ph == "i" && !matches!(text(event, "s")?, "g" | "p" | "t") {
            return Err("the scope of an instant is g, p or t".into());
        }
        let args = match event.get("args") {
            None => Map::new(),
            Some(args) => args.as_object().cloned().ok_or("args are no object")?,
        };
        if ph == "C" && args.is_empty() {
            return Err("a counter counts nothing".into());
        }
        // In its process; an `id` would be a track beside all processes.
        let id = match event.get("id2") {
            None => "",
            Some(id) => id.get("local").and_then(Value::as_str).ok_or("id2 is not local")?,
        };
        if !event.contains_key("pid") {
            return Err(format!("an event of ph {ph} has no pid"));
        }
        Ok(Event {
            ph,
            name: Some(text(event, "name")?)
                .filter(|name| !name.is_empty())
                .ok_or("an event has an empty name")?,
            cat: optional_text("cat")?,
            id,
            pid: number("pid")?,
            tid: number("tid")?,
            ts: time("ts")?,
            dur: time("dur")?,
            args,
        })
    }
}

fn text<'a>(event: &'a Map<String, Value>, key: &str) -> Result<&'a str, String> {
    event.get(key).and_then(Value::as_str).ok_or_else(|| format!("{key} is no text: {event:?}"))
}

/// How processes and threads are called.
#[derive(Default)]
struct Names {
    processes: BTreeMap<u64, String>,
    orders: BTreeMap<u64, u64>,
    threads: BTreeMap<u64, (u64, String)>,
}

impl Names {
    fn of(events: &[Event<'_>]) -> Result<Self, String> {
        let mut names = Names::default();
        for event in events.iter().filter(|event| event.ph == "M") {
            let twice = match event.name {
                "process_name" => {
                    names.processes.insert(event.pid, text(&event.args, "name")?.into()).map(drop)
                }
                // Perfetto names a thread by its number alone.
                "thread_name" => {
                    let name = text(&event.args, "name")?.to_owned();
                    names.threads.insert(event.tid, (event.pid, name)).map(drop)
                }
                "process_sort_index" | "thread_sort_index" => {
                    let index =
                        event.args.get("sort_index").and_then(Value::as_u64).ok_or("no sort_index")?;
                    (event.name == "process_sort_index").then(|| names.orders.insert(event.pid, index));
                    None
                }
                "process_labels" => None,
                other => return Err(format!("metadata {other} is not in the format")),
            };
            if twice.is_some() {
                return Err(format!("{} of {} {} is there twice", event.name, event.pid, event.tid));
            }
        }
        Ok(names)
    }

    fn processes(&self) -> Result<Vec<String>, String> {
        let mut indices = BTreeSet::new();
        let mut sorted = Vec::new();
        for (pid, name) in &self.processes {
            let index = self.orders.get(pid).ok_or_else(|| format!("process {pid} has no sort index"))?;
            if !indices.insert(index) {
                return Err(format!("two processes have the sort index {index}"));
            }
            sorted.push((index, name.clone()));
        }
        sorted.sort();
        Ok(sorted.into_iter().map(|(_, name)| name).collect())
    }

    fn process(&self, event: &Event<'_>) -> Result<String, String> {
        self.processes.get(&event.pid).cloned().ok_or_else(|| format!("process {} has no name", event.pid))
    }

    fn thread(&self, event: &Event<'_>) -> Result<&str, String> {
        match self.threads.get(&event.tid) {
            Some((pid, name)) if *pid == event.pid => Ok(name),
            Some((pid, _)) => Err(format!("thread {} is of process {pid}", event.tid)),
            None => Err(format!("thread {} has no name", event.tid)),
        }
    }
}
