//! How large packages are.

use rand::Rng;
use rand::seq::SliceRandom;
use statrs::distribution::{ContinuousCDF, Normal};

/// The mean of the tarballs of npm's packages as pnpm's benchmark fixture has them, in bytes.
const MEAN_TARBALL: f64 = 69_000.0;
/// The spread of their logarithms: half of them have less than a fifth of the mean.
const TARBALL_SIGMA: f64 = 1.9;
/// The spread of the numbers of files: half of the packages have 8 or less, and the mean is about 20.
const FILES_SIGMA: f64 = 1.35;
const MEDIAN_FILES: f64 = 8.0;
const MAX_FILES: f64 = 400.0;

/// How large a package is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    /// The bytes of its tarball, about.
    pub(super) tarball: usize,
    /// Its files.
    pub(super) files: usize,
}

/// The shapes of so many packages: the quantiles of the distributions, shuffled. Drawn at random, the few large ones would
/// make the mean another one for each seed.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]
pub(super) fn shapes(packages: usize, random: &mut impl Rng) -> Vec<Shape> {
    let Ok(normal) = Normal::new(0.0, 1.0) else { return Vec::new() };
    let quantiles = || (0..packages).map(|at| normal.inverse_cdf((at as f64 + 0.5) / packages as f64));
    let mut sizes: Vec<f64> = quantiles().map(|z| (TARBALL_SIGMA * z).exp()).collect();
    let scale = MEAN_TARBALL * packages as f64 / sizes.iter().sum::<f64>();
    for size in &mut sizes {
        *size *= scale;
    }
    let mut files: Vec<f64> =
        quantiles().map(|z| (MEDIAN_FILES * (FILES_SIGMA * z).exp()).clamp(2.0, MAX_FILES)).collect();
    sizes.shuffle(random);
    files.shuffle(random);
    let pairs = sizes.into_iter().zip(files);
    pairs.map(|(size, files)| Shape { tarball: size as usize, files: files as usize }).collect()
}
