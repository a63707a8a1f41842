//! How large packages are.

use super::Sizes;
use rand::Rng;
use rand::seq::SliceRandom;
use statrs::distribution::{ContinuousCDF, Normal};

/// The spread of their logarithms: half of them have less than a fifth of the mean.
const TARBALL_SIGMA: f64 = 1.9;
/// The spread of the numbers of files: half of the packages have 8 or less, and the mean is about 20.
const FILES_SIGMA: f64 = 1.35;
const MEDIAN_FILES: f64 = 8.0;
const MAX_FILES: f64 = 400.0;
/// The spread of the logarithms of packuments: half of them have less than a third of the mean, and of a thousand one has megabytes. Of the mean
/// of 100 kB ([`Sizes::NPM`]) it gives a median of 30 kB; 32 kB were measured. The spread that was measured is 1.46: the few largest are not as
/// log-normal has them, and make the mean.
const PACKUMENT_SIGMA: f64 = 1.55;

/// How large a package is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    /// The bytes of its tarball, about.
    pub(super) tarball: usize,
    /// Its files.
    pub(super) files: usize,
    /// The bytes of its packument, about.
    pub(super) packument: usize,
}

/// The shapes of so many packages: the quantiles of the distributions, shuffled. Drawn at random, the few large ones would
/// make the mean another one for each seed.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]
pub(super) fn shapes(packages: usize, sizes: Sizes, random: &mut impl Rng) -> Vec<Shape> {
    let Ok(normal) = Normal::new(0.0, 1.0) else { return Vec::new() };
    let quantiles = || (0..packages).map(|at| normal.inverse_cdf((at as f64 + 0.5) / packages as f64));
    let log_normal = |mean: f64, sigma: f64| -> Vec<f64> {
        let sizes: Vec<f64> = quantiles().map(|z| (sigma * z).exp()).collect();
        let scale = mean * packages as f64 / sizes.iter().sum::<f64>();
        sizes.into_iter().map(|size| size * scale).collect()
    };
    let mut tarballs = log_normal(sizes.tarball, TARBALL_SIGMA);
    let mut packuments = log_normal(sizes.packument, PACKUMENT_SIGMA);
    let mut files: Vec<f64> =
        quantiles().map(|z| (MEDIAN_FILES * (FILES_SIGMA * z).exp()).clamp(2.0, MAX_FILES)).collect();
    tarballs.shuffle(random);
    files.shuffle(random);
    packuments.shuffle(random);
    let all = tarballs.into_iter().zip(files).zip(packuments);
    all.map(|((tarball, files), packument)| Shape {
        tarball: tarball as usize,
        files: files as usize,
        packument: packument as usize,
    })
    .collect()
}
