//! The resolution server and its client.

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, StatusCode, body::Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use testbed::lockfile::Lockfile;
use testbed::package::{PackageId, PackageName};
use testbed::registry::Packument;
use testbed::resolution_server::{
    AnswerError, Line, MAX_AGE, PATH, Remembering, ResolutionServer, read_answer,
};
use testbed::resolver::{PackumentSource, ResolvedPackage};
use tokio::sync::{Semaphore, mpsc};
use url::Url;

const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// A registry of `first`, which needs `second`, whose packument comes when it is let through.
#[derive(Clone)]
struct Gated {
    gate: Arc<Semaphore>,
    /// Says which packument was asked for, and `dropped` when nobody waits for one any more.
    events: mpsc::UnboundedSender<String>,
}

struct Waiting(mpsc::UnboundedSender<String>);

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.0.send("dropped".to_owned());
    }
}

impl PackumentSource for Gated {
    type Error = std::io::Error;

    fn usual_tarball(&self, id: &PackageId) -> Option<Url> {
        let PackageId { name, version } = id;
        Url::parse(&format!("http://x.test/{name}/-/{name}-{version}.tgz")).ok()
    }

    async fn packument(&self, name: &PackageName) -> Result<Arc<Packument>, Self::Error> {
        self.events.send(name.to_string()).unwrap();
        let dependencies = match name.as_str() {
            "first" => json!({"second": "1"}),
            "second" => {
                let waiting = Waiting(self.events.clone());
                self.gate.acquire().await.unwrap().forget();
                std::mem::forget(waiting);
                json!({})
            }
            other => return Err(std::io::Error::other(format!("no package {other}"))),
        };
        let packument = json!({"name": name, "versions": {"1.0.0": {
            "name": name, "version": "1.0.0", "dependencies": dependencies,
            "dist": {"tarball": format!("http://x.test/{name}/-/{name}-1.0.0.tgz"), "integrity": sha512()},
        }}});
        Ok(Arc::new(serde_json::from_str(&packument.to_string()).unwrap()))
    }
}

fn sha512() -> String {
    format!("sha512-{}==", "A".repeat(86))
}

fn gated() -> (Gated, mpsc::UnboundedReceiver<String>) {
    let (events, received) = mpsc::unbounded_channel();
    (Gated { gate: Arc::new(Semaphore::new(0)), events }, received)
}

async fn post(server: &ResolutionServer, question: &str) -> Response<Incoming> {
    let url = server.url().join(PATH).unwrap();
    let request = Request::post(url.as_str()).body(Full::new(Bytes::from(question.to_owned()))).unwrap();
    Client::builder(TokioExecutor::new()).build_http().request(request).await.unwrap()
}

fn pieces(response: Response<Incoming>) -> impl Stream<Item = Result<Bytes, hyper::Error>> + Unpin {
    response.into_body().into_data_stream()
}

async fn all(response: Response<Incoming>) -> (Lockfile, Vec<String>) {
    let mut found = Vec::new();
    let lockfile = read_answer(pieces(response), |package| found.push(package.id.to_string())).await.unwrap();
    (lockfile, found)
}

const FIRST: &str = r#"{"dependencies":{"first":"^1"}}"#;

#[tokio::test]
async fn packages_stream_before_the_end_and_a_repeated_answer_is_the_end_alone() {
    let (source, _events) = gated();
    let server = ResolutionServer::start(source.clone(), ANY).unwrap();
    let response = post(&server, FIRST).await;
    let mut pieces = pieces(response);
    // This comes while the second packument is held back.
    let line = pieces.next().await.unwrap().unwrap();
    let Line::Package(package) = serde_json::from_slice(&line).unwrap() else { panic!("{line:?}") };
    assert_eq!(package.id.to_string(), "first@1.0.0");
    source.gate.add_permits(1);
    let mut found = Vec::new();
    let lockfile = read_answer(pieces, |package| found.push(package.id.to_string())).await.unwrap();
    assert_eq!(found, ["second@1.0.0"]);
    assert_eq!(lockfile.snapshots.len(), 2);

    // The name makes no difference, and nobody is asked.
    let named = r#"{"name":"me","dependencies":{"first":"^1"}}"#;
    assert_eq!(all(post(&server, named).await).await, (lockfile.clone(), vec![]));
    source.gate.add_permits(1);
    let other = r#"{"devDependencies":{"first":"^1"}}"#;
    assert_eq!(all(post(&server, other).await).await.1.len(), 2);
    server.forget();
    source.gate.add_permits(1);
    assert_eq!(
        all(post(&server, FIRST).await).await,
        (lockfile, vec!["first@1.0.0".into(), "second@1.0.0".into()])
    );
}

#[tokio::test]
async fn what_was_begun_before_a_forget_is_not_remembered() {
    let (source, mut events) = gated();
    let server = ResolutionServer::start(source.clone(), ANY).unwrap();
    let response = post(&server, FIRST).await;
    while events.recv().await.unwrap() != "second" {}
    server.forget();
    source.gate.add_permits(2);
    assert_eq!(all(response).await.1.len(), 2);
    assert_eq!(all(post(&server, FIRST).await).await.1.len(), 2);
}

#[tokio::test]
async fn who_goes_away_is_not_resolved_for() {
    let (source, mut events) = gated();
    let server = ResolutionServer::start(source, ANY).unwrap();
    let response = post(&server, FIRST).await;
    while events.recv().await.unwrap() != "second" {}
    drop(response);
    assert_eq!(events.recv().await.unwrap(), "dropped");
}

#[tokio::test]
async fn a_server_that_is_dropped_ends_its_answers() {
    let (source, mut events) = gated();
    let server = ResolutionServer::start(source, ANY).unwrap();
    let response = post(&server, FIRST).await;
    while events.recv().await.unwrap() != "second" {}
    drop(server);
    let error = read_answer(pieces(response), drop).await.unwrap_err();
    assert!(matches!(error, AnswerError::Transport { .. } | AnswerError::CutOff { .. }), "{error}");
    assert_eq!(events.recv().await.unwrap(), "dropped");
}

#[tokio::test]
async fn faults_are_answers_too() {
    let (source, _events) = gated();
    let server = ResolutionServer::start(source.clone(), ANY).unwrap();
    for (question, status, part) in [
        ("[", StatusCode::BAD_REQUEST, "the question is no `package.json`"),
        (
            r#"{"dependencies":{"third":"1"}}"#,
            StatusCode::OK,
            "`third`, which the project asks for: no package third",
        ),
        (r#"{"dependencies":{"../x":"1"}}"#, StatusCode::OK, "`../x`"),
    ] {
        let response = post(&server, question).await;
        assert_eq!(response.status(), status);
        let error = read_answer(pieces(response), drop).await.unwrap_err();
        assert!(matches!(&error, AnswerError::Server(message) if message.contains(part)), "{error}");
    }
    // That address is taken.
    let message = ResolutionServer::start(source, server.address()).unwrap_err().to_string();
    assert!(message.contains("cannot listen at 127.0.0.1:") && message.contains("port 0"), "{message}");
}

/// Reads an answer in pieces of so many bytes.
async fn read(text: &str, size: usize) -> Result<(Lockfile, Vec<ResolvedPackage>), AnswerError<Infallible>> {
    let pieces: Vec<_> =
        text.as_bytes().chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let mut found = Vec::new();
    let lockfile = read_answer(stream::iter(pieces), |package| found.push(package)).await?;
    Ok((lockfile, found))
}

#[tokio::test]
async fn an_answer_may_come_in_pieces_of_any_size() {
    let package = format!(
        r#"{{"type":"package","id":"@s/a@1.0.0","tarball":"http://x/a.tgz","integrity":"{}","optional":true}}"#,
        sha512()
    );
    let done = r#"{"type":"done","lockfile":{"lockfileVersion":"9.0"}}"#;
    let text = format!("{package}\n{package}\n{done}\nwhat comes after it is not read");
    for size in [1, 2, 7, 100, 1000] {
        let (lockfile, found) = read(&text, size).await.unwrap();
        assert_eq!((lockfile.lockfile_version.as_str(), found.len(), found[1].optional), ("9.0", 2, true));
    }
    assert_eq!(serde_json::to_string(&serde_json::from_str::<Line>(&package).unwrap()).unwrap(), package);
}

#[tokio::test]
async fn what_is_no_answer() {
    let package = |id: &str, tarball: &str, integrity: &str| {
        format!(
            r#"{{"type":"package","id":"{id}","tarball":"{tarball}","integrity":"{integrity}","optional":false}}"#
        ) + "\n"
    };
    let good = package("a@1.0.0", "http://x/", &sha512());
    for (text, part) in [
        (String::new(), "ended after 0 lines, before the lockfile"),
        (good.clone(), "ended after 1 lines"),
        (good.trim_end().to_owned(), "ended after 0 lines"),
        (format!("{good}<html>\n"), "line 2 of the resolution server's answer, `<html>`"),
        ("{\"type\":\"other\"}\n".into(), "unknown variant `other`"),
        (package("../a@1.0.0", "http://x/", &sha512()), "`../a` is no package name"),
        (package("a@1", "http://x/", &sha512()), "`1` is no version"),
        (package("a@1.0.0", "file:///x", &sha512()), "`file:///x`"),
        (package("a@1.0.0", "http://x/", "sha1-deadbeef"), "no SHA-512"),
        ("{\"type\":\"done\"}\n".into(), "missing field `lockfile`"),
        ("{\"type\":\"error\",\"message\":\"no\"}\n".into(), "found no resolution: no"),
    ] {
        let message = read(&text, 9).await.unwrap_err().to_string();
        assert!(message.contains(part), "`{message}` does not say `{part}`");
        assert!(!message.contains('\n'), "{message}");
    }
    let broken = stream::iter([Ok(Bytes::from(good)), Err(std::io::Error::other("reset"))]);
    let message = read_answer(broken, drop).await.unwrap_err().to_string();
    assert!(message.contains("stopped after 1 lines: reset"), "{message}");
}

/// A client that understands gzip gets it, also of an answer that is known already.
#[tokio::test]
async fn every_answer_is_compressed_for_who_asks() {
    let (source, _events) = gated();
    source.gate.add_permits(8);
    let server = ResolutionServer::start(source, ANY).unwrap();
    for (round, coding) in [(1, "gzip"), (2, "gzip"), (2, "identity"), (3, "br, gzip")] {
        let url = server.url().join(PATH).unwrap();
        let request = Request::post(url.as_str()).header("accept-encoding", coding);
        let request = request.body(Full::new(Bytes::from(FIRST))).unwrap();
        let response = Client::builder(TokioExecutor::new()).build_http().request(request).await.unwrap();
        let is_compressed = coding.contains("gzip");
        assert_eq!(response.headers().contains_key("content-encoding"), is_compressed, "{round}, {coding}");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let mut text = String::new();
        if is_compressed {
            use std::io::Read;
            flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut text).unwrap();
        } else {
            text.push_str(std::str::from_utf8(&body).unwrap());
        }
        let lines = if round == 1 { 3 } else { 1 };
        assert_eq!(text.lines().count(), lines, "{round}, {coding}: {text}");
    }
}

/// What a server was told it asks for again after a time, unless it is to keep it for ever.
#[tokio::test(start_paused = true)]
async fn a_packument_is_kept_for_a_time() {
    for (age, asked_again) in [(MAX_AGE, true), (Duration::MAX, false)] {
        let (source, mut events) = gated();
        let remembering = Remembering::new(source, age);
        let first: PackageName = "first".parse().unwrap();
        for (wait, asks) in [(0, true), (299, false), (2, asked_again)] {
            tokio::time::advance(Duration::from_secs(wait)).await;
            remembering.packument(&first).await.unwrap();
            assert_eq!(events.try_recv().is_ok(), asks, "{age:?}, {wait}");
        }
    }
}
