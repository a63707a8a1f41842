use super::{errors, invisible, mark, probe, readable, squeezed, tokens};
use crate::expand;
use proc_macro2::TokenStream;

const SYNC: &str = "let __concurrency_probe = { static SITE : [Sync, \"s\", \"f\", false] enter (& SITE) } ;";
const ASYNC: &str = "let __concurrency_probe = { static SITE : [Async, \"s\", \"f\", false] \
    let __concurrency_probe_begun = enter_async (|| & SITE) . await ; __concurrency_probe_begun } ;";

/// The body, with `@sync` and `@async` for what is spliced in.
#[track_caller]
fn splices(item: &str, expected: &str) {
    let expected = expected.replace("@sync", SYNC).replace("@async", ASYNC);
    assert_eq!(readable(&probe("scope = \"s\"", item)), squeezed(&expected));
}

#[test]
fn the_statements_come_first_and_the_rest_is_as_it_was() {
    splices("fn f() {}", "fn f() { @sync }");
    splices(
        "#[inline] pub(crate) unsafe extern \"C\" fn f<'a, T: X<{ 1 }>>(&'a self) -> ! where T: Y { a; b }",
        "#[inline] pub(crate) unsafe extern \"C\" fn f<'a, T: X<{ 1 }>>(&'a self) -> ! where T: Y { @sync a; b }",
    );
    splices("default fn f() { x }", "default fn f() { @sync x }");
    splices("async fn f() { x.await }", "async fn f() { @async x.await }");
    splices("fn r#f() {}", "fn r#f() { @sync }");
    splices("fn f() -> impl Iterator<Item = u32> { x }", "fn f() -> impl Iterator<Item = u32> { @sync x }");
}

#[test]
fn inner_attributes_and_items_stay_in_front() {
    splices("fn f() { #![a] #![b(c)] x }", "fn f() { #![a] #![b(c)] @sync x }");
    splices(
        "fn f() { #![a] use x::y; #[b] const Z: u8 = { 1 }; fn g() {} g(); const LATE: u8 = 1; }",
        "fn f() { #![a] use x::y; #[b] const Z: u8 = { 1 }; fn g() {} @sync g(); const LATE: u8 = 1; }",
    );
    splices("fn f() { unsafe { x } }", "fn f() { @sync unsafe { x } }");
    splices("fn f() { #[a] let x = 1; }", "fn f() { @sync #[a] let x = 1; }");
}

#[test]
fn a_body_need_not_parse() {
    splices("fn f() { @ $ => }", "fn f() { @sync @ $ => }");
    splices("async fn f() { @ $ => }", "async fn f() { @async @ $ => }");
    splices("fn f() { use x ++ y; }", "fn f() { @sync use x ++ y; }");
}

#[test]
fn a_future_is_counted_where_it_is_built() {
    let spliced = [
        ("async { x }", "async { @async x }"),
        ("let y = 1; async move { @ $ }", "let y = 1; async move { @async @ $ }"),
        ("(async move { x })", "(async move { @async x })"),
        ("Box::pin(async move { x })", "Box::pin(async move { @async x })"),
        ("Box::pin(async move { x },)", "Box::pin(async move { @async x },)"),
        ("std::boxed::Box::pin(async {}) as Pin<_>", "std::boxed::Box::pin(async { @async }) as Pin<_>"),
        ("Pin::from(Box::new(async { x }))", "Pin::from(Box::new(async { @async x }))"),
        ("async { x }.boxed()", "async { @async x }.boxed()"),
        ("unsafe { { async { x }.boxed_local() } }", "unsafe { { async { @async x }.boxed_local() } }"),
        ("g(async { 1 }); async { x }", "g(async { 1 }); async { @async x }"),
        ("Ok(Box::pin(async { x }))", "Ok(Box::pin(async { @async x }))"),
        ("return async { x };", "return async { @async x };"),
        ("if a { return Err(b); } Ok(async { x })", "if a { return Err(b); } Ok(async { @async x })"),
    ];
    for output in ["impl Future<Output = u32>", "Alias"] {
        for (body, expected) in spliced {
            let head = format!("fn f() -> {output}");
            splices(&format!("{head} {{ {body} }}"), &format!("{head} {{ {expected} }}"));
        }
    }
}

#[test]
fn several_blocks_share_a_site() {
    let expansion = readable(&probe(
        "scope = \"s\"",
        "fn f() -> BoxFuture<'static, u32> {
            if a { return Box::pin(async { 1 }); }
            match b { 0 => Box::pin(async move { 2 }), 1 => panic!(), _ => { async { 3 }.boxed() } }
        }",
    ));
    assert_eq!(expansion.matches("static").count(), 2, "the item, and the lifetime");
    let entry = "let __concurrency_probe = { let __concurrency_probe_begun = \
        enter_async (|| & __CONCURRENCY_PROBE_SITE) . await ; __concurrency_probe_begun } ;";
    assert_eq!(expansion.matches(&squeezed(entry)).count(), 3, "{expansion}");
    assert!(
        expansion
            .contains(&squeezed("{ static __CONCURRENCY_PROBE_SITE : [Async, \"s\", \"f\", false] if a")),
        "{expansion}"
    );
}

#[test]
fn several_polled_blocks_share_a_site() {
    let expansion = readable(&probe(
        "scope = \"s\", polls",
        "fn f() -> X { if a { async { x.await } } else { async { 1 } } }",
    ));
    let entry = "let __concurrency_probe_in_flight = enter_polls (& __CONCURRENCY_PROBE_SITE) ;";
    assert_eq!(expansion.matches(&squeezed(entry)).count(), 2, "{expansion}");
    assert!(expansion.contains("static__CONCURRENCY_PROBE_SITE:[Polls,\"s\",\"f\",false]"), "{expansion}");
}

/// A name is not a trait where no `impl`, `dyn` or binding says so.
#[test]
fn types_of_ones_own_that_are_called_future_or_stream() {
    for output in [
        "Future<u32>",
        "Future",
        "own::Stream<'a, T>",
        "crate::Future",
        "Box<Future<u32>>",
        "Result<Stream, Future>",
        "BoxFuture",
        "own::BoxStream<'static>",
        "LocalBoxFuture<3>",
        "Vec<impl Future<Output = ()>>",
        "impl Iterator<Item = impl Stream>",
        "r#Future",
    ] {
        let item = format!("fn f() -> {output} {{ g() }}");
        splices(&item, &item.replace("{ g() }", "{ @sync g() }"));
    }
    for output in
        ["Future<u32>", "Vec<own::Stream>", "impl Fn(Future) -> BoxFuture", "(Stream, [BoxStream; 2])"]
    {
        let item = format!("fn f(l: Lane<'_>) -> {output} {{ x }}");
        assert!(errors(&mark("", &item)).is_empty(), "{item}");
    }
}

#[test]
fn functions_that_are_called_gen() {
    for item in
        ["fn gen() { x }", "pub fn r#gen(gen: gen) -> gen { x }", "unsafe extern \"C\" fn gen<gen>() { x }"]
    {
        let expansion = readable(&probe("scope = \"s\"", item));
        let expected = item.replace("{ x }", &format!("{{ {SYNC} x }}")).replace("\"f\"", "\"gen\"");
        assert_eq!(expansion, squeezed(&expected));
    }
    let block = probe(
        "scope = \"s\"",
        "impl gen { gen! {} gen!(fn f() {}); const gen: gen = gen; async fn gen(gen: u32) {} }",
    );
    assert!(errors(&block).is_empty() && readable(&block).contains("\"gen::gen\""), "{block}");
}

#[test]
fn an_async_block_that_is_not_returned_is_left_alone() {
    splices(
        "fn f() -> JoinHandle<()> { spawn(async { x }) }",
        "fn f() -> JoinHandle<()> { @sync spawn(async { x }) }",
    );
    splices("fn f() { async { x }; }", "fn f() { @sync async { x }; }");
    splices("fn f() -> BoxFuture<()> { todo!() }", "fn f() -> BoxFuture<()> { @sync todo!() }");
    splices(
        "fn f() -> Box<dyn Fn() -> BoxFuture<()>> { Box::new(|| g()) }",
        "fn f() -> Box<dyn Fn() -> BoxFuture<()>> { @sync Box::new(|| g()) }",
    );
}

#[test]
fn polls_wraps_what_waits() {
    let wrapped =
        readable(&probe("scope = \"s\", polls", "async fn f() -> Result<&'a u32, E> { #![a] x.await }"));
    let site = "{ static SITE : [Polls, \"s\", \"f\", false] enter_polls (& SITE) }";
    assert!(
        wrapped.contains(&squeezed(&format!("{{ # ! [a] let __concurrency_probe_in_flight = {site} ;"))),
        "{wrapped}"
    );
    assert!(
        wrapped.contains(&squeezed(
            "None::<Result<&'_ u32, E>> { return __concurrency_probe_output; }; x.await }"
        )),
        "{wrapped}"
    );
    assert!(
        !readable(&probe("scope = \"s\", polls", "async fn f() -> ! { x.await }"))
            .contains(&squeezed("__concurrency_probe_output"))
    );
    assert!(
        !readable(&probe("scope = \"s\", polls", "async fn f() -> impl X { x.await }"))
            .contains(&squeezed("__concurrency_probe_output"))
    );
    let erased = readable(&probe("scope = \"s\", polls", "async fn f() -> Result<impl X, E> { x.await }"));
    assert!(erased.contains(&squeezed("None::<Result<_, E>>")), "{erased}");
    let spliced = readable(&probe("scope = \"s\", polls", "async fn f() { x }"));
    let expected = format!(
        "async fn f () {{ let __concurrency_probe_in_flight = {site} ; let __concurrency_probe_polling = __concurrency_probe_in_flight . poll () ; x }}"
    );
    assert_eq!(spliced, squeezed(&expected));
    let hidden = readable(&probe("scope = \"s\", polls", "async fn f() { join!(x) }"));
    assert!(hidden.contains(&squeezed("poll_fn")), "{hidden}");
}

#[test]
fn every_method_of_a_block() {
    let block = readable(&probe(
        "scope = \"s\", polls",
        "impl<T> a::r#Store<T> for B<{ 1 }> {
            #![allow(x)]
            const A: [u8; 2] = { [1; 2] };
            type C = u8;
            m! { fn not_mine() {} }
            n!(x);
            #[inline] pub fn r#put(&self) -> G<{ 1 }> { #![b] x }
            #[a::concurrency_probe(skip)] const fn len() {}
            #[concurrency_probe(name = \"own\", scope = \"t\")] async fn get(self) { x }
        }",
    ));
    let expected = "impl < T > a :: r#Store < T > for B < { 1 } > { # ! [allow (x)] const A : [u8 ; 2] = { [1 ; 2] } ; \
        type C = u8 ; m ! { fn not_mine () { } } n ! (x) ; # [inline] pub fn r#put (& self) -> G < { 1 } > { # ! [b] \
        let __concurrency_probe = { static SITE : [Sync, \"s\", \"B::put\", false] enter (& SITE) } ; x } const fn len () { } \
        async fn get (self) { let __concurrency_probe_in_flight = { static SITE : [Polls, \"t\", \"own\", true] enter_polls (& SITE) } ; \
        let __concurrency_probe_polling = __concurrency_probe_in_flight . poll () ; x } }";
    assert_eq!(block, squeezed(expected));
}

#[test]
fn a_block_names_any_type() {
    let names = [
        ("a::Store<T>", "Store"),
        ("<A as B>::C", "C"),
        ("&'a mut Store", "<&mut Store>"),
        ("[Store; N]", "<[Store; N]>"),
        ("[T]", "<[T]>"),
        ("(A, b::B)", "<(A, B)>"),
        ("dyn x::Tr<T> + Send", "<dyn Tr>"),
        ("(Store)", "Store"),
        ("*const T", "<* const T>"),
    ];
    for (ty, name) in names {
        let block = readable(&probe("scope = \"s\"", &format!("impl X for {ty} {{ fn f() {{}} }}")));
        assert!(block.contains(&squeezed(&format!("\"{name}::f\""))), "{ty}: {block}");
    }
}

#[test]
fn fragments_of_macro_rules() {
    let mut with_body = tokens("fn f()");
    with_body.extend(invisible(invisible(tokens("{ x }"))));
    let mut with_vis = invisible(TokenStream::new());
    with_vis.extend(tokens("fn f() ->"));
    with_vis.extend(invisible(tokens("u32")));
    with_vis.extend(tokens("{ x }"));
    let mut with_item = tokens("#[a]");
    with_item.extend(invisible(tokens("pub fn f() { x }")));
    for item in [with_body, with_vis, with_item, invisible(tokens("fn f() { x }"))] {
        let expansion = readable(&expand::expand(tokens("scope = \"s\""), item).to_string());
        assert!(expansion.ends_with(&squeezed(&format!("{{ {SYNC} x }}"))), "{expansion}");
    }
}

#[test]
fn a_path_to_the_runtime() {
    let expansion = squeezed(&probe("crate = a::b, name = \"n\", scope = \"s\",", "fn f() {}"));
    assert!(expansion.contains(&squeezed("a :: b :: __private :: enter (& SITE)")), "{expansion}");
    let site = "a :: b :: __private :: Sync . named_site (\"s\" , \"n\")";
    assert!(expansion.contains(&squeezed(site)), "{expansion}");
}

#[test]
fn a_marked_function_is_itself_and_a_check() {
    let check = "const _ : fn (Lane < '_ >) = | __concurrency_probe_lane | { let _ : :: concurrency_probe :: Lane < '_ > = __concurrency_probe_lane ; } ;";
    assert_eq!(
        mark("", "fn f<'a>(_: Lane<'a>, x: X) { x }"),
        tokens(&format!("fn f<'a>(_: Lane<'a>, x: X) {{ {check} x }}")).to_string()
    );
    assert_eq!(mark("", "fn f(&self, lane: Lane<'_>);"), tokens("fn f(&self, lane: Lane<'_>);").to_string());
    let elsewhere = squeezed(&mark("crate = a::b", "fn f(l: c::Lane) {}"));
    assert!(
        elsewhere.contains(
            "const_:fn(c::Lane)=|__concurrency_probe_lane|{let_:a::b::Lane<'_>=__concurrency_probe_lane;}"
        ),
        "{elsewhere}"
    );
    for item in [
        "unsafe extern \"C\" fn f<T>(x: T, mut l: Lane<'_>) -> T where T: X { x }",
        "const fn f(self: Pin<&mut Self>, (a, b): (u8, u8), l: (x::Lane)) {}",
        "fn f(l: Lane<'_>, g: impl FnOnce(Lane<'_>), h: &dyn Fn(u8, Lane<'_>), i: for<'a> fn(Lane<'a>)) {}",
    ] {
        assert!(errors(&mark("", item)).is_empty(), "{item}");
    }
}
