//! `Link`: the network link of one client.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// What a link is like. The default one adds nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LinkProfile {
    /// The time of a round trip, at most an hour. 0: none.
    pub latency: Duration,
    /// Bits a second from the server to the client, at least 1. `None`: no limit.
    pub bandwidth_bits_per_second: Option<u64>,
    /// By which share of `latency`, 0.0 to 1.0, a round trip may be shorter or longer.
    pub jitter: f64,
    /// What the jitter is drawn from: that of the nth round trip of the kth connection is always the same.
    pub seed: u64,
}

/// Why a [`LinkProfile`] describes no link.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum InvalidProfile {
    /// The latency is over an hour.
    #[error("a latency of {} s is too much for a link: expected at most an hour", .0.as_secs())]
    Latency(Duration),
    /// The bandwidth is 0.
    #[error(
        "a bandwidth of 0 lets nothing through: expected at least 1 bit per second, or none for no limit"
    )]
    Bandwidth,
    /// The jitter is no share.
    #[error("a jitter of {0} is no share of the latency: expected 0.0 to 1.0")]
    Jitter(f64),
}

/// The network link of one client: a latency, and a bandwidth that all of its connections share.
///
/// - A connect costs one round trip.
/// - Each request does too: the first bytes (or the end) that are read after a write come one round trip after they were
///   there. What follows them is not late again; a round trip is paid once, as it is on a real link.
/// - Received bytes are delivered when the bandwidth has paid for them, the last ones too. They are paid in turns of about
///   1 ms, so that connections share the link evenly.
/// - Sent bytes are free: an installer sends next to nothing. So is an error of the connection.
///
/// Time is tokio's, so a test with a paused clock measures it exactly. Timers are late, by up to 1 ms and more on a busy
/// machine; a connection that has more to deliver loses nothing by that, because its next bytes are paid from where the
/// last ones were paid, not from when it woke. It is owed at most 100 ms, about what the receive buffer of a socket holds
/// on a link of 500 Mbit/s; a link that was idle is owed nothing.
#[derive(Clone, Debug)]
pub struct Link(Arc<State>);

#[derive(Debug)]
struct State {
    profile: LinkProfile,
    connections: AtomicU64,
    /// Until when the link carries what is under way.
    free_at: Mutex<Option<Instant>>,
}

impl Link {
    /// How long a connection may be late without losing throughput.
    const OWED: Duration = Duration::from_millis(100);

    /// A link like this.
    ///
    /// # Errors
    ///
    /// If a number of the profile is out of its range.
    pub fn new(profile: LinkProfile) -> Result<Self, InvalidProfile> {
        if profile.latency > Duration::from_secs(3600) {
            return Err(InvalidProfile::Latency(profile.latency));
        }
        if profile.bandwidth_bits_per_second == Some(0) {
            return Err(InvalidProfile::Bandwidth);
        }
        if !(0.0..=1.0).contains(&profile.jitter) {
            return Err(InvalidProfile::Jitter(profile.jitter));
        }
        Ok(Link(Arc::new(State { profile, connections: AtomicU64::new(0), free_at: Mutex::new(None) })))
    }

    /// What it is like.
    pub fn profile(&self) -> LinkProfile {
        self.0.profile
    }

    /// The round trips of the next connection.
    pub(super) fn trips(&self) -> Trips {
        let mut random = ChaCha8Rng::seed_from_u64(self.0.profile.seed);
        // Relaxed, because it only numbers.
        random.set_stream(self.0.connections.fetch_add(1, Ordering::Relaxed));
        Trips { latency: self.0.profile.latency, jitter: self.0.profile.jitter, random }
    }

    /// Whether the next bytes need not be held back, given whether they are an answer.
    pub(super) fn is_free(&self, is_answer: bool) -> bool {
        self.0.profile.bandwidth_bits_per_second.is_none() && (!is_answer || self.0.profile.latency.is_zero())
    }

    /// How many bytes a connection pays at once: what the link carries in 1 ms, at least a TCP segment (or a slow link
    /// would wake for a few bytes) and at most `max`.
    pub(super) fn turn(&self, max: usize) -> usize {
        let bytes = self.0.profile.bandwidth_bits_per_second.map_or(u64::MAX, |bits| bits / 8_000);
        usize::try_from(bytes).unwrap_or(max).clamp(1460, max)
    }

    /// Pays for bytes that could be sent since `since`, and returns when they are there. What is paid here occupies the
    /// link for itself: no two payments overlap, so that all of them together never exceed the bandwidth.
    pub(super) fn pay(&self, bytes: usize, since: Instant) -> Instant {
        let Some(bits_per_second) = self.0.profile.bandwidth_bits_per_second else { return since };
        let nanos = (bytes as u128 * 8_000_000_000).div_ceil(u128::from(bits_per_second));
        let takes = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        let now = Instant::now();
        let earliest = since.max(now.checked_sub(Self::OWED).unwrap_or(now));
        let mut free_at = self.0.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let start = free_at.map_or(earliest, |free_at| free_at.max(earliest));
        *free_at.insert(start + takes)
    }
}

/// The round trips of one connection, one after another.
#[derive(Debug)]
pub(super) struct Trips {
    latency: Duration,
    jitter: f64,
    random: ChaCha8Rng,
}

impl Trips {
    /// How long the next one takes.
    pub(super) fn next_trip(&mut self) -> Duration {
        // 53 bits are what an `f64` holds; drawn without jitter too, so that the nth draw is that of the nth trip.
        #[allow(clippy::cast_precision_loss, reason = "53 bits are exact")]
        let share = (self.random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        self.latency.mul_f64(1.0 + self.jitter * (2.0 * share - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{InvalidProfile, Link, LinkProfile};
    use std::time::Duration;

    #[test]
    fn what_is_a_profile_and_what_is_not() {
        let fine = LinkProfile::default();
        let hour = Duration::from_secs(3600);
        for (profile, error) in [
            (fine, None),
            (LinkProfile { latency: hour, jitter: 1.0, bandwidth_bits_per_second: Some(1), seed: 7 }, None),
            (LinkProfile { latency: hour * 2, ..fine }, Some(InvalidProfile::Latency(hour * 2))),
            (LinkProfile { bandwidth_bits_per_second: Some(0), ..fine }, Some(InvalidProfile::Bandwidth)),
            (LinkProfile { jitter: -0.1, ..fine }, Some(InvalidProfile::Jitter(-0.1))),
            (LinkProfile { jitter: 1.1, ..fine }, Some(InvalidProfile::Jitter(1.1))),
        ] {
            assert_eq!(Link::new(profile).err(), error, "{profile:?}");
        }
        assert!(Link::new(LinkProfile { jitter: f64::NAN, ..fine }).is_err());
    }

    #[test]
    fn a_trip_is_a_function_of_the_seed_the_connection_and_its_number() {
        let latency = Duration::from_millis(100);
        let trips = |seed: u64, jitter: f64| {
            let link =
                Link::new(LinkProfile { latency, jitter, seed, ..LinkProfile::default() }).expect("valid");
            let mut connections = [link.trips(), link.trips(), link.trips()];
            // Round-robin: what one connection draws must not move what another one gets.
            let draws: Vec<_> = (0..12).map(|n| connections[n % 3].next_trip()).collect();
            draws
        };
        assert_eq!(trips(1, 0.5), trips(1, 0.5));
        assert_ne!(trips(1, 0.5), trips(2, 0.5));
        assert!(trips(1, 0.0).iter().all(|trip| *trip == latency));
        let jittered = trips(1, 0.5);
        assert!(jittered.iter().all(|trip| (latency / 2..=latency * 3 / 2).contains(trip)), "{jittered:?}");
        let link =
            Link::new(LinkProfile { latency, jitter: 0.5, seed: 1, ..LinkProfile::default() }).unwrap();
        let mut first = link.trips();
        let alone: Vec<_> = (0..4).map(|_| first.next_trip()).collect();
        assert_eq!(alone, jittered.into_iter().step_by(3).collect::<Vec<_>>());
    }
}
