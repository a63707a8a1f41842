//! A function's body, as the tokens between its braces: it need not parse.

use crate::tokens;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::{Item, Stmt};

/// The brace group a body is, without the invisible groups that `$body:block` puts around it.
pub(crate) fn brace_group(token: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = token else { return None };
    match group.delimiter() {
        Delimiter::Brace => Some(group.clone()),
        Delimiter::None => {
            let mut content = group.stream().into_iter();
            let only = content.next()?;
            if content.next().is_some() { None } else { brace_group(&only) }
        }
        Delimiter::Parenthesis | Delimiter::Bracket => None,
    }
}

/// Puts `statements` at the head of `body`.
///
/// Inner attributes stay in front, because nowhere else are they accepted. So do the items a body begins with:
/// items are not executed, and behind a `let` they would trip `clippy::items_after_statements`.
pub(crate) fn splice(body: &Group, statements: &TokenStream) -> Group {
    let (front, rest) = split(body.stream(), |tokens| {
        let attributes = inner_attributes(tokens);
        attributes + leading_items(tokens.iter().skip(attributes).cloned().collect())
    });
    let mut content = front;
    content.extend([statements.clone(), rest]);
    tokens::with_content(body, content)
}

/// Splits a body behind its inner attributes.
pub(crate) fn split_inner_attributes(body: TokenStream) -> (TokenStream, TokenStream) {
    split(body, inner_attributes)
}

/// Splits a stream behind as many tokens as `count` says.
///
/// A stream that is not split is handed on as it is. Once taken to tokens and put together again, one from a
/// `macro_rules!` would no longer know where its `$variables` stood, and coverage and lints would lose their places.
fn split(stream: TokenStream, count: impl FnOnce(&[TokenTree]) -> usize) -> (TokenStream, TokenStream) {
    let mut tokens: Vec<TokenTree> = stream.clone().into_iter().collect();
    let count = count(&tokens);
    if count == 0 {
        return (TokenStream::new(), stream);
    }
    let rest = tokens.split_off(count);
    (tokens.into_iter().collect(), rest.into_iter().collect())
}

/// How many tokens the inner attributes (`#![..]`) take.
fn inner_attributes(tokens: &[TokenTree]) -> usize {
    let is_attribute = |window: &[TokenTree]| {
        matches!(window, [TokenTree::Punct(pound), TokenTree::Punct(bang), TokenTree::Group(group)]
            if pound.as_char() == '#' && bang.as_char() == '!' && group.delimiter() == Delimiter::Bracket)
    };
    3 * tokens.chunks(3).take_while(|window| is_attribute(window)).count()
}

/// How many tokens the items take that a body begins with.
fn leading_items(tokens: TokenStream) -> usize {
    let begins_item = |token: &TokenTree| match token {
        TokenTree::Ident(ident) => ITEM_KEYWORDS.contains(&ident.to_string().as_str()),
        TokenTree::Punct(punct) => punct.as_char() == '#',
        _ => false,
    };
    // Most bodies begin with no item: they are not parsed.
    if !tokens.clone().into_iter().next().is_some_and(|token| begins_item(&token)) {
        return 0;
    }
    let total = tokens.clone().into_iter().count();
    let parser = |input: ParseStream<'_>| {
        let mut head = 0;
        loop {
            let ahead = input.fork();
            match ahead.parse::<Stmt>() {
                // A macro call that may be an item may be an expression as well.
                Ok(Stmt::Item(item)) if !matches!(&item, Item::Macro(call) if call.ident.is_none()) => {}
                _ => break,
            }
            let mut cursor = input.cursor();
            let mut length = 0;
            while cursor < ahead.cursor() {
                let Some((_, next)) = cursor.token_tree() else { break };
                cursor = next;
                length += 1;
            }
            if cursor != ahead.cursor() {
                // The item ends inside an invisible group; there is no token to splice behind.
                break;
            }
            head += length;
            syn::parse::discouraged::Speculative::advance_to(input, &ahead);
        }
        input.parse::<TokenStream>()?;
        Ok(head)
    };
    parser.parse2(tokens).map_or(0, |head: usize| head.min(total))
}

/// The words that an item may begin with.
pub(crate) const ITEM_KEYWORDS: [&str; 16] = [
    "async",
    "const",
    "enum",
    "extern",
    "fn",
    "impl",
    "macro_rules",
    "mod",
    "pub",
    "static",
    "struct",
    "trait",
    "type",
    "union",
    "unsafe",
    "use",
];
