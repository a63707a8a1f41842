//! `Sizes`: how large packages and their packuments are, on average.

/// How large packages and their packuments are, on average. Sizes are spread as those of npm's registry are, whatever the average: most
/// are small, and a few very large.
///
/// `cargo run --release -p testbed --example npm_shape -- pnpm-lock.yaml` measures both for the packages of any lockfile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    /// Bytes of a tarball.
    pub(super) tarball: f64,
    /// Bytes of a packument in its short form.
    pub(super) packument: f64,
}

impl Sizes {
    /// Those of npm's registry.
    ///
    /// A tarball has 69 kB, as in the fixture of pnpm's own benchmark. A packument has 100 kB in its short form, not compressed: of the 1521
    /// that a project of Next.js, Jest, webpack and Storybook needed in November 2026, the average was 146 kB with the largest one (21 MB)
    /// and the median 32 kB. pnpm's Rust client asked for them without compression when the bug was found
    /// (<https://github.com/pnpm/pnpm/issues/12169>).
    pub const NPM: Sizes = Sizes { tarball: 69_000.0, packument: 100_000.0 };

    /// A part of these: what is fetched, parsed and unpacked takes as many times less.
    #[must_use]
    pub fn divided_by(self, divisor: u16) -> Self {
        let divisor = f64::from(divisor.max(1));
        Sizes { tarball: self.tarball / divisor, packument: self.packument / divisor }
    }
}
