//! The client against servers that do all sorts of things. Limits are small where a server never answers, and no time is
//! measured: how the link shapes it is tested beside it, under a clock that is paused.

use futures::future::try_join_all;
use futures::{StreamExt, TryStreamExt};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testbed::net::{
    Client, FetchError, FetchErrorKind, Limits, LinkProfile, NpmConfig, RegistryClient, TimeoutOf, Wait,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use url::Url;

/// What the server does with a request.
#[derive(Clone, Debug)]
enum Answer {
    /// Sends this, and waits for the next request.
    Whole(String),
    /// Sends this, and ends the connection.
    Cut(String),
    /// Sends this, and then nothing.
    Stall(String),
}

/// A server that gives one answer after another, and the last one again and again.
struct Server {
    url: Url,
    requests: Arc<Mutex<Vec<String>>>,
    accepting: AbortHandle,
}

impl Server {
    async fn start(script: impl IntoIterator<Item = Answer>) -> Self {
        let script: Arc<[Answer]> = script.into_iter().collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let log = Arc::clone(&requests);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&script), Arc::clone(&log)));
            }
        });
        Server { url, requests, accepting: accepting.abort_handle() }
    }

    fn url(&self, path: &str) -> Url {
        self.url.join(path).unwrap()
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn talk(mut stream: TcpStream, script: Arc<[Answer]>, log: Arc<Mutex<Vec<String>>>) {
    while let Some(request) = read_request(&mut stream).await {
        let number = {
            let mut log = log.lock().unwrap();
            log.push(request);
            log.len() - 1
        };
        let answer = &script[number.min(script.len() - 1)];
        let (Answer::Whole(text) | Answer::Cut(text) | Answer::Stall(text)) = answer;
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
        match answer {
            Answer::Whole(_) => {}
            Answer::Cut(_) => return,
            // Until the client has had enough of it.
            Answer::Stall(_) => drop(read_request(&mut stream).await),
        }
    }
}

/// A request with its body, or nothing at the end of the connection.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text);
            }
        }
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).await.ok().filter(|count| *count > 0)?;
        text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
    }
}

fn answer(status: u16, headers: &str, body: &str) -> Answer {
    Answer::Whole(format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()))
}

fn ok(body: &str) -> Answer {
    answer(200, "", body)
}

fn to(location: &str) -> Answer {
    answer(302, &format!("location: {location}\r\n"), "")
}

/// The beginning of an answer in chunks.
fn chunks(texts: &[&str]) -> String {
    let chunks: Vec<_> = texts.iter().map(|text| format!("{:x}\r\n{text}\r\n", text.len())).collect();
    format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}", chunks.concat())
}

/// Long enough for anything that comes, and retries at once.
fn limits() -> Limits {
    Limits { retry_min: Duration::ZERO, ..Limits::default() }
}

fn client(limits: Limits) -> Client {
    Client::new(LinkProfile::default(), limits).unwrap()
}

fn kind<T>(result: Result<T, FetchError>) -> FetchErrorKind {
    result.err().expect("an error").kind().clone()
}

#[tokio::test]
async fn what_is_tried_again_and_what_is_not() {
    let garbage = || Answer::Cut("SSH-2.0-OpenSSH\r\n\r\n".into());
    let bad_chunk = || Answer::Cut("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n".into());
    let short = || Answer::Cut("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".into());
    let short_chunks = || Answer::Cut(chunks(&["half"]));
    let nothing = || Answer::Cut(String::new());
    let unannounced = || Answer::Cut("HTTP/1.1 200 OK\r\n\r\nyes".into());
    let refusal = |status| answer(status, "", "no");
    for (script, expected, requests) in [
        (vec![ok("yes")], Ok("yes"), 1),
        (vec![refusal(500), refusal(500), ok("yes")], Ok("yes"), 3),
        (vec![refusal(408), refusal(425), ok("yes")], Ok("yes"), 3),
        (vec![refusal(429), refusal(502), ok("yes")], Ok("yes"), 3),
        (vec![refusal(503), refusal(504), ok("yes")], Ok("yes"), 3),
        (vec![refusal(503)], Err("it answered 503 Service Unavailable: no; try again later"), 3),
        (vec![short(), short_chunks(), ok("yes")], Ok("yes"), 3),
        (vec![nothing(), nothing(), ok("yes")], Ok("yes"), 3),
        (vec![unannounced()], Ok("yes"), 1),
        (
            vec![short()],
            Err(
                "the connection ended before the answer did (error reading a body from connection: end of file \
                 before message length reached; 4 bytes came, of 9); try again",
            ),
            3,
        ),
        (vec![short_chunks()], Err("the connection ended before the answer did"), 3),
        (vec![nothing()], Err("the connection ended before the answer did"), 3),
        (vec![refusal(404)], Err("it answered 404 Not Found: no; check the name"), 1),
        (vec![refusal(401)], Err("it answered 401 Unauthorized: no; give a token"), 1),
        (vec![refusal(400)], Err("it answered 400 Bad Request: no; see what"), 1),
        (vec![refusal(501)], Err("it answered 501 Not Implemented: no; try"), 1),
        (vec![garbage()], Err("the answer makes no sense"), 1),
        (vec![bad_chunk()], Err("the answer makes no sense"), 1),
    ] {
        let server = Server::start(script.clone()).await;
        let result = client(limits()).get(&server.url("x"), None, None).await;
        match (&result, expected) {
            (Ok(bytes), Ok(expected)) => assert_eq!(bytes, expected),
            (Err(error), Err(expected)) => {
                let beginning = format!("cannot get {}: {expected}", server.url("x"));
                assert!(error.to_string().starts_with(&beginning), "{error}");
                assert_eq!(error.is_not_found(), expected.contains("404"));
            }
            _ => panic!("{script:?}: {result:?}"),
        }
        assert_eq!(server.requests().len(), requests, "{script:?}");
    }
}

/// The wait that a user is told of first. Nobody waits for it to end: how waits grow is tested beside [`Limits`].
#[tokio::test]
async fn a_wait_is_as_long_as_the_settings_or_the_server_say() {
    let asked = |status, seconds: &str| answer(status, &format!("retry-after: {seconds}\r\n"), "");
    for (answer, seconds) in [
        (ok("yes"), None),
        (answer(503, "", ""), Some(10)),
        (Answer::Cut(String::new()), Some(10)),
        (asked(503, "3"), Some(3)),
        (asked(429, "3"), Some(3)),
        (asked(503, "0"), Some(0)),
        (asked(503, "3600"), Some(60)),
        (asked(503, "soon"), Some(10)),
        (asked(503, "Sun, 06 Nov 1994 08:49:37 GMT"), Some(0)),
        (asked(503, "Fri, 31 Dec 9999 23:59:59 GMT"), Some(60)),
        (asked(404, "3"), None),
    ] {
        let server = Server::start([answer.clone()]).await;
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let client = client(Limits::default()).telling(move |wait| drop(tell.send(wait.clone())));
        let url = server.url("x");
        let wait = tokio::select! {
            biased;
            wait = told.recv() => wait,
            _ = client.get(&url, None, None) => None,
        };
        assert_eq!(wait.as_ref().map(|wait| wait.time.as_secs()), seconds, "{answer:?}");
        let Some(Wait { error, tries_left, .. }) = wait else { continue };
        assert!(error.to_string().contains(url.as_str()) && tries_left == 2, "{answer:?}");
    }
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://me:secret@{}/x", listener.local_addr().unwrap());
    drop(listener);
    let error = client(limits()).get(&Url::parse(&url).unwrap(), None, None).await.unwrap_err();
    let shown = url.replace("me:secret@", "");
    assert_eq!(
        error.to_string(),
        format!("cannot get {shown}: connection refused; is the registry running?")
    );
    assert!(!format!("{error:?}").contains("secret"));
}

#[tokio::test]
async fn a_url_that_nobody_can_be_asked_for() {
    for url in ["ftp://host/x", "file:///x", "data:,x"] {
        let result = client(limits()).get(&Url::parse(url).unwrap(), None, None).await;
        assert!(matches!(kind(result), FetchErrorKind::BadUrl(_)), "{url}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_or_stops() {
    let short = Duration::from_millis(50);
    for (sent, of) in [
        ("", TimeoutOf::FirstByte),
        ("HTTP/1.1 200 OK\r\n", TimeoutOf::FirstByte),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", TimeoutOf::Stall),
        (&chunks(&["half"]), TimeoutOf::Stall),
    ] {
        let server = Server::start([Answer::Stall(sent.into())]).await;
        let limits = match of {
            TimeoutOf::Stall => Limits { stall: short, retries: 1, ..limits() },
            _ => Limits { first_byte: short, retries: 1, ..limits() },
        };
        let result = client(limits).get(&server.url("x"), None, None).await;
        assert_eq!(kind(result), FetchErrorKind::Timeout(of, short), "{sent:?}");
        // Whoever gives up before the head is there may have done so before the server saw anything.
        assert!(of == TimeoutOf::FirstByte || server.requests().len() == 2, "{sent:?}");
    }
}

#[tokio::test]
async fn a_connection_that_takes_too_long() {
    let server = Server::start([ok("yes")]).await;
    let short = Duration::from_millis(5);
    let profile = LinkProfile { latency: Duration::from_secs(60), ..LinkProfile::default() };
    let client = Client::new(profile, Limits { connect: short, retries: 0, ..limits() }).unwrap();
    let result = client.get(&server.url, None, None).await;
    assert_eq!(kind(result), FetchErrorKind::Timeout(TimeoutOf::Connect, short));
}

#[tokio::test]
async fn a_server_without_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("https://{}/", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        // Only once the client has gone: a reset could overtake the answer.
        while stream.read(&mut [0; 4096]).await.is_ok_and(|count| count > 0) {}
        // It accepts no more, so the client must not try again.
    });
    let kind = kind(client(limits()).get(&url, None, None).await);
    // The latter on a machine without root certificates.
    assert!(matches!(kind, FetchErrorKind::Tls(_) | FetchErrorKind::NoRoots(_)), "{kind:?}");
}

#[tokio::test]
async fn redirects_are_followed_up_to_a_number() {
    for (script, is_ok) in [
        (vec![to("/1"), to("2"), to("3"), to("4"), to("5"), ok("yes")], true),
        (vec![to("/1"), to("2"), to("3"), to("4"), to("5"), to("6"), ok("yes")], false),
        (vec![to("/")], false),
        (vec![answer(302, "", "")], false),
    ] {
        let server = Server::start(script.clone()).await;
        let result = client(limits()).get(&server.url, None, None).await;
        assert_eq!(result.is_ok(), is_ok, "{script:?}");
        if !is_ok {
            assert!(matches!(kind(result), FetchErrorKind::Redirect(_)), "{script:?}");
            assert!(server.requests().len() <= 6);
        }
    }
}

#[tokio::test]
async fn a_token_does_not_follow_to_another_server() {
    let other = Server::start([ok("yes")]).await;
    let server = Server::start([to("/same"), to(other.url.as_str())]).await;
    client(limits()).get(&server.url, Some("text/x"), Some("Bearer secret")).await.unwrap();
    let has_token = |request: &String| request.contains("authorization: Bearer secret\r\n");
    assert_eq!(server.requests().iter().filter(|request| has_token(request)).count(), 2);
    let [request] = &*other.requests() else { panic!("one request") };
    assert!(!has_token(request), "{request}");
    assert!(request.contains("accept: text/x\r\n"), "{request}");
}

#[tokio::test]
async fn an_answer_that_is_too_long() {
    let limits = Limits { max_bytes: 10, ..limits() };
    for (script, is_ok) in [
        (ok("0123456789"), true),
        (ok("0123456789a"), false),
        (Answer::Whole(chunks(&["01234", "56789", ""])), true),
        (Answer::Whole(chunks(&["01234", "56789a", ""])), false),
        // Refused by its announcement, before a byte of it came.
        (Answer::Stall("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999\r\n\r\n".into()), false),
    ] {
        let server = Server::start([script.clone()]).await;
        let result = client(limits).get(&server.url, None, None).await;
        assert_eq!(result.is_ok(), is_ok, "{script:?}");
        if !is_ok {
            assert_eq!(kind(result), FetchErrorKind::TooLarge(10), "{script:?}");
            assert_eq!(server.requests().len(), 1);
        }
    }
}

#[tokio::test]
async fn an_answer_to_a_post_comes_in_pieces() {
    let whole = Answer::Whole(chunks(&["{\"a\"", ":1}\n\n{\"b\":2}\n{\"c\"", ":3}", ""]));
    let server =
        Server::start([answer(307, "location: /there\r\n", ""), answer(503, "", "busy"), whole]).await;
    let pieces = client(limits()).post(&server.url("x"), b"{\"q\":1}".into()).await.unwrap();
    let pieces: Vec<_> = pieces.try_collect().await.unwrap();
    assert_eq!(pieces.concat(), b"{\"a\":1}\n\n{\"b\":2}\n{\"c\":3}");
    for request in server.requests() {
        assert!(request.starts_with("POST /"), "{request}");
        assert!(request.contains("content-type: application/json\r\n"), "{request}");
        assert!(request.ends_with("\r\n\r\n{\"q\":1}"), "{request}");
    }
}

#[tokio::test]
async fn an_answer_that_ends_badly_is_not_asked_for_again() {
    let short = Duration::from_millis(50);
    let limits = Limits { stall: short, ..limits() };
    for (script, is_stalled) in
        [(Answer::Cut(chunks(&["one\nha"])), false), (Answer::Stall(chunks(&["one\nha"])), true)]
    {
        let server = Server::start([script.clone()]).await;
        let mut pieces = client(limits).post(&server.url, Vec::new()).await.unwrap();
        assert_eq!(pieces.next().await.unwrap().unwrap(), "one\nha");
        let kind = kind(pieces.next().await.unwrap());
        if is_stalled {
            assert_eq!(kind, FetchErrorKind::Timeout(TimeoutOf::Stall, short));
        } else {
            assert!(matches!(kind, FetchErrorKind::Truncated(_)), "{kind:?}");
        }
        assert!(pieces.next().await.is_none());
        assert_eq!(server.requests().len(), 1, "{script:?}");
    }
}

#[tokio::test]
async fn a_refused_post_says_what_the_server_said() {
    let server = Server::start([answer(422, "", "{\"error\":\n \"no such package\"}")]).await;
    let error = client(limits()).post(&server.url("x"), Vec::new()).await.unwrap_err();
    let expected =
        "it answered 422 Unprocessable Entity: {\"error\": \"no such package\"}; see what the server expects";
    assert_eq!(error.to_string(), format!("cannot post to {}: {expected}", server.url("x")));
}

/// A client of this registry, whose `.npmrc` has these lines too.
fn registry(registry: &Url, lines: &str) -> RegistryClient {
    let npmrc = format!("registry={registry}npm\n{lines}");
    let files = [(PathBuf::from(".npmrc"), npmrc)];
    RegistryClient::new(client(limits()), NpmConfig::from_sources(None, &BTreeMap::new(), &files).unwrap())
}

#[tokio::test]
async fn a_packument_is_asked_for_as_npm_does() {
    let packument = r#"{"name":"@a/b","dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{}}}"#;
    let server = Server::start([ok(packument)]).await;
    let host = server.url.authority();
    let lines = format!("//{host}/npm/:_authToken=secret\n//{host}/:_authToken=wrong");
    let registry = registry(&server.url, &lines);
    let packument = registry.packument(&"@a/b".parse().unwrap()).await.unwrap();
    assert_eq!(packument.dist_tags["latest"], "1.0.0");
    registry.tarball(&server.url("npm/@a/b/-/b-1.0.0.tgz")).await.unwrap();
    let [first, second] = &*server.requests() else { panic!("two requests") };
    assert!(first.starts_with("GET /npm/@a%2fb HTTP/1.1\r\n"), "{first}");
    assert!(
        first.contains("accept: application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8\r\n")
    );
    for request in [first, second] {
        assert!(request.contains("authorization: Bearer secret\r\n"), "{request}");
    }
    assert!(second.starts_with("GET /npm/@a/b/-/b-1.0.0.tgz HTTP/1.1\r\n"), "{second}");
}

#[tokio::test]
async fn a_packument_that_is_none() {
    for (body, expected) in [
        (
            "<html>",
            "the answer makes no sense: expected the packument of a, expected value at line 1 column 1",
        ),
        (r#"{"name":"b"}"#, "the answer makes no sense: expected the packument of a, found that of b"),
        (
            r#"{"name":"../b"}"#,
            "the answer makes no sense: expected the packument of a, `../b` is no package name",
        ),
    ] {
        let server = Server::start([ok(body)]).await;
        let error = registry(&server.url, "").packument(&"a".parse().unwrap()).await.unwrap_err();
        assert!(
            error.to_string().starts_with(&format!("cannot get {}: {expected}", server.url("npm/a"))),
            "{error}"
        );
        assert_eq!(server.requests().len(), 1);
    }
    // What may have been cut off on its way is tried again, also where nobody said how long it is.
    let cut = |body: &str| Answer::Cut(format!("HTTP/1.1 200 OK\r\n\r\n{body}"));
    for (body, came) in [("", 0), (r#"{"name":"a","#, 12)] {
        for answer in
            [ok(body), cut(body), Answer::Whole(chunks(&[body, ""][usize::from(body.is_empty())..]))]
        {
            let whole = ok(r#"{"name":"a","dist-tags":{},"versions":{}}"#);
            let name = "a".parse().unwrap();
            let server = Server::start([answer.clone()]).await;
            let error = registry(&server.url, "").packument(&name).await.unwrap_err().to_string();
            let expected = format!("{came} bytes came, and the packument of a goes on");
            assert!(error.contains(&expected) && error.contains(server.url("npm/a").as_str()), "{error}");
            assert_eq!(server.requests().len(), 3, "{answer:?}");
            let server = Server::start([answer.clone(), answer, whole]).await;
            registry(&server.url, "").packument(&name).await.unwrap();
        }
    }
    let server = Server::start([answer(404, "", "")]).await;
    let error = registry(&server.url, "").packument(&"a".parse().unwrap()).await.unwrap_err();
    assert!(error.is_not_found());
}

#[tokio::test]
async fn a_token_that_is_not_defined_is_not_sent() {
    let server = Server::start([ok("yes")]).await;
    let lines = format!("//{}/npm/:_authToken=${{NOBODY_SETS_THIS}}", server.url.authority());
    let registry = registry(&server.url, &lines);
    let error = registry.packument(&"a".parse().unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("needs the environment variable `NOBODY_SETS_THIS`"), "{error}");
    assert_eq!(server.requests().len(), 0);
    // Elsewhere on that server it is not needed.
    registry.tarball(&server.url("other/x.tgz")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_over_a_shaped_link_are_whole() {
    let body = "0123456789".repeat(20_000);
    let server = Server::start([ok(&body)]).await;
    let profile = LinkProfile {
        latency: Duration::from_millis(2),
        bandwidth_bits_per_second: Some(10_000_000_000),
        jitter: 0.5,
        seed: 1,
    };
    let client = Client::new(profile, limits()).unwrap();
    let downloads = (0..64).map(|n| {
        let (client, url) = (client.clone(), server.url(&n.to_string()));
        tokio::spawn(async move { client.get(&url, None, None).await.unwrap() })
    });
    for bytes in try_join_all(downloads).await.unwrap() {
        assert_eq!(bytes, body);
    }
    assert_eq!(server.requests().len(), 64);
}

/// Answers that are held while others ask: bytes are counted where they are held, and a barrier shows that many are where
/// there is room.
#[tokio::test]
async fn answers_that_are_held_are_bounded_by_their_bytes() {
    const MIB: u64 = 1 << 20;
    let body = "x".repeat(1 << 20);
    // An answer of no announced length is taken for 4 MiB.
    for (answer, room, at_once, may_meet) in [
        (ok(&body), 64 * MIB, 16, true),
        (ok(&body), 4 * MIB, 4, false),
        (ok(&body), 1, 1, false),
        (Answer::Whole(chunks(&[&body, ""])), 64 * MIB, 16, true),
        (Answer::Whole(chunks(&[&body, ""])), 8 * MIB, 2, false),
        (Answer::Whole(chunks(&[&body, ""])), 1, 1, false),
    ] {
        let server = Server::start([answer]).await;
        let client = client(limits()).holding(room);
        let held = Mutex::new((0, 0));
        let together = tokio::sync::Barrier::new(16);
        let gets = (0..16).map(async |n| {
            let url = server.url(&n.to_string());
            let got = client.get_with(&url, None, None, async |answer| {
                {
                    let (now, most) = &mut *held.lock().unwrap();
                    *now += 1;
                    *most = (*most).max(*now);
                }
                if may_meet {
                    together.wait().await;
                }
                tokio::task::yield_now().await;
                held.lock().unwrap().0 -= 1;
                Ok(answer.bytes.len())
            });
            got.await.unwrap()
        });
        let lengths = futures::future::join_all(gets).await;
        assert_eq!(lengths, [body.len(); 16]);
        let most = held.lock().unwrap().1;
        assert!(most <= at_once && (!may_meet || most == 16), "{most} of {at_once}, room for {room}");
    }
}
