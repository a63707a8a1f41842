//! `FetchSettings`: what npm's configuration says of timeouts and retries.

use super::limits::Limits;
use super::npm_config_error::NpmConfigError;
use super::setting::Setting;
use std::time::Duration;

/// No time is longer: npm and pnpm take 0 for no limit, and a timer has one.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What npm's configuration says of timeouts and retries: `fetch-timeout`, `fetch-retries`, `fetch-retry-factor`,
/// `fetch-retry-mintimeout` and `fetch-retry-maxtimeout`, the times in milliseconds
/// (<https://docs.npmjs.com/cli/using-npm/config#fetch-retries>).
#[derive(Clone, Debug, Default)]
pub(super) struct FetchSettings {
    timeout: Option<f64>,
    retries: Option<f64>,
    retry_factor: Option<f64>,
    retry_min: Option<f64>,
    retry_max: Option<f64>,
}

impl FetchSettings {
    /// Adds what no earlier source has set; `false` if the setting is of something else.
    pub(super) fn add(&mut self, setting: &Setting) -> Result<bool, NpmConfigError> {
        let place = match setting.key.as_str() {
            "fetch-timeout" => &mut self.timeout,
            "fetch-retries" => &mut self.retries,
            "fetch-retry-factor" => &mut self.retry_factor,
            "fetch-retry-mintimeout" => &mut self.retry_min,
            "fetch-retry-maxtimeout" => &mut self.retry_max,
            _ => return Ok(false),
        };
        if place.is_none() {
            *place = Some(number(setting)?);
        }
        Ok(true)
    }

    /// Those of `limits` that are set here. A timeout is for how long nothing may come, as it is in pnpm.
    pub(super) fn limits(&self, limits: Limits) -> Limits {
        let timeout = self.timeout.map(|ms| if ms == 0.0 { LONGEST } else { milliseconds(ms) });
        Limits {
            connect: timeout.map_or(limits.connect, |timeout| timeout.min(limits.connect)),
            first_byte: timeout.unwrap_or(limits.first_byte),
            stall: timeout.unwrap_or(limits.stall),
            whole: timeout.map_or(limits.whole, |timeout| timeout.max(limits.whole)),
            retries: self.retries.map_or(limits.retries, whole_number),
            retry_factor: self.retry_factor.unwrap_or(limits.retry_factor),
            retry_min: self.retry_min.map_or(limits.retry_min, milliseconds),
            retry_max: self.retry_max.map_or(limits.retry_max, milliseconds),
            ..limits
        }
    }
}

/// npm passes over what is no number, with a warning that is easily missed; here it is an error.
fn number(setting: &Setting) -> Result<f64, NpmConfigError> {
    let number = setting.defined()?.trim().parse().ok();
    number
        .filter(|number: &f64| number.is_finite() && *number >= 0.0)
        .ok_or_else(|| NpmConfigError::Number { key: setting.key.clone(), origin: setting.origin.clone() })
}

fn milliseconds(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1000.0).unwrap_or(LONGEST).min(LONGEST)
}

/// Half a retry is none.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float saturates")]
fn whole_number(number: f64) -> usize {
    number as usize
}

#[cfg(test)]
mod tests {
    use super::{FetchSettings, LONGEST, Limits, Setting};
    use std::time::Duration;

    fn limits(settings: &[(&str, &str)]) -> Result<Limits, String> {
        let mut fetch = FetchSettings::default();
        for (key, value) in settings {
            let setting = Setting { key: (*key).into(), value: (*value).into(), origin: "project".into() };
            assert_eq!(fetch.add(&setting).map_err(|error| error.to_string())?, key.starts_with("fetch"));
        }
        Ok(fetch.limits(Limits::default()))
    }

    #[test]
    fn what_is_set_counts_and_the_first_of_each() {
        let default = Limits::default();
        let seconds = Duration::from_secs;
        for (settings, expected) in [
            (&[][..], default),
            (&[("registry", "x"), ("maxsockets", "x")], default),
            (&[("fetch-retries", "5"), ("fetch-retries", "x")], Limits { retries: 5, ..default }),
            (&[("fetch-retries", "0")], Limits { retries: 0, ..default }),
            (&[("fetch-retry-factor", "1.5")], Limits { retry_factor: 1.5, ..default }),
            (&[("fetch-retry-mintimeout", "1e3")], Limits { retry_min: seconds(1), ..default }),
            (&[("fetch-retry-maxtimeout", " 2500 ")], Limits { retry_max: seconds(5) / 2, ..default }),
            (
                &[("fetch-timeout", "5000")],
                Limits { connect: seconds(5), first_byte: seconds(5), stall: seconds(5), ..default },
            ),
            (
                &[("fetch-timeout", "900000")],
                Limits { first_byte: seconds(900), stall: seconds(900), whole: seconds(900), ..default },
            ),
            (
                &[("fetch-timeout", "0")],
                Limits { first_byte: LONGEST, stall: LONGEST, whole: LONGEST, ..default },
            ),
            (&[("fetch-retry-mintimeout", "1e300")], Limits { retry_min: LONGEST, ..default }),
        ] {
            assert_eq!(limits(settings), Ok(expected), "{settings:?}");
        }
        for value in ["", "ten", "-1", "NaN", "inf", "10s"] {
            let error = limits(&[("fetch-retries", value)]).unwrap_err();
            assert_eq!(
                error,
                "`fetch-retries` of project is no number; expected one that is not negative, times in \
                 milliseconds",
                "{value:?}"
            );
        }
    }
}
