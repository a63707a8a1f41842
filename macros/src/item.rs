//! What an attribute stands on: a function or an `impl` block, kept as the tokens it came in.

use crate::body;
use crate::tokens;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Error, ItemImpl, Result, Signature, Token, Visibility};

/// A function, whose signature is known and whose body need not parse.
pub(crate) struct Function {
    /// Everything before the body, as it was written: this is emitted, never `signature`.
    pub(crate) head: TokenStream,
    pub(crate) signature: Signature,
    pub(crate) body: Body,
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
            let signature = signature.parse2(head.clone())?;
            let body = match body::brace_group(&last) {
                Some(group) => Body::Braces(group),
                None => Body::None,
            };
            Ok(Item::Function(Box::new(Function { head, signature, body })))
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
        || input.peek(Token![safe])
        || input.peek(Token![extern])
        || input.peek(syn::LitStr)
}

/// Parses everything of a function that stands before its body.
pub(crate) fn signature(input: ParseStream<'_>) -> Result<Signature> {
    input.call(Attribute::parse_outer)?;
    input.parse::<Visibility>()?;
    input.parse::<Option<Token![default]>>()?;
    if input.peek(Token![safe]) && input.peek2(Token![fn]) {
        input.parse::<Token![safe]>()?;
    }
    input.parse()
}

/// Whether a function comes next, behind its attributes and its visibility.
pub(crate) fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    matches!(kind(&ahead), Ok(Kind::Function))
}
