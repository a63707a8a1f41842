//! `Shaped`: a connection of a shaped link.

use super::link::{Link, Trips};
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use std::io::{self, IoSlice};
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// The most bytes that are paid in one turn.
const MAX_TURN: usize = 16 * 1024;

/// For how long a server that has more to send may leave the connection empty: at 1 Gbit/s a socket's buffer is empty sooner
/// than a timer wakes the reader, and the server refills it only then.
const REFILL: Duration = Duration::from_millis(1);

/// A connection of a [`Link`]: what is written to it goes on immediately, what is read from it comes when the link has brought
/// it. See [`Link::connect`].
#[derive(Debug)]
pub struct Shaped<T> {
    inner: T,
    link: Link,
    trips: Trips,
    /// Whether something was written since the last read, so that the next one is an answer.
    is_asked: bool,
    /// Until when the bytes before were paid, if there may have been more of them ever since.
    backlog: Option<Instant>,
    /// Since when the server has left the connection empty.
    empty_since: Option<Instant>,
    under_way: UnderWay,
    /// Bytes that are under way, and whatever of the buffer is not in use.
    buffer: Box<[u8]>,
    /// Which of them are not delivered yet. Empty and under way: the end of the stream.
    bytes: Range<usize>,
    timer: Option<Pin<Box<Sleep>>>,
}

/// What is between the server and the client.
#[derive(Clone, Copy, Debug, PartialEq)]
enum UnderWay {
    /// Nothing.
    Nothing,
    /// Bytes whose round trip ends then; they are not paid yet, because a link that waits is free for others.
    Trip(Instant),
    /// Bytes that are paid, and there then.
    Paid(Instant),
}

impl Link {
    /// Makes a connection of this link of whatever `connecting` yields, one round trip after it did. The time of a
    /// connect that fails is the same.
    ///
    /// # Errors
    ///
    /// Those of `connecting`.
    pub async fn connect<T, E>(
        &self,
        connecting: impl Future<Output = Result<T, E>>,
    ) -> Result<Shaped<T>, E> {
        let mut trips = self.trips();
        let stream = connecting.await;
        let trip = trips.next_trip();
        if !trip.is_zero() {
            tokio::time::sleep(trip).await;
        }
        Ok(Shaped::new(stream?, self.clone(), trips))
    }
}

impl<T> Shaped<T> {
    pub(super) fn new(inner: T, link: Link, trips: Trips) -> Self {
        Shaped {
            inner,
            link,
            trips,
            is_asked: false,
            backlog: None,
            empty_since: None,
            under_way: UnderWay::Nothing,
            buffer: Box::default(),
            bytes: 0..0,
            timer: None,
        }
    }

    /// Ready once the clock is there.
    fn poll_until(&mut self, cx: &mut Context<'_>, until: Instant) -> Poll<()> {
        if until <= Instant::now() {
            return Poll::Ready(());
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if timer.deadline() != until {
            timer.as_mut().reset(until);
        }
        timer.as_mut().poll(cx)
    }

    /// Notes that something was written: what is read next answers it, and nothing before it was its backlog.
    fn ask(&mut self, written: &Poll<io::Result<usize>>) {
        if matches!(written, Poll::Ready(Ok(bytes)) if *bytes > 0) {
            self.is_asked = true;
            self.backlog = None;
        }
    }
}

impl<T: Read + Unpin> Shaped<T> {
    /// Takes what the server sent, and sends it on its way.
    fn poll_take(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let turn = self.link.turn(MAX_TURN);
        if self.buffer.len() < turn {
            self.buffer = vec![0; turn].into_boxed_slice();
        }
        let mut buffer = ReadBuf::new(&mut self.buffer);
        let Poll::Ready(read) = Pin::new(&mut self.inner).poll_read(cx, buffer.unfilled()) else {
            self.empty_since.get_or_insert_with(Instant::now);
            return Poll::Pending;
        };
        self.bytes = 0..buffer.filled().len();
        read?;
        let was_empty = self.empty_since.take().map_or(Duration::ZERO, |since| since.elapsed());
        let since = self.backlog.take().filter(|_| was_empty <= REFILL).unwrap_or_else(Instant::now);
        let trip = if std::mem::take(&mut self.is_asked) { Some(self.trips.next_trip()) } else { None };
        self.under_way = UnderWay::Trip(since + trip.unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

impl<T: Read + Unpin> Read for Shaped<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut to: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if to.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        loop {
            match this.under_way {
                UnderWay::Nothing if this.link.is_free(this.is_asked) => {
                    // Nothing to wait for, so nothing to copy.
                    return Pin::new(&mut this.inner).poll_read(cx, to);
                }
                UnderWay::Nothing => ready!(this.poll_take(cx))?,
                UnderWay::Trip(until) => {
                    ready!(this.poll_until(cx, until));
                    this.under_way = UnderWay::Paid(this.link.pay(this.bytes.len(), until));
                }
                UnderWay::Paid(until) => {
                    ready!(this.poll_until(cx, until));
                    let bytes = this.bytes.len().min(to.remaining());
                    let end = this.bytes.start + bytes;
                    to.put_slice(&this.buffer[this.bytes.start..end]);
                    this.bytes.start = end;
                    if this.bytes.is_empty() {
                        this.under_way = UnderWay::Nothing;
                        // Unless something was written meanwhile: then the next bytes are another answer.
                        this.backlog = (!this.is_asked).then_some(until);
                    }
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl<T: Write + Unpin> Write for Shaped<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write(cx, bytes);
        this.ask(&written);
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write_vectored(cx, slices);
        this.ask(&written);
        written
    }
}

impl<T: Connection> Connection for Shaped<T> {
    fn connected(&self) -> Connected {
        self.inner.connected()
    }
}

#[cfg(test)]
mod tests {
    use super::Shaped;
    use crate::net::{Link, LinkProfile};
    use futures::FutureExt;
    use futures::future::join_all;
    use hyper_util::rt::TokioIo;
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::{Instant, sleep};

    type Connection = TokioIo<Shaped<TokioIo<DuplexStream>>>;

    /// tokio's timers are exact to 1 ms, also when the clock is paused; two are passed on the way.
    const TICKS: Duration = Duration::from_millis(2);

    fn link(latency_ms: u64, bandwidth_bits_per_second: Option<u64>, jitter: f64, seed: u64) -> Link {
        let latency = Duration::from_millis(latency_ms);
        Link::new(LinkProfile { latency, bandwidth_bits_per_second, jitter, seed }).unwrap()
    }

    /// A connection to a server that answers each byte with that many bytes, immediately.
    async fn connect(link: &Link, bytes: usize) -> Connection {
        let (ours, mut theirs) = duplex(64 * 1024);
        tokio::spawn(async move {
            while theirs.read_u8().await.is_ok() && theirs.write_all(&vec![7; bytes]).await.is_ok() {}
        });
        let Ok(shaped) = link.connect(async { Ok::<_, Infallible>(TokioIo::new(ours)) }).await;
        TokioIo::new(shaped)
    }

    /// Asks for an answer of this length, and reads it.
    async fn ask(connection: &mut Connection, bytes: usize) -> Duration {
        let start = Instant::now();
        connection.write_u8(1).await.unwrap();
        let mut answer = vec![0; bytes];
        connection.read_exact(&mut answer).await.unwrap();
        assert!(answer.iter().all(|byte| *byte == 7));
        start.elapsed()
    }

    fn assert_near(took: Duration, expected: Duration) {
        assert!((expected..=expected + TICKS).contains(&took), "{took:?}, expected {expected:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connect_and_each_request_cost_a_round_trip() {
        let link = link(50, None, 0.0, 0);
        let start = Instant::now();
        let mut connection = connect(&link, 1_000_000).await;
        assert_near(start.elapsed(), Duration::from_millis(50));
        for _ in 0..3 {
            assert_near(ask(&mut connection, 1_000_000).await, Duration::from_millis(50));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connect_that_fails_and_an_end_cost_a_round_trip_too() {
        let link = link(50, None, 0.0, 0);
        let start = Instant::now();
        assert_eq!(link.connect(async { Err::<(), _>("refused") }).await.err(), Some("refused"));
        assert_near(start.elapsed(), Duration::from_millis(50));

        let (ours, theirs) = duplex(64);
        let Ok(shaped) = link.connect(async { Ok::<_, Infallible>(TokioIo::new(ours)) }).await;
        let mut connection = TokioIo::new(shaped);
        let start = Instant::now();
        connection.write_u8(1).await.unwrap();
        drop(theirs);
        assert_eq!(connection.read(&mut [0; 8]).await.unwrap(), 0);
        assert_near(start.elapsed(), Duration::from_millis(50));
    }

    #[tokio::test(start_paused = true)]
    async fn a_link_that_is_not_shaped_adds_nothing() {
        let link = Link::new(LinkProfile::default()).unwrap();
        let start = Instant::now();
        let mut connection = connect(&link, 1_000_000).await;
        for _ in 0..10 {
            ask(&mut connection, 1_000_000).await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    /// The bandwidths are such that a turn takes less than a tick, about one, and longer.
    #[tokio::test(start_paused = true)]
    async fn one_connection_has_the_whole_bandwidth_and_many_share_it() {
        for bits_per_second in [1_000_000_u64, 80_000_000, 1_000_000_000] {
            for connections in [1, 2, 64_usize] {
                let link = link(0, Some(bits_per_second), 0.0, 0);
                let bytes = usize::try_from(bits_per_second).unwrap() / 8 / connections;
                let read = Arc::new(AtomicUsize::new(0));
                let start = Instant::now();
                let reading = (0..connections).map(|_| {
                    let (link, read) = (link.clone(), Arc::clone(&read));
                    tokio::spawn(async move {
                        let mut connection = connect(&link, bytes).await;
                        connection.write_u8(1).await.unwrap();
                        let (mut left, mut buffer) = (bytes, vec![0; 5000]);
                        while left > 0 {
                            let count = connection.read(&mut buffer).await.unwrap();
                            left -= count;
                            // At no time is more there than the link can have brought by then.
                            let bits = 8 * (read.fetch_add(count, Ordering::Relaxed) + count) as u128;
                            let paid =
                                u128::from(bits_per_second) * start.elapsed().as_nanos() / 1_000_000_000;
                            assert!(bits <= paid, "{bits} of {paid}");
                        }
                        start.elapsed()
                    })
                });
                let took: Vec<_> = join_all(reading).await.into_iter().map(Result::unwrap).collect();
                // A second for all of them, less the bytes that the division left over.
                let (first, last) = (took.iter().min().unwrap(), took.iter().max().unwrap());
                let fair = Duration::from_millis(999)..=Duration::from_secs(1) + TICKS;
                assert!(fair.contains(last), "{bits_per_second} {connections}: {last:?}");
                assert!(*first > Duration::from_millis(200), "{bits_per_second} {connections}: {first:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_bytes_are_paid_and_an_idle_link_is_owed_nothing() {
        // 1000 bytes take a second, and 1 a millisecond.
        for (bytes, expected) in [(1, Duration::from_millis(1)), (1000, Duration::from_secs(1))] {
            let link = link(20, Some(8_000), 0.0, 0);
            let mut connection = connect(&link, bytes).await;
            for _ in 0..3 {
                assert_near(ask(&mut connection, bytes).await, Duration::from_millis(20) + expected);
                sleep(Duration::from_secs(10)).await;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_trip_leaves_the_link_to_others() {
        let link = link(1000, Some(8_000_000), 0.0, 0);
        let mut slow = connect(&link, 1000).await;
        let mut busy = connect(&link, 500_000).await;
        let start = Instant::now();
        // The busy one's bytes come while the slow one's are still on their way.
        let busy = async {
            ask(&mut busy, 500_000).await;
            start.elapsed()
        };
        let slow = async {
            sleep(Duration::from_millis(900)).await;
            ask(&mut slow, 1000).await;
            start.elapsed()
        };
        let (busy, slow) = tokio::join!(busy, slow);
        assert_near(busy, Duration::from_millis(1500));
        assert_near(slow, Duration::from_millis(1901));
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_reader_loses_nothing_and_a_very_late_one_is_owed_little() {
        let bytes = 1_000_000;
        // A second at this bandwidth. The reader takes all there is, and comes again so much later.
        for (late_ms, at_most_ms) in [(1, 1001), (10, 1010), (90, 1090), (1000, 10_000)] {
            let link = link(0, Some(8_000_000), 0.0, 0);
            let (ours, mut theirs) = duplex(2 * bytes);
            theirs.write_all(&vec![7; bytes]).await.unwrap();
            let Ok(shaped) = link.connect(async { Ok::<_, Infallible>(TokioIo::new(ours)) }).await;
            let mut connection = TokioIo::new(shaped);
            let (start, mut read, mut buffer) = (Instant::now(), 0, vec![0; 4096]);
            while read < bytes {
                match connection.read(&mut buffer).now_or_never() {
                    Some(count) => read += count.unwrap(),
                    None => sleep(Duration::from_millis(late_ms)).await,
                }
            }
            let took = start.elapsed();
            assert!(took >= Duration::from_secs(1), "{late_ms}: {took:?}");
            let at_most = Duration::from_millis(at_most_ms) + TICKS;
            assert!(took <= at_most, "{late_ms}: {took:?}");
            // 100 ms of each second, so ten of them.
            assert!(late_ms < 1000 || took >= Duration::from_secs(8), "{took:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_seed_is_the_same_run() {
        async fn run(seed: u64) -> Vec<Duration> {
            let link = link(100, Some(8_000_000), 0.5, seed);
            let mut times = Vec::new();
            for _ in 0..3 {
                let start = Instant::now();
                let mut connection = connect(&link, 1000).await;
                times.push(start.elapsed());
                for _ in 0..3 {
                    times.push(ask(&mut connection, 1000).await);
                }
            }
            times
        }
        let times = run(1).await;
        assert_eq!(times, run(1).await);
        assert_ne!(times, run(2).await);
        let first = times[0];
        assert!(times.iter().any(|time| *time != first), "{times:?}");
    }
}
