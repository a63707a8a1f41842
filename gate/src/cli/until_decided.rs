//! `--until-decided`: more and more rounds, until every rule is decided.

use crate::session::Enough;
use concurrency_probe_gate::{Config, Design, Results, Verdict, judge_at_look};

/// Looks at the results after 6, 12, 24, .. rounds, and ends when every rule is decided.
#[derive(Debug)]
pub(super) struct UntilDecided<'a> {
    pub(super) config: &'a Config,
    pub(super) baseline: Option<&'a Results>,
}

impl Enough for UntilDecided<'_> {
    fn next_look(&self, rounds: u32) -> u32 {
        Design::runs_of_look(look_of(rounds) + 1).min(MOST_ROUNDS)
    }

    fn is_enough(&self, results: &Results, rounds: u32) -> bool {
        let judged = judge_at_look(self.config, results, self.baseline, look_of(rounds));
        // More rounds do not help a rule without data.
        judged.iter().all(|judged| !matches!(judged.verdict, Verdict::CannotTell { .. }))
    }
}

/// As many as `--runs` may ask for.
const MOST_ROUNDS: u32 = 10_000;

/// The number of the last look after so many rounds; 0 before the first.
pub(super) fn look_of(rounds: u32) -> u32 {
    let is_begun = |look: &u32| Design::runs_of_look(*look) <= rounds;
    let looks = u32::try_from((1..).take_while(is_begun).take(20).count()).unwrap_or(0);
    // The last look is at the limit, which is not a power of two times 6.
    if rounds == MOST_ROUNDS { looks + 1 } else { looks }
}

#[cfg(test)]
mod tests {
    use super::{UntilDecided, look_of};
    use crate::session::Enough;
    use concurrency_probe_gate::Config;
    use std::path::Path;

    #[test]
    fn each_look_is_at_twice_as_many_rounds() {
        let config = Config::parse("", Path::new("gates.toml")).unwrap();
        let until = UntilDecided { config: &config, baseline: None };
        let mut rounds = 0;
        let mut looks = Vec::new();
        while until.next_look(rounds) > rounds {
            rounds = until.next_look(rounds);
            looks.push((look_of(rounds), rounds));
        }
        assert_eq!(looks[..3], [(1, 6), (2, 12), (3, 24)]);
        assert_eq!(looks[10..], [(11, 6144), (12, 10_000)]);
    }
}
