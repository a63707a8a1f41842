//! The plain case, without a syntax tree: a synchronous function that names no future and builds none.
//!
//! Most probed functions are of this kind, and a syntax tree of each is most of what the attribute would cost whoever compiles them.
//! What is anything else goes the long way (`expand`), which knows all errors: here nothing is refused.

use crate::body::ITEM_KEYWORDS;
use crate::tokens;
use proc_macro2::{Delimiter, Group, Ident, Literal, Spacing, Span, TokenStream, TokenTree};

/// A function of the plain case.
pub(crate) struct Plain {
    /// Everything before the body, as it was written.
    head: Vec<TokenTree>,
    name: Ident,
    body: Group,
}

/// The arguments of the plain case: string literals without an escape.
pub(crate) struct PlainArgs {
    pub(crate) scope: Literal,
    pub(crate) name: Option<Literal>,
}

impl PlainArgs {
    /// `scope = "..", name = ".."`, in this order, the name if it is there; `None` for anything else.
    pub(crate) fn parse(arguments: TokenStream) -> Option<Self> {
        let mut tokens = arguments.into_iter();
        let scope = argument(&mut tokens, "scope")?;
        let mut name = None;
        if let Some(comma) = tokens.next() {
            if !is_punct(&comma, ',') {
                return None;
            }
            name = match tokens.next() {
                None => None,
                Some(key) => Some(value(&key, &mut tokens, "name")?),
            };
        }
        let rest = tokens.next();
        let is_at_end = rest.is_none_or(|rest| is_punct(&rest, ',') && tokens.next().is_none());
        is_at_end.then_some(PlainArgs { scope, name })
    }
}

fn argument(tokens: &mut impl Iterator<Item = TokenTree>, key: &str) -> Option<Literal> {
    let token = tokens.next()?;
    value(&token, tokens, key)
}

/// What stands behind a key and its `=`.
fn value(token: &TokenTree, tokens: &mut impl Iterator<Item = TokenTree>, key: &str) -> Option<Literal> {
    if !is_word(token, key) || !is_punct(&tokens.next()?, '=') {
        return None;
    }
    let TokenTree::Literal(mut literal) = tokens.next()? else { return None };
    let text = literal.to_string();
    let inside = text.strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains(['\\', '"']) || inside.trim().is_empty() {
        return None;
    }
    literal.set_span(Span::mixed_site());
    Some(literal)
}

impl Plain {
    /// The function, if it is of the plain case.
    pub(crate) fn parse(item: TokenStream) -> Option<Self> {
        let mut head: Vec<TokenTree> = item.into_iter().collect();
        let TokenTree::Group(body) = head.pop()? else { return None };
        if body.delimiter() != Delimiter::Brace {
            return None;
        }
        let at = name(&head)?;
        let TokenTree::Ident(name) = head.get(at)?.clone() else { return None };
        // What is behind the parameters: the output and the conditions.
        let behind = parameters(&head, at + 1)? + 1;
        if head.get(behind..)?.iter().any(may_name_a_future) || !is_plain_body(&body) {
            return None;
        }
        Some(Plain { head, name, body })
    }

    /// The token that is its name.
    pub(crate) fn name(&self) -> &Ident {
        &self.name
    }

    /// The function with these statements at the head of its body.
    pub(crate) fn with_statements(self, mut statements: TokenStream) -> TokenStream {
        statements.extend([self.body.stream()]);
        let body = TokenTree::Group(tokens::with_content(&self.body, statements));
        self.head.into_iter().chain([body]).collect()
    }
}

/// The place of a function's name, behind attributes, a visibility, `unsafe` and `extern`. Other qualifiers are not of the plain case.
fn name(head: &[TokenTree]) -> Option<usize> {
    let mut at = 0;
    while head.get(at).is_some_and(|token| is_punct(token, '#')) {
        if !is_group(head.get(at + 1)?, Delimiter::Bracket) {
            return None;
        }
        at += 2;
    }
    if is_word(head.get(at)?, "pub") {
        at += 1;
        at += usize::from(is_group(head.get(at)?, Delimiter::Parenthesis));
    }
    at += usize::from(is_word(head.get(at)?, "unsafe"));
    if is_word(head.get(at)?, "extern") {
        at += 1;
        at += usize::from(matches!(head.get(at)?, TokenTree::Literal(_)));
    }
    let is_function = is_word(head.get(at)?, "fn") && matches!(head.get(at + 1)?, TokenTree::Ident(_));
    is_function.then_some(at + 1)
}

/// The place of the parameters, behind generic parameters if there are any.
fn parameters(head: &[TokenTree], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut after_minus = false;
    loop {
        let token = head.get(at)?;
        if depth == 0 && is_group(token, Delimiter::Parenthesis) {
            return Some(at);
        }
        let TokenTree::Punct(punct) = token else {
            if depth == 0 {
                return None;
            }
            (at, after_minus) = (at + 1, false);
            continue;
        };
        match punct.as_char() {
            '<' => depth += 1,
            '>' if after_minus => {}
            '>' => depth = depth.checked_sub(1)?,
            _ if depth == 0 => return None,
            _ => {}
        }
        after_minus = punct.as_char() == '-' && punct.spacing() == Spacing::Joint;
        at += 1;
    }
}

/// Whether a return type or a condition may have to do with a future or a stream, or with what a `macro_rules!` put there.
fn may_name_a_future(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(ident) => {
            let text = ident.to_string();
            ["Future", "Stream", "AsyncIterator"].iter().any(|name| text.contains(name))
        }
        TokenTree::Group(group) => {
            group.delimiter() == Delimiter::None
                || group.stream().into_iter().any(|token| may_name_a_future(&token))
        }
        _ => false,
    }
}

/// Whether a body builds no future, and begins with no inner attribute or item: those stay in front of what is added.
///
/// Asked of its text, which a compiler prints in one step, where each group would be asked for by itself. A word in a string or a
/// comment only leads to the long way.
fn is_plain_body(body: &Group) -> bool {
    let text = body.stream().to_string();
    let text = text.trim_start();
    let first = text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    !text.starts_with(['#', '/']) && !ITEM_KEYWORDS.contains(&first) && !text.contains("async")
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}
