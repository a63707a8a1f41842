//! Noise of known kinds: the machine that a benchmark runs on.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// What disturbs the times of runs. Each is a factor of the time, as the logarithm; where it says independent, of each run by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noise {
    /// Independent and normal, of 3.5 %, so that a pair has 5 %.
    Normal,
    /// Independent, by Student's distribution with three degrees of freedom: now and then far out, on both sides.
    HeavyTailed,
    /// Independent and normal, and one run in twenty takes three to five times as long.
    Spiked,
    /// Normal, and each run is half a per cent slower than the one before: a machine that becomes warm.
    Drifting,
    /// What disturbs a target resembles what disturbed it a round before (0.7): a neighbour that comes and goes.
    Autocorrelated,
}

impl Noise {
    pub(crate) const ALL: [Noise; 5] =
        [Noise::Normal, Noise::HeavyTailed, Noise::Spiked, Noise::Drifting, Noise::Autocorrelated];

    /// Whether rounds are independent of each other, and alike: what the intervals assume.
    pub(crate) fn is_as_assumed(self) -> bool {
        self != Noise::Autocorrelated
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Noise::Normal => "normal",
            Noise::HeavyTailed => "heavy-tailed",
            Noise::Spiked => "spiked",
            Noise::Drifting => "drifting",
            Noise::Autocorrelated => "autocorrelated",
        }
    }
}

/// The standard deviation of a run.
const RUN: f64 = 0.035_355;

/// A machine: the disturbance of one run after another, of two targets.
pub(crate) struct Machine {
    noise: Noise,
    runs: u32,
    last: [f64; 2],
}

impl Machine {
    pub(crate) fn new(noise: Noise) -> Self {
        Machine { noise, runs: 0, last: [0.0; 2] }
    }

    /// The logarithm of what the next run of a target takes longer.
    pub(crate) fn next(&mut self, target: usize, random: &mut ChaCha8Rng) -> f64 {
        self.runs += 1;
        let normal = normal(random);
        match self.noise {
            Noise::HeavyTailed => {
                let chi: f64 = (0..3).map(|_| self::normal(random).powi(2)).sum();
                // Its variance is three.
                RUN * normal / (chi / 3.0).sqrt() / 3.0_f64.sqrt()
            }
            Noise::Spiked if random.random::<f64>() < 0.05 => random.random_range(3.0..5.0_f64).ln(),
            Noise::Normal | Noise::Spiked => RUN * normal,
            Noise::Drifting => 0.005 * f64::from(self.runs) + RUN * normal,
            Noise::Autocorrelated => {
                let last = &mut self.last[target];
                *last = 0.7 * *last + (1.0 - 0.7_f64.powi(2)).sqrt() * RUN * normal;
                *last
            }
        }
    }
}

/// The sum of twelve is nearly normal.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0
}
