//! Statistics of samples of times. README says what they assume, under "How certain it is".

mod autocorrelation;
mod blocks;
mod design;
mod interval;
mod outliers;

pub(crate) use autocorrelation::autocorrelation;
pub(crate) use blocks::Placed;
pub use design::{Design, Statistic};
pub use interval::{FEWEST, Interval};
pub(crate) use outliers::outliers;
