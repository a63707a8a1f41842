//! What an attribute stands on: a function or an `impl` block, kept as the tokens it came in.

use crate::body;
use crate::tokens;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Error, ItemImpl, Result, Signature, Token, Visibility};

/// A function, whose signature is known and whose body need not parse.
pub(crate) struct Function {
    /// Everything before the body, as it was written: this is emitted, never `signature`.
    pub(crate) head: TokenStream,
    /// Of a `gen fn` without `gen` and what stands before it.
    pub(crate) signature: Signature,
    pub(crate) generator: Option<Generator>,
    pub(crate) body: Body,
}

/// The words `gen` or `async gen` of a function that builds an iterator. syn does not know them.
pub(crate) struct Generator {
    pub(crate) is_async: bool,
    /// The words themselves, for an error on them.
    pub(crate) keywords: TokenStream,
}

impl Generator {
    pub(crate) fn name(&self) -> &'static str {
        if self.is_async { "async gen fn" } else { "gen fn" }
    }
}

pub(crate) enum Body {
    Braces(Group),
    /// A declaration, which ends in a `;`.
    None,
}

impl Function {
    /// The function with another body.
    pub(crate) fn with_body(&self, body: Group) -> TokenStream {
        let mut tokens = self.head.clone();
        tokens.extend([TokenTree::Group(body)]);
        tokens
    }

    /// The function's name, without `r#`.
    pub(crate) fn name(&self) -> String {
        tokens::unraw(&self.signature.ident)
    }
}

/// An `impl` block, whose members are not parsed yet.
pub(crate) struct ImplBlock {
    pub(crate) head: TokenStream,
    /// The block without its members.
    pub(crate) header: ItemImpl,
    pub(crate) members: Group,
}

pub(crate) enum Item {
    Function(Box<Function>),
    Impl(Box<ImplBlock>),
    /// Anything else; the error stands on its first keyword.
    Other(Error),
}

/// Parses the item an attribute stands on. An error means that it is a function or a block that does not parse.
pub(crate) fn parse(item: TokenStream) -> Result<Item> {
    let (head, last) = split_last(item);
    let head: TokenStream = head.into_iter().collect();
    let whole = |input: ParseStream<'_>| {
        let kind = kind(input)?;
        input.parse::<TokenStream>()?;
        Ok(kind)
    };
    let kind = whole.parse2(head.clone())?;
    let Some(last) = last else {
        return Ok(Item::Other(Error::new(proc_macro2::Span::call_site(), "expected an item")));
    };
    match kind {
        Kind::Function => {
            let (signature, generator) = signature.parse2(head.clone())?;
            let body = match body::brace_group(&last) {
                Some(group) => Body::Braces(group),
                None => Body::None,
            };
            Ok(Item::Function(Box::new(Function { head, signature, generator, body })))
        }
        Kind::Impl => {
            let Some(members) = body::brace_group(&last) else {
                return Err(Error::new(last.span(), "expected curly braces"));
            };
            let mut whole = head.clone();
            whole.extend([TokenTree::Group(tokens::with_content(&members, TokenStream::new()))]);
            let header = syn::parse2(whole)?;
            Ok(Item::Impl(Box::new(ImplBlock { head, header, members })))
        }
        Kind::Other(error) => Ok(Item::Other(error)),
    }
}

/// The tokens before the last one, and the last one; invisible groups around several tokens are looked into.
fn split_last(tokens: TokenStream) -> (Vec<TokenTree>, Option<TokenTree>) {
    let mut head: Vec<TokenTree> = tokens.into_iter().collect();
    loop {
        match head.pop() {
            Some(TokenTree::Group(group))
                if group.delimiter() == Delimiter::None
                    && body::brace_group(&TokenTree::Group(group.clone())).is_none() =>
            {
                head.extend(group.stream());
            }
            last => return (head, last),
        }
    }
}

enum Kind {
    Function,
    Impl,
    Other(Error),
}

/// Tells what an item is by the words before its name. It reads no further: of each method of a block the rest is all the
/// methods behind it.
fn kind(input: ParseStream<'_>) -> Result<Kind> {
    input.call(Attribute::parse_outer)?;
    input.parse::<Visibility>()?;
    let other = input.error("expected a function or an `impl` block");
    let mut kind = Kind::Other(other);
    while !input.is_empty() {
        if input.peek(Token![fn]) {
            kind = Kind::Function;
        } else if input.peek(Token![impl]) {
            kind = Kind::Impl;
        } else if is_qualifier(input) {
            input.parse::<TokenTree>()?;
            continue;
        }
        break;
    }
    Ok(kind)
}

/// Whether the next token may stand before `fn` or `impl`.
fn is_qualifier(input: ParseStream<'_>) -> bool {
    input.peek(Token![default])
        || input.peek(Token![const])
        || input.peek(Token![async])
        || input.peek(Token![unsafe])
        || peek_safe(input)
        || input.peek(Token![extern])
        || input.peek(syn::LitStr)
        || peek_gen(input)
}

/// The word `safe`, which syn 2 does not know.
fn peek_safe(input: ParseStream<'_>) -> bool {
    input.cursor().ident().is_some_and(|(word, _)| word == "safe")
}

/// The word `gen` before `fn`. Elsewhere it is a name, which editions before 2024 allow.
fn peek_gen(input: ParseStream<'_>) -> bool {
    let Some((word, next)) = input.cursor().ident() else { return false };
    word == "gen"
        && next.ident().is_some_and(|(next, _)| tokens::is_one_of(&next, &["fn", "unsafe", "extern"]))
}

/// Parses everything of a function that stands before its body.
pub(crate) fn signature(input: ParseStream<'_>) -> Result<(Signature, Option<Generator>)> {
    input.call(Attribute::parse_outer)?;
    input.parse::<Visibility>()?;
    input.parse::<Option<Token![default]>>()?;
    if peek_safe(input) && input.peek2(Token![fn]) {
        input.parse::<TokenTree>()?;
    }
    let generator = generator(input)?;
    Ok((input.parse()?, generator))
}

/// Takes the qualifiers of a `gen fn` up to and with `gen`; of another function it takes nothing.
fn generator(input: ParseStream<'_>) -> Result<Option<Generator>> {
    let ahead = input.fork();
    let mut keywords = TokenStream::new();
    let mut is_async = false;
    while is_qualifier(&ahead) {
        let is_gen = peek_gen(&ahead);
        let token: TokenTree = ahead.parse()?;
        let is_asyncness = matches!(&token, TokenTree::Ident(word) if word == "async");
        if is_gen || is_asyncness {
            keywords.extend([token]);
        }
        is_async |= is_asyncness;
        if is_gen {
            Speculative::advance_to(input, &ahead);
            return Ok(Some(Generator { is_async, keywords }));
        }
    }
    Ok(None)
}

/// Whether a function comes next, behind its attributes and its visibility.
pub(crate) fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    matches!(kind(&ahead), Ok(Kind::Function))
}
