//! `Metric` and `Sum`: numbers that a run has.

use crate::nearest::unknown;
use crate::results::Run;
use crate::sample::Sample;
use concurrency_probe::{PassKind, PassReport, Report};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::str::FromStr;

/// A number that a run has: of its process `wall_ns`, `user_ns`, `system_ns`, `peak_bytes` and `involuntary_switches`, of its report `report_ns`,
/// `counts.NAME`, `phases.NAME`, `probes.NAME.FIELD`, `passes.LABEL.FIELD` and `offloads.LABEL.FIELD`. The fields are the keys
/// of a report that have one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metric {
    /// From the start of the process to its end.
    WallNs,
    /// In the process's own code.
    UserNs,
    /// In the system, for the process.
    SystemNs,
    /// The most memory that the process had.
    PeakBytes,
    /// How often the system took a processor from the process before it gave it back by itself.
    InvoluntarySwitches,
    /// From the opening of the scope to its report.
    ReportNs,
    /// A count.
    Count(String),
    /// The time of a phase, in nanoseconds.
    Phase(String),
    /// A field of a probe.
    Probe(String, String),
    /// A field of the passes of a label.
    Pass(String, String),
    /// A field of the offloads of a label. They are rows of a report's `passes` and often have the label of a pass, that in which
    /// they were sent.
    Offload(String, String),
}

const PROCESS: [&str; 6] =
    ["wall_ns", "user_ns", "system_ns", "peak_bytes", "involuntary_switches", "report_ns"];
const PROBE: [&str; 6] = ["calls", "in_flight", "max_in_flight", "max_concurrent", "unattributed", "stolen"];
const PASS: [&str; 9] = [
    "passes",
    "items",
    "completed",
    "max_items",
    "wall_ns",
    "busy_ns",
    "cpu_ns",
    "max_concurrent",
    "threads",
];
const SECTIONS: [&str; 5] = ["counts", "phases", "probes", "passes", "offloads"];

/// The time of the whole process.
impl Default for Metric {
    fn default() -> Self {
        Metric::WallNs
    }
}

impl FromStr for Metric {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let field = |rest: &str, known: &[&str]| -> Result<(String, String), String> {
            match rest.rsplit_once('.').filter(|(name, _)| !name.is_empty()) {
                Some((name, field)) if known.contains(&field) => Ok((name.to_owned(), field.to_owned())),
                Some((_, field)) => Err(unknown("field", field, known.iter().copied())),
                None => Err(format!("`{text}` names no field: there are `{}`", known.join("`, `"))),
            }
        };
        match text.split_once('.') {
            None => Ok(match text {
                "wall_ns" => Metric::WallNs,
                "user_ns" => Metric::UserNs,
                "system_ns" => Metric::SystemNs,
                "peak_bytes" => Metric::PeakBytes,
                "involuntary_switches" => Metric::InvoluntarySwitches,
                "report_ns" => Metric::ReportNs,
                _ => return Err(unknown("metric", text, PROCESS)),
            }),
            Some(("counts", name)) if !name.is_empty() => Ok(Metric::Count(name.into())),
            Some(("phases", name)) if !name.is_empty() => Ok(Metric::Phase(name.into())),
            Some(("probes", rest)) => field(rest, &PROBE).map(|(name, field)| Metric::Probe(name, field)),
            Some(("passes", rest)) => field(rest, &PASS).map(|(label, field)| Metric::Pass(label, field)),
            Some(("offloads", rest)) => {
                field(rest, &PASS).map(|(label, field)| Metric::Offload(label, field))
            }
            Some((section, _)) => Err(unknown("section", section, SECTIONS)),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Metric::WallNs => f.write_str("wall_ns"),
            Metric::UserNs => f.write_str("user_ns"),
            Metric::SystemNs => f.write_str("system_ns"),
            Metric::PeakBytes => f.write_str("peak_bytes"),
            Metric::InvoluntarySwitches => f.write_str("involuntary_switches"),
            Metric::ReportNs => f.write_str("report_ns"),
            Metric::Count(name) => write!(f, "counts.{name}"),
            Metric::Phase(name) => write!(f, "phases.{name}"),
            Metric::Probe(name, field) => write!(f, "probes.{name}.{field}"),
            Metric::Pass(label, field) => write!(f, "passes.{label}.{field}"),
            Metric::Offload(label, field) => write!(f, "offloads.{label}.{field}"),
        }
    }
}

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Metric {
    /// Whether it is a time, which is never the same twice.
    pub fn is_time(&self) -> bool {
        match self {
            Metric::WallNs | Metric::UserNs | Metric::SystemNs | Metric::ReportNs | Metric::Phase(_) => true,
            Metric::PeakBytes | Metric::InvoluntarySwitches | Metric::Count(_) | Metric::Probe(..) => false,
            Metric::Pass(_, field) | Metric::Offload(_, field) => field.ends_with("_ns"),
        }
    }

    /// Whether it is about the process, and not about a report.
    pub fn is_of_process(&self) -> bool {
        use Metric::{InvoluntarySwitches, PeakBytes, SystemNs, UserNs, WallNs};
        matches!(self, WallNs | UserNs | SystemNs | PeakBytes | InvoluntarySwitches)
    }

    /// Whether it is a peak. Of several reports the highest counts, and not their sum.
    pub fn is_peak(&self) -> bool {
        match self {
            Metric::Probe(_, field) | Metric::Pass(_, field) | Metric::Offload(_, field) => {
                field.starts_with("max_") || field == "threads"
            }
            _ => false,
        }
    }

    /// Of several reports.
    fn together(&self, one: f64, other: f64) -> f64 {
        if self.is_peak() { one.max(other) } else { one + other }
    }

    /// The number of a run over all of its reports of a scope: the sum, or the highest peak. Without a scope, all reports must be of one scope.
    ///
    /// # Errors
    ///
    /// As [`Metric::of`], and if there is no such report.
    pub fn total(&self, run: &Run, scope: Option<&str>) -> Result<f64, String> {
        if self.is_of_process() {
            return self.of(&Sample::of_process(run));
        }
        let lines = Sample::of_scope(run, scope)?;
        let first = self.of(&lines[0])?;
        lines[1..].iter().try_fold(first, |value, line| Ok(self.together(value, self.of(line)?)))
    }

    /// The number of a run over all of its reports, of every scope; `None` if no report has it.
    pub fn everywhere(&self, run: &Run) -> Option<f64> {
        if self.is_of_process() {
            return self.of(&Sample::of_process(run)).ok();
        }
        let lines = run.reports().map(|report| Sample { run, report: Some(report) });
        lines.filter_map(|line| self.of(&line).ok()).reduce(|one, other| self.together(one, other))
    }

    /// The number in one line of a run.
    ///
    /// # Errors
    ///
    /// As [`Metric::whole`].
    pub fn of(&self, line: &Sample<'_>) -> Result<f64, String> {
        self.whole(line).map(number)
    }

    /// The same without rounding. A float holds whole numbers up to 2^53 exactly.
    ///
    /// # Errors
    ///
    /// If there is no such number, as a sentence that names the most similar one.
    pub fn whole(&self, line: &Sample<'_>) -> Result<i128, String> {
        let run = line.run;
        let report = || line.report.ok_or_else(|| "it left no report".to_owned());
        let process =
            |value: Option<u64>| value.map(whole).ok_or_else(|| format!("its `{self}` was not measured"));
        match self {
            Metric::WallNs => Ok(whole(run.wall_ns)),
            Metric::UserNs => process(run.user_ns),
            Metric::SystemNs => process(run.system_ns),
            Metric::PeakBytes => process(run.peak_bytes),
            Metric::InvoluntarySwitches => process(run.involuntary_switches),
            Metric::ReportNs => Ok(whole(report()?.wall_ns)),
            Metric::Count(name) => {
                let counts = &report()?.counts;
                let found = counts.get(name).copied();
                found.map(whole).ok_or_else(|| unknown("count", name, counts.keys().map(String::as_str)))
            }
            Metric::Phase(name) => {
                let phases = &report()?.phases;
                // The runtime sums them by name. Another writer may leave several rows.
                let of_name =
                    phases.iter().filter(|phase| phase.name == *name).map(|phase| whole(phase.total_ns));
                of_name
                    .reduce(|sum, time| sum + time)
                    .ok_or_else(|| unknown("phase", name, phases.iter().map(|phase| phase.name.as_str())))
            }
            Metric::Probe(name, field) => probe(report()?, name, field),
            Metric::Pass(label, field) => passes(report()?, PassKind::Pass, label, field),
            Metric::Offload(label, field) => passes(report()?, PassKind::Offload, label, field),
        }
    }
}

fn probe(report: &Report, name: &str, field: &str) -> Result<i128, String> {
    let mut found = report.probes.iter().filter(|probe| probe.name == name);
    let Some(probe) = found.next() else {
        return Err(unknown("probe", name, report.probes.iter().map(|probe| probe.name.as_str())));
    };
    if found.next().is_some() {
        return Err(format!("there are two probes `{name}`: give one of them another name"));
    }
    let unknown_peak = || {
        format!("`{name}` is async, and how many threads ran it is not known: add `polls` to its attribute")
    };
    Ok(whole(match field {
        "calls" => probe.calls,
        "in_flight" => probe.in_flight,
        "max_in_flight" => probe.max_in_flight,
        "unattributed" => probe.unattributed,
        "stolen" => probe.stolen,
        _ => probe.max_concurrent.ok_or_else(unknown_peak)?,
    }))
}

/// Passes of one label at several places count together: times and items are added, and the highest peak counts. The same holds for offloads.
/// Passes and offloads are never added. An offload has the label of the pass that sends it, and would hide that the pass was serial.
fn passes(report: &Report, kind: PassKind, label: &str, field: &str) -> Result<i128, String> {
    let of_kind = |kind| report.passes.iter().filter(move |pass| pass.kind == kind);
    let passes: Vec<&PassReport> = of_kind(kind).filter(|pass| pass.label == label).collect();
    let what = if kind == PassKind::Offload { "offload" } else { "pass" };
    if passes.is_empty() {
        let why = unknown(what, label, of_kind(kind).map(|pass| pass.label.as_str()));
        let (other, section) = match kind {
            PassKind::Offload => (PassKind::Pass, "passes"),
            _ => (PassKind::Offload, "offloads"),
        };
        if of_kind(other).any(|pass| pass.label == label) {
            let label = label.escape_debug();
            return Err(format!("{why}; {section} have this label: `{section}.{label}.{field}`"));
        }
        return Err(why);
    }
    let sum = |value: fn(&PassReport) -> u64| passes.iter().map(|pass| whole(value(pass))).sum::<i128>();
    let max = |value: fn(&PassReport) -> u64| passes.iter().map(|pass| whole(value(pass))).max().unwrap_or(0);
    Ok(match field {
        "passes" => sum(|pass| pass.passes),
        "items" => sum(|pass| pass.items),
        "completed" => sum(|pass| pass.completed),
        "wall_ns" => sum(|pass| pass.wall_ns),
        "busy_ns" => sum(|pass| pass.busy_ns),
        "cpu_ns" => {
            let times: Option<Vec<u64>> = passes.iter().map(|pass| pass.cpu_ns).collect();
            let times = times.ok_or_else(|| format!("the `cpu_ns` of {what} `{label}` was not measured"))?;
            times.into_iter().map(whole).sum()
        }
        "max_items" => max(|pass| pass.max_items),
        "threads" => max(|pass| pass.threads),
        _ => max(|pass| pass.max_concurrent),
    })
}

#[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days, and no count is as large")]
fn number(value: i128) -> f64 {
    value as f64
}

fn whole(value: u64) -> i128 {
    value.into()
}

/// A sum of metrics: `counts.warm + counts.cold - counts.failed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum(Vec<(bool, Metric)>);

impl Sum {
    /// Whether a time is in it.
    pub fn is_time(&self) -> bool {
        self.0.iter().any(|(_, metric)| metric.is_time())
    }

    /// Whether all of it is of the process.
    pub fn is_of_process(&self) -> bool {
        self.0.iter().all(|(_, metric)| metric.is_of_process())
    }

    /// The number in one line of a run.
    ///
    /// # Errors
    ///
    /// As [`Metric::of`].
    pub fn of(&self, line: &Sample<'_>) -> Result<f64, String> {
        self.whole(line).map(number)
    }

    /// The same without rounding.
    ///
    /// # Errors
    ///
    /// As [`Metric::of`].
    pub fn whole(&self, line: &Sample<'_>) -> Result<i128, String> {
        self.0.iter().try_fold(0, |sum, (is_added, metric)| {
            let value = metric.whole(line)?;
            Ok(if *is_added { sum + value } else { sum - value })
        })
    }

    /// The sum over all lines of a run of a scope.
    ///
    /// # Errors
    ///
    /// As [`Metric::total`].
    pub fn total(&self, run: &Run, scope: Option<&str>) -> Result<f64, String> {
        self.0.iter().try_fold(0.0, |sum, (is_added, metric)| {
            let value = metric.total(run, scope)?;
            Ok(if *is_added { sum + value } else { sum - value })
        })
    }
}

impl FromStr for Sum {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut terms = Vec::new();
        let mut is_added = Some(true);
        for word in text.split_whitespace() {
            is_added = match (word, is_added) {
                ("+", None) => Some(true),
                ("-", None) => Some(false),
                (metric, Some(is_added)) => {
                    terms.push((is_added, metric.parse()?));
                    None
                }
                (word, None) => return Err(format!("`{text}` has no ` + ` or ` - ` before `{word}`")),
            };
        }
        if is_added.is_some() {
            return Err(format!(
                "invalid sum `{text}`: expected one like `counts.warm + counts.cold - counts.failed`"
            ));
        }
        Ok(Sum(terms))
    }
}

impl<'de> Deserialize<'de> for Sum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (is_added, metric)) in self.0.iter().enumerate() {
            let sign = if *is_added { " + " } else { " - " };
            write!(f, "{}{metric}", if at == 0 { "" } else { sign })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Metric;

    #[test]
    fn peaks_of_several_reports_are_not_added() {
        let report = |peak: u64| {
            let text = format!(
                r#"{{"schema":"concurrency-probe/1","scope":"s","wall_ns":1,"probes":[{{"name":"p","calls":{peak},"max_in_flight":{peak},"max_concurrent":{peak}}}]}}"#
            );
            crate::ReportLine::parse(text.as_bytes()).unwrap().0
        };
        let run = crate::Run::of("t", 1, 1).with_reports([report(8), report(3)]);
        for (metric, expected) in
            [("probes.p.calls", 11.0), ("probes.p.max_concurrent", 8.0), ("report_ns", 2.0)]
        {
            let metric: Metric = metric.parse().unwrap();
            assert_eq!(metric.total(&run, None), Ok(expected), "{metric}");
            assert_eq!(metric.everywhere(&run), Some(expected), "{metric}");
        }
    }
}
