//! Whatever the tokens: no panic, an error, and the item again.

use super::{errors, invisible, probe, squeezed, tokens};
use crate::{expand, marker};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

fn hostile() -> Vec<TokenStream> {
    let texts = [
        "",
        "#",
        "#[a]",
        "#![a]",
        "#[a] #[b]",
        "pub",
        "pub(crate)",
        "fn",
        "fn f",
        "fn f()",
        "fn f() ->",
        "fn f<",
        "fn f {}",
        "fn f(x) {}",
        "fn f() where {} {}",
        "async",
        "async fn",
        "const",
        "const fn",
        "unsafe extern",
        "default",
        "fn 1() {}",
        "fn f(",
        "impl",
        "impl S",
        "impl {}",
        "impl S { fn }",
        "impl S { fn f }",
        "impl S { fn f( }",
        "impl S { 1 2 3 }",
        "impl S { #[concurrency_probe",
        "impl S { #[concurrency_probe(x)] fn f() {} }",
        "impl S { pub }",
        "impl S;",
        "struct",
        "struct S { fn }",
        "{}",
        "()",
        "[]",
        ";",
        "'a",
        "1",
        "\"s\"",
        "macro_rules! m { () => {} }",
        "x!()",
        "@ $ =>",
        "gen fn f() {}",
        "fn f() {} fn g() {}",
        "impl S { fn f() {} } fn",
        "impl !Send for S {}",
        "trait T { fn f(); }",
    ];
    let mut hostile: Vec<TokenStream> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    hostile.push(invisible(TokenStream::new()));
    hostile.push(invisible(invisible(tokens("fn"))));
    hostile.push(invisible(tokens("struct S;")));
    let mut split = tokens("fn f");
    split.extend(invisible(tokens("() {}")));
    hostile.push(split);
    let mut members = tokens("impl S");
    members.extend(invisible(tokens("{ fn f }")));
    hostile.push(members);
    hostile
}

#[test]
fn items() {
    for arguments in
        ["scope = \"s\"", "scope = \"s\", polls", "skip", "", "@ $ =>", "= = =", "scope = scope = scope"]
    {
        for item in hostile() {
            for expand in [expand::expand, marker::expand] {
                let expansion = expand(tokens(arguments), item.clone()).to_string();
                let refused = !errors(&expansion).is_empty();
                let text = item.to_string();
                assert!(
                    refused || expansion.contains("_probe") || text.contains("impl"),
                    "{arguments}: {text}"
                );
                if refused && !text.contains("concurrency_probe") {
                    assert!(expansion.ends_with(&text), "{arguments}: {text}: {expansion}");
                }
            }
        }
    }
}

#[test]
fn bodies() {
    let bodies = [
        "@ $ =>",
        "async",
        "async move",
        "async { @ }",
        "return",
        "return async",
        "if",
        "match x { async {} }",
        "#![",
        "#!",
        "use",
        "use x",
        "fn",
        "const X",
        "Box::pin",
        "Box::pin(",
        "Box::pin()",
        "Box::pin(async {}, 1)",
        ".await",
        "'a: {}",
        "async { 1 }.boxed().boxed()",
        "async move move {}",
        "loop { break async {} }",
        "x = async {}",
        "async {} async {}",
    ];
    for body in bodies {
        for head in
            ["fn f()", "async fn f()", "fn f() -> X", "fn f() -> impl Future", "async fn f() -> impl X"]
        {
            for arguments in ["scope = \"s\"", "scope = \"s\", polls"] {
                let Ok(item) = format!("{head} {{ {body} }}").parse::<TokenStream>() else { continue };
                let expansion = expand::expand(tokens(arguments), item.clone()).to_string();
                assert!(
                    expansion.contains("__private") || expansion.ends_with(&item.to_string()),
                    "{item}: {expansion}"
                );
            }
        }
    }
}

/// An item may end inside an invisible group. There is no place behind it, and the statements go before it.
#[test]
fn an_item_that_ends_inside_an_invisible_group() {
    let mut body = tokens("use a::b; const X: u8");
    body.extend(invisible(tokens("= 1; x")));
    let mut item = tokens("fn f()");
    item.extend([TokenTree::Group(Group::new(Delimiter::Brace, body))]);
    let expansion = expand::expand(tokens("scope = \"s\""), item).to_string();
    let [entry, constant] = ["let __concurrency_probe", "const X"].map(|text| expansion.find(text).unwrap());
    assert!(entry < constant && expansion.ends_with("const X : u8 = 1 ; x }"), "{expansion}");
}

/// Only `#[..]` is an attribute. What the compiler would refuse is not taken off with those.
#[test]
fn what_is_no_attribute_of_a_method_is_kept() {
    let method = "#{concurrency_probe(name = \"n\")} fn f() {}";
    // In a block that is refused: of each of the methods the attribute is taken off.
    let expansion = probe("scope = \"s\", polls", &format!("impl S {{ {method} }}"));
    assert!(squeezed(&expansion).contains("#{concurrency_probe(name=\"n\")}fnf()"), "{expansion}");
}
