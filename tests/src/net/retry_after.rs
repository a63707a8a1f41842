//! `Retry-After`: how long a server asks to wait.

use hyper::header::HeaderValue;
use std::time::{Duration, SystemTime};

/// How long to wait from `now` on, by a `Retry-After` header: a number of seconds, or a date (RFC 9110, 10.2.3). A date that
/// is past is no wait. `None` if it is neither; how long is too long is for the caller to say.
pub(super) fn retry_after(header: &HeaderValue, now: SystemTime) -> Option<Duration> {
    let text = header.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{HeaderValue, retry_after};
    use std::time::{Duration, SystemTime};

    #[test]
    fn seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (header, seconds) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:50:07 GMT", Some(30)),
            ("Sun Nov  6 08:50:07 1994", Some(30)),
            ("Sat, 06 Nov 1993 08:49:37 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            let wait = retry_after(&HeaderValue::from_static(header), now);
            assert_eq!(wait, seconds.map(Duration::from_secs), "{header:?}");
        }
    }
}
