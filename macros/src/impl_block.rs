//! A probed `impl` block: the attribute on each of its methods.

use crate::args::{Args, combine};
use crate::item::{self, Body, Function, ImplBlock};
use crate::probe::{Probe, Ran};
use crate::tokens;
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Result, Token, Type};

/// The block with every method probed.
pub(crate) fn expand(block: &ImplBlock, args: &Args) -> Result<TokenStream> {
    if let Some(key) = &args.name_key {
        return Err(Error::new(
            key.span(),
            "`name` is not supported by an `impl` block: its methods are named `Type::method`; remove `name`, or put \
             `#[concurrency_probe(name = \"..\")]` on one method",
        ));
    }
    args.require_scope()?;
    let members = split.parse2(block.members.stream())?;
    let ty = type_name(&block.header.self_ty);
    let mut errors = None;
    let mut any_async = false;
    let mut content = TokenStream::new();
    for member in members {
        match probe_member(&member, &ty, args) {
            Ok((tokens, ran)) => {
                any_async |= ran == Some(Ran::Async);
                content.extend(tokens);
            }
            Err(error) => combine(&mut errors, error),
        }
    }
    if let Some(polls) = args.polls.as_ref().filter(|_| !any_async && errors.is_none()) {
        combine(
            &mut errors,
            Error::new(
                polls.span(),
                "`polls` is not supported by an `impl` block without async methods: nothing polls them; remove `polls`",
            ),
        );
    }
    match errors {
        Some(errors) => Err(errors),
        None => Ok(with_members(block, content)),
    }
}

/// The block without the attributes on its members, for after an error: each of them would give another.
pub(crate) fn without_attributes(block: &ImplBlock) -> TokenStream {
    match split.parse2(block.members.stream()) {
        Ok(members) => {
            let plain = members.into_iter().map(|member| take_attributes(member.tokens).0);
            with_members(block, plain.collect())
        }
        Err(_) => with_members(block, block.members.stream()),
    }
}

fn with_members(block: &ImplBlock, content: TokenStream) -> TokenStream {
    let mut tokens = block.head.clone();
    tokens.extend([TokenTree::Group(tokens::with_content(&block.members, content))]);
    tokens
}

fn probe_member(member: &Member, ty: &str, block: &Args) -> Result<(TokenStream, Option<Ran>)> {
    let (tokens, attributes) = take_attributes(member.tokens.clone());
    if !member.is_function {
        // The attribute on anything else is not ours to judge: it expands by itself, and says so.
        return Ok((member.tokens.clone(), None));
    }
    let mut own = Args::default();
    for (index, arguments) in attributes.into_iter().enumerate() {
        let parsed = Args::parse(arguments.stream())?;
        if index > 0 {
            return Err(Error::new(
                arguments.span(),
                "a second `#[concurrency_probe]` on one method is not supported; keep one of the two",
            ));
        }
        own = parsed;
    }
    if own.skip.is_some() {
        return Ok((tokens, None));
    }
    let polls_if_async = own.polls.is_none();
    let args = Args { polls: own.polls.clone().or_else(|| block.polls.clone()), ..own.or_from_block(block) };
    let item::Item::Function(function) = item::parse(tokens.clone())? else { return Ok((tokens, None)) };
    let Function { signature, body, .. } = &*function;
    if let (Body::None, None) = (body, &signature.constness) {
        // Not Rust, and rustc says so better.
        return Ok((tokens, None));
    }
    let name = format!("{ty}::{}", function.name());
    let (tokens, ran) = Probe::new(&function, &args, &name)?.expand(polls_if_async)?;
    Ok((tokens, Some(ran)))
}

/// A member of an `impl` block, as it was written.
struct Member {
    tokens: TokenStream,
    is_function: bool,
}

/// Splits the tokens of an `impl` block into its members; only a function's signature has to parse.
fn split(input: ParseStream<'_>) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    while !input.is_empty() {
        let mut tokens = TokenStream::new();
        if input.peek(Token![#]) && input.peek2(Token![!]) {
            // An inner attribute of the block.
            for _ in 0..3 {
                tokens.extend([input.parse::<TokenTree>()?]);
            }
            members.push(Member { tokens, is_function: false });
            continue;
        }
        let is_function = item::is_function(input);
        if is_function {
            let ahead = input.fork();
            item::signature(&ahead)?;
            while input.cursor() < ahead.cursor() {
                tokens.extend([input.parse::<TokenTree>()?]);
            }
            // The signature may have ended inside an invisible group that holds the body as well.
            if input.cursor() == ahead.cursor() {
                tokens.extend([input.parse::<TokenTree>()?]);
            }
        } else {
            other_member(input, &mut tokens)?;
        }
        members.push(Member { tokens, is_function });
    }
    Ok(members)
}

/// Takes a constant, a type or a macro call: everything up to a `;`, or to the braces of a macro call.
fn other_member(input: ParseStream<'_>, tokens: &mut TokenStream) -> Result<()> {
    let mut after_bang = false;
    while !input.is_empty() {
        let token: TokenTree = input.parse()?;
        let ends = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => after_bang && group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        after_bang = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '!');
        tokens.extend([token]);
        if ends {
            break;
        }
    }
    Ok(())
}

/// Takes the `#[concurrency_probe(..)]` off a member, under whatever path; gives the arguments of each.
fn take_attributes(tokens: TokenStream) -> (TokenStream, Vec<Group>) {
    let mut rest = Vec::new();
    let mut taken = Vec::new();
    let mut in_front = true;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_pound = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        match tokens.peek() {
            // A compiler refuses other brackets there, and is to see them.
            Some(TokenTree::Group(group))
                if in_front && is_pound && group.delimiter() == Delimiter::Bracket =>
            {
                if let Some(arguments) = probe_arguments(group) {
                    taken.push(arguments);
                } else {
                    rest.push(token);
                    rest.push(TokenTree::Group(group.clone()));
                }
                tokens.next();
            }
            _ => {
                in_front = false;
                rest.push(token);
            }
        }
    }
    (rest.into_iter().collect(), taken)
}

/// The arguments of an attribute whose path ends in `concurrency_probe`; none are an empty group.
fn probe_arguments(attribute: &Group) -> Option<Group> {
    let mut last: Option<Ident> = None;
    for token in tokens::flat(attribute.stream()) {
        match token {
            TokenTree::Ident(ident) => last = Some(ident),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {}
            TokenTree::Group(arguments) if last? == "concurrency_probe" => return Some(arguments),
            _ => return None,
        }
    }
    let empty = Group::new(Delimiter::Parenthesis, TokenStream::new());
    (last? == "concurrency_probe").then_some(empty)
}

/// `Store` for `crate::store::Store<T>`; for a type that is no path the way Rust writes it, as in `<[T]>`.
fn type_name(ty: &Type) -> String {
    match ty {
        Type::Path(_) => short(ty),
        Type::Group(group) => type_name(&group.elem),
        Type::Paren(paren) => type_name(&paren.elem),
        _ => format!("<{}>", short(ty)),
    }
}

fn short(ty: &Type) -> String {
    match ty {
        Type::Path(path) => {
            path.path.segments.last().map_or_else(String::new, |last| tokens::unraw(&last.ident))
        }
        Type::Group(group) => short(&group.elem),
        Type::Paren(paren) => short(&paren.elem),
        Type::Reference(reference) => {
            let mutability = if reference.mutability.is_some() { "mut " } else { "" };
            format!("&{mutability}{}", short(&reference.elem))
        }
        Type::Slice(slice) => format!("[{}]", short(&slice.elem)),
        Type::Array(array) => format!("[{}; {}]", short(&array.elem), compact(&array.len.to_token_stream())),
        Type::Tuple(tuple) => {
            let elems: Vec<String> = tuple.elems.iter().map(short).collect();
            format!("({})", elems.join(", "))
        }
        Type::TraitObject(object) => {
            let first = object.bounds.iter().find_map(|bound| match bound {
                syn::TypeParamBound::Trait(bound) => bound.path.segments.last(),
                _ => None,
            });
            let name = first
                .map_or_else(|| compact(&object.bounds.to_token_stream()), |last| tokens::unraw(&last.ident));
            format!("dyn {name}")
        }
        _ => compact(&ty.to_token_stream()),
    }
}

fn compact(tokens: &TokenStream) -> String {
    tokens.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}
