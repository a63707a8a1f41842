//! The arguments of both attributes, and what is wrong with them.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{Error, LitStr, Path, Result, Token};

/// The arguments of one `#[concurrency_probe(..)]`, as far as they were written.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) scope: Option<LitStr>,
    pub(crate) name: Option<LitStr>,
    /// The word `name` itself, for an error on it.
    pub(crate) name_key: Option<Ident>,
    pub(crate) krate: Option<Path>,
    pub(crate) polls: Option<Ident>,
    pub(crate) skip: Option<Ident>,
}

impl Args {
    /// Parses `scope = "..", name = "..", crate = path, polls, skip`, in any order.
    ///
    /// Each argument gives at most one error, and the errors of several arguments are combined.
    pub(crate) fn parse(tokens: TokenStream) -> Result<Args> {
        parse_arguments(tokens, Accepted::PROBE)
    }

    /// These arguments, with `scope` and `crate` taken from the `impl` block where they are missing.
    pub(crate) fn or_from_block(mut self, block: &Args) -> Args {
        self.scope = self.scope.or_else(|| block.scope.clone());
        self.krate = self.krate.or_else(|| block.krate.clone());
        self
    }

    /// The scope, or the error that it is missing.
    pub(crate) fn require_scope(&self) -> Result<&LitStr> {
        self.scope.as_ref().ok_or_else(|| {
            Error::new(
                Span::call_site(),
                "missing `scope = \"..\"`: name the scope whose readings count this, as in \
                 `#[concurrency_probe(scope = \"install\")]`",
            )
        })
    }

    /// The path of the runtime's items for generated code.
    pub(crate) fn private(&self) -> TokenStream {
        in_runtime(self.krate.as_ref(), "__private")
    }
}

/// The path of the runtime's items for generated code, where no argument says another one.
pub(crate) fn private() -> TokenStream {
    in_runtime(None, "__private")
}

/// From the only argument of `#[must_run_parallel]`, the path of the runtime crate: that of its `Lane`.
pub(crate) fn parse_marker(tokens: TokenStream) -> Result<TokenStream> {
    let args = parse_arguments(tokens, Accepted::MARKER)?;
    Ok(in_runtime(args.krate.as_ref(), "Lane"))
}

/// The path of something in the runtime crate. Below a path that the user gave it has that path's place, so that what is
/// missing is missing there.
fn in_runtime(krate: Option<&Path>, name: &str) -> TokenStream {
    let span = krate.map_or_else(Span::mixed_site, |krate| krate.span().resolved_at(Span::mixed_site()));
    let name = Ident::new(name, span);
    let krate = krate.map_or_else(|| quote_spanned!(span=> ::concurrency_probe), Path::to_token_stream);
    quote_spanned!(span=> #krate::#name)
}

/// Which arguments an attribute has, as keys and as the words of its errors.
#[derive(Clone, Copy)]
struct Accepted {
    keys: &'static [&'static str],
    words: &'static str,
}

impl Accepted {
    const PROBE: Accepted = Accepted {
        keys: &["scope", "name", "crate", "polls", "skip"],
        words: "`scope = \"..\"`, `name = \"..\"`, `crate = path`, `polls` or `skip`",
    };
    const MARKER: Accepted = Accepted { keys: &["crate"], words: "`crate = path`" };

    fn error(self, span: Span, written: &str) -> Error {
        let mut message = format!("expected {}", self.words);
        if let Some(key) = self.keys.iter().find(|key| is_near_miss(key, written)) {
            message = format!("{message}; did you mean `{key}`?");
        }
        Error::new(span, message)
    }
}

fn parse_arguments(tokens: TokenStream, accepted: Accepted) -> Result<Args> {
    let parser = |input: ParseStream<'_>| {
        let mut args = Args::default();
        let mut errors: Option<Error> = None;
        while !input.is_empty() {
            if let Err(error) = args.parse_one(input, accepted) {
                combine(&mut errors, error);
                skip_argument(input)?;
            }
            input.parse::<Option<Token![,]>>()?;
        }
        errors.map_or(Ok(args), Err)
    };
    parser.parse2(tokens)
}

impl Args {
    fn parse_one(&mut self, input: ParseStream<'_>, accepted: Accepted) -> Result<()> {
        let span = input.span();
        let Ok(key) = input.call(Ident::parse_any) else { return Err(accepted.error(span, "")) };
        let text = key.to_string();
        if !accepted.keys.contains(&text.as_str()) {
            return Err(accepted.error(key.span(), &text));
        }
        match text.as_str() {
            "scope" => set(&mut self.scope, &key, string(input, &key, "install"))?,
            "name" => {
                set(&mut self.name, &key, string(input, &key, "link"))?;
                self.name_key = Some(key);
            }
            "crate" => set(&mut self.krate, &key, path(input, &key))?,
            "polls" => set(&mut self.polls, &key, flag(input, &key))?,
            _ => set(&mut self.skip, &key, flag(input, &key))?,
        }
        if input.is_empty() || input.peek(Token![,]) {
            return Ok(());
        }
        Err(input.error("expected `,` between two arguments"))
    }
}

/// Stores an argument; one that was given before is an error on the second.
fn set<T>(place: &mut Option<T>, key: &Ident, value: Result<T>) -> Result<()> {
    if place.is_some() {
        return Err(Error::new(key.span(), format!("duplicate argument `{key}`; keep one of the two")));
    }
    *place = Some(value?);
    Ok(())
}

fn string(input: ParseStream<'_>, key: &Ident, example: &str) -> Result<LitStr> {
    let expected = format!("expected a string literal, as in `{key} = \"{example}\"`");
    if input.parse::<Option<Token![=]>>()?.is_none() {
        return Err(Error::new(key.span(), expected));
    }
    let span = if input.is_empty() { key.span() } else { input.span() };
    let literal: LitStr = input.parse().map_err(|_| Error::new(span, &expected))?;
    if !literal.suffix().is_empty() {
        return Err(Error::new(span, expected));
    }
    if literal.value().trim().is_empty() {
        return Err(Error::new(span, format!("`{key}` is empty; {expected}")));
    }
    Ok(literal)
}

fn path(input: ParseStream<'_>, key: &Ident) -> Result<Path> {
    let expected = "expected a path, as in `crate = path::to::concurrency_probe`";
    if input.parse::<Option<Token![=]>>()?.is_none() || input.is_empty() {
        return Err(Error::new(key.span(), expected));
    }
    let span = input.span();
    input.call(Path::parse_mod_style).map_err(|_| Error::new(span, expected))
}

fn flag(input: ParseStream<'_>, key: &Ident) -> Result<Ident> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(key.clone());
    }
    Err(input.error(format!("`{key}` takes no value; write `{key}`")))
}

/// Goes on behind an argument that was not understood.
fn skip_argument(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

pub(crate) fn combine(errors: &mut Option<Error>, error: Error) {
    match errors {
        Some(errors) => errors.combine(error),
        None => *errors = Some(error),
    }
}

/// Whether `written` is `key` but for a slip: another case, or an edit distance of a third of its length.
fn is_near_miss(key: &str, written: &str) -> bool {
    let written = written.to_lowercase();
    distance(key, &written) <= key.len() / 3 + 1 && written.len() * 2 > key.len()
}

/// The Levenshtein distance, over bytes: the keys are ASCII, and no identifier is long.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut left = i + 1;
        let mut diagonal = i;
        let mut next = vec![left];
        for (y, &above) in b.bytes().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(x != y)).min(left + 1).min(above + 1);
            diagonal = above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(a.len())
}
