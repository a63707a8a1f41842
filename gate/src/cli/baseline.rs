//! The baseline of two commits that are compared. `run` made it, so its targets have no sides yet.

use concurrency_probe_gate::{Config, Results, Side};

/// The results as those of one side. Results of `compare` have sides already.
pub(super) fn of_side(mut baseline: Results, config: &Config, side: Side) -> Results {
    let is_plain = |name: &str| config.targets.iter().any(|target| target.name == name);
    for run in baseline.runs.iter_mut().filter(|run| is_plain(&run.target)) {
        run.target = side.of(&run.target);
    }
    if let Some(made) = &mut baseline.made {
        let targets = std::mem::take(&mut made.targets);
        let named = |name: String| if is_plain(&name) { side.of(&name) } else { name };
        made.targets = targets.into_iter().map(|(name, identity)| (named(name), identity)).collect();
    }
    baseline
}
