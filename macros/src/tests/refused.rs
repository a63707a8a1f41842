use super::{errors, mark, probe, tokens};

const FUTURE: &str = "a function that returns a future it does not build in tail position is not supported by \
    `#[concurrency_probe]`: only the construction would be counted; make it an `async fn`, or end it with \
    `async move { .. }` or `Box::pin(async move { .. })`";
const STREAM: &str = "a function that returns a stream is not supported by `#[concurrency_probe]`: only the construction \
    would be counted; probe the async function that makes each item, or put a block with `concurrency_probe::enter!(..)` \
    around the work on an item";
const CONST: &str = "`const fn` is not supported by `#[concurrency_probe]`: a call that the compiler evaluates cannot be \
    counted; remove `const` or the attribute, or in a probed `impl` block leave this method out with \
    `#[concurrency_probe(skip)]`";
const ACCEPTED: &str = "expected `scope = \"..\"`, `name = \"..\"`, `crate = path`, `polls` or `skip`";

/// One error, and the item as it was.
#[track_caller]
fn refuses(arguments: &str, item: &str, message: &str) {
    let expansion = probe(arguments, item);
    assert_eq!(errors(&expansion), [message], "{arguments}: {item}");
    assert!(expansion.ends_with(&tokens(item).to_string()), "{expansion}");
}

#[test]
fn functions() {
    refuses("scope = \"s\"", "const fn f() {}", CONST);
    refuses(
        "scope = \"s\"",
        "fn f(&self);",
        "a function without a body is not supported by `#[concurrency_probe]`; put the attribute on the functions that \
         implement it",
    );
    refuses(
        "scope = \"s\", polls",
        "fn f() {}",
        "`polls` is not supported by a function that is not async: nothing polls it; remove `polls`",
    );
    refuses(
        "skip",
        "fn f() {}",
        "`skip` is not supported by a function by itself: it belongs on a method of an `impl` block that carries \
         `#[concurrency_probe(scope = \"..\")]`",
    );
}

#[test]
fn futures_built_elsewhere() {
    for output in [
        "impl Future<Output = ()>",
        "impl Send + futures::TryFuture",
        "impl IntoFuture + 'a",
        "Pin<Box<dyn Future<Output = ()> + Send>>",
        "Box<(dyn Future<Output = ()>)>",
        "futures::future::BoxFuture<'static, ()>",
        "LocalBoxFuture<()>",
        "&mut dyn Future<Output = ()>",
        "Result<Option<BoxFuture<()>>, E>",
        "Self::Future",
        "<S as Service<R>>::Future",
        "S::IntoFuture",
        "Box<Future<Output = ()>>",
        "Box<Future + Send>",
    ] {
        for body in [
            "g()",
            "spawn(async { x })",
            "Box::pin(g())",
            "if a { async { 1 } } else { g() }",
            "async { x }.map(g)",
        ] {
            refuses("scope = \"s\"", &format!("fn f() -> {output} {{ {body} }}"), FUTURE);
        }
    }
    let early = "a future that is not built here is not supported by `#[concurrency_probe]`: it would run uncounted; \
                 return `async move { .. }` or `Box::pin(async move { .. })`";
    refuses("scope = \"s\"", "fn f() -> BoxFuture<()> { if a { return g(); } Box::pin(async {}) }", early);
    refuses(
        "scope = \"s\"",
        "fn f() -> Alias { loop { let Some(x) = y else { return g() }; } Box::pin(async {}) }",
        early,
    );
    let fine = "fn f() -> BoxFuture<()> { h(|| { return g(); }); fn i() { return g(); } Box::pin(async { return g(); }) }";
    assert!(errors(&probe("scope = \"s\"", fine)).is_empty());
}

#[test]
fn streams() {
    for output in [
        "impl Stream<Item = u32>",
        "impl Send + futures::TryStream + 'a",
        "impl FusedStream<Item = u32>",
        "impl std::async_iter::AsyncIterator<Item = u32>",
        "BoxStream<'static, u32>",
        "futures::stream::LocalBoxStream<u32>",
        "Pin<Box<dyn Stream<Item = u32> + Send>>",
        "Box<(dyn AsyncIterator<Item = u32>)>",
        "Box<Stream<Item = u32>>",
        "Result<Option<BoxStream<'_, u32>>, E>",
        "&mut dyn Stream<Item = ()>",
        "Self::Stream",
    ] {
        for body in [
            "g()",
            "stream! { yield 1; }",
            "Box::pin(g())",
            "once(async { x }).boxed()",
            "unfold(0, |n| async { n })",
        ] {
            refuses("scope = \"s\"", &format!("fn f() -> {output} {{ {body} }}"), STREAM);
        }
        let block = format!("impl S {{ fn f() -> {output} {{ g() }} }}");
        refuses("scope = \"s\"", &block, STREAM);
    }
}

#[test]
fn generators() {
    let refusal = |name: &str, item: &str| {
        format!(
            "`{name}` is not supported by `#[concurrency_probe]`: only the construction would be counted; probe the {item} \
             that makes each item, or put a block with `concurrency_probe::enter!(..)` around the work on an item"
        )
    };
    let (plain, asynchronous) = (refusal("gen fn", "function"), refusal("async gen fn", "async function"));
    for (item, message) in [
        ("gen fn f() -> u32 { yield 1; }", &plain),
        ("pub(crate) gen unsafe extern \"C\" fn f<T>() -> T where T: X { yield 1; }", &plain),
        ("const gen fn gen(gen: u32) {}", &plain),
        ("#[a] async gen fn f(&self) -> impl Stream { yield x.await; }", &asynchronous),
    ] {
        for arguments in ["scope = \"s\"", "scope = \"s\", polls"] {
            refuses(arguments, item, message);
            refuses(arguments, &format!("impl S {{ {item} const X: u8 = 1; }}"), message);
        }
    }
    refuses("scope = \"s\"", "async gen fn f();", &asynchronous);
    let block =
        probe("scope = \"s\"", "impl S { #[concurrency_probe(skip)] gen fn f() { yield 1 } fn g() {} }");
    assert!(errors(&block).is_empty() && block.contains("gen fn f () { yield 1 }"), "{block}");
    let marked = mark("", "async gen fn f(l: Lane<'_>) { yield 1 }");
    let outside = "`async gen fn` is not supported by `#[must_run_parallel]`: its body would run outside the lane; do the \
                   work in a plain `fn`, and return its result";
    assert_eq!(errors(&marked), [outside]);
}

#[test]
fn other_items() {
    for item in
        ["struct S;", "trait T {}", "mod m {}", "pub static X: fn() = { a };", "#[a] enum E {}", "x! {}"]
    {
        refuses("scope = \"s\"", item, "expected a function or an `impl` block");
    }
}

#[test]
fn blocks() {
    refuses(
        "scope = \"s\", name = \"n\"",
        "impl S { fn f() {} }",
        "`name` is not supported by an `impl` block: its methods are named `Type::method`; remove `name`, or put \
         `#[concurrency_probe(name = \"..\")]` on one method",
    );
    refuses(
        "scope = \"s\", polls",
        "impl S { fn f() {} }",
        "`polls` is not supported by an `impl` block without async methods: nothing polls them; remove `polls`",
    );
    refuses(
        "scope = \"s\", skip",
        "impl S { fn f() {} }",
        "`skip` is not supported by an `impl` block: it belongs on one of its methods; remove the attribute to probe none",
    );
    refuses("scope = \"s\"", "impl S { const fn f() {} }", CONST);
    let own =
        probe("scope = \"s\", polls", "impl S { async fn f() {} #[concurrency_probe(polls)] fn g() {} }");
    assert_eq!(errors(&own).len(), 1, "`polls` on a sync method: {own}");
    let two = probe(
        "scope = \"s\"",
        "impl S { const fn f() {} #[concurrency_probe(skip)] const fn g() {} const fn h() {} }",
    );
    assert_eq!(errors(&two), [CONST, CONST]);
    assert!(
        two.ends_with("impl S { const fn f () { } const fn g () { } const fn h () { } }"),
        "no second error: {two}"
    );
}

#[test]
fn arguments() {
    let missing = "missing `scope = \"..\"`: name the scope whose readings count this, as in \
                   `#[concurrency_probe(scope = \"install\")]`";
    let scope = "expected a string literal, as in `scope = \"install\"`";
    let path = "expected a path, as in `crate = path::to::concurrency_probe`";
    let near = |key: &str| format!("{ACCEPTED}; did you mean `{key}`?");
    let cases: &[(&str, &[&str])] = &[
        ("", &[missing]),
        ("polls", &[missing]),
        ("scop = \"s\"", &[&near("scope")]),
        ("Scope = \"s\"", &[&near("scope")]),
        ("scope = \"s\", nmae = \"n\"", &[&near("name")]),
        ("scope = \"s\", poll", &[&near("polls")]),
        ("scope = \"s\", krate = a", &[&near("crate")]),
        ("scope = \"s\", label = \"n\"", &[ACCEPTED]),
        ("\"s\"", &[ACCEPTED]),
        ("(a, b), scope = \"s\"", &[ACCEPTED]),
        (",", &[ACCEPTED]),
        ("scope", &[scope]),
        ("scope =", &[scope]),
        ("scope(\"s\")", &[scope]),
        ("scope = s", &[scope]),
        ("scope = \"s\"x", &[scope]),
        ("scope = b\"s\"", &[scope]),
        ("scope = \" \"", &["`scope` is empty; expected a string literal, as in `scope = \"install\"`"]),
        ("scope = \"s\", scope = \"s\"", &["duplicate argument `scope`; keep one of the two"]),
        ("scope = \"s\", polls, polls", &["duplicate argument `polls`; keep one of the two"]),
        ("scope = \"s\" name = \"n\"", &["expected `,` between two arguments"]),
        ("scope = \"s\", polls = true", &["`polls` takes no value; write `polls`"]),
        ("scope = \"s\", crate = \"a\"", &[path]),
        ("scope = \"s\", crate", &[path]),
        ("scope = 1, crate = 2, label", &[scope, path, ACCEPTED]),
    ];
    for (arguments, messages) in cases {
        for item in ["fn f() { x }", "impl S { fn f() {} }"] {
            let expansion = probe(arguments, item);
            assert_eq!(errors(&expansion), *messages, "{arguments}");
            assert!(expansion.ends_with(&tokens(item).to_string()), "{expansion}");
        }
    }
}

#[test]
fn marked_functions() {
    let lane = "this `Lane` is not supported by `#[must_run_parallel]`: it is no proof unless it is taken by value; write \
                `lane: Lane<'_>`";
    let future = "a function that returns a future is not supported by `#[must_run_parallel]`: the future would run \
                  outside the lane; do the work here, and return its result";
    let stream = "a function that returns a stream is not supported by `#[must_run_parallel]`: the stream would run \
                  outside the lane; do the work here, and return its results";
    let function = "expected a function; in an `impl` block, put it on each of the methods that block";
    let cases = [
        (
            "async fn f(l: Lane<'_>) {}",
            "`async fn` is not supported by `#[must_run_parallel]`: a lane ends with its item and cannot wait; make it a \
             plain `fn`, and call it from async code through a pass or `offload`",
        ),
        (
            "fn f(&self) {}",
            "`f` needs a `Lane<'_>` parameter: a marked function takes the proof that it runs inside a parallel pass; \
             add `lane: Lane<'_>` (the type is known by its name)",
        ),
        (
            "fn f(a: Lane<'_>, b: x::Lane<'_>);",
            "a second `Lane` is not supported by `#[must_run_parallel]`: one lane pays for one call; remove it",
        ),
        ("fn f(l: &Lane<'_>) {}", lane),
        ("fn f(l: &'a mut x::Lane) {}", lane),
        ("fn f(l: Option<Lane<'_>>) {}", lane),
        ("fn f(l: Lane<'_>, m: (u8, Lane<'_>)) {}", lane),
        ("fn f(l: &(Lane<'_>)) {}", lane),
        ("fn f(l: Lane<'_>) -> Result<Vec<BoxFuture<()>>, E> { x }", future),
        ("fn f(l: Lane<'_>) -> impl Future { x }", future),
        ("fn f(l: Lane<'_>) -> (u8, [Pin<Box<dyn Future<Output = ()>>>; 2]) { x }", future),
        ("fn f(l: Lane<'_>) -> impl Fn() -> BoxFuture<()> { x }", future),
        ("fn f(l: Lane<'_>) -> impl Iterator<Item = T::Future> { x }", future),
        ("fn f(l: Lane<'_>) -> fn(u8) -> *const <T as X<BoxFuture<()>>>::Y { x }", future),
        ("fn f(l: Lane<'_>) -> &'a [&'a dyn X<Item: Future>] { x }", future),
        ("fn f(l: Lane<'_>) -> Vec<BoxStream<'_, u8>> { x }", stream),
        ("fn f(l: Lane<'_>) -> impl Stream<Item = u8> { x }", stream),
        ("struct S;", function),
        ("impl S {}", function),
        (
            "fn f<Lane>(l: Lane) {}",
            "a type parameter named `Lane` is not supported by `#[must_run_parallel]`: it can be anything; rename it, and \
             take `lane: Lane<'_>`",
        ),
    ];
    for (item, message) in cases {
        let expansion = mark("", item);
        assert_eq!(errors(&expansion), [message], "{item}");
        assert!(expansion.ends_with(&tokens(item).to_string()), "{expansion}");
    }
    let item = "fn f(l: Lane<'_>) {}";
    assert_eq!(errors(&mark("scope = \"s\"", item)), ["expected `crate = path`"]);
    assert_eq!(errors(&mark("krate = x", item)), ["expected `crate = path`; did you mean `crate`?"]);
}
