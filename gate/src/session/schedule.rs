//! In which order targets are run.

use concurrency_probe_gate::TargetConfig;

/// The targets of a round. Every other round goes backwards (A B B A), so that a machine that becomes slower all the time is as slow for one
/// target as for the other.
pub(super) fn of_round(targets: &[TargetConfig], round: u32) -> Vec<&TargetConfig> {
    let mut targets: Vec<_> = targets.iter().collect();
    if round.is_multiple_of(2) {
        targets.reverse();
    }
    targets
}
