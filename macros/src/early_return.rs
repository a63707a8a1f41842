//! The early returns of a function that builds a future.

use crate::args::combine;
use crate::value::{self, Value};
use syn::{Block, Error, Expr, Stmt};

/// Adds the async blocks that are returned early to `blocks`; the error stands on each other value.
pub(crate) fn check(statements: &[Stmt], blocks: &mut Vec<usize>) -> Option<Error> {
    let mut returns = Returns { blocks, strays: None };
    returns.statements(statements);
    returns.strays
}

struct Returns<'a> {
    blocks: &'a mut Vec<usize>,
    strays: Option<Error>,
}

impl Returns<'_> {
    fn statements(&mut self, statements: &[Stmt]) {
        for statement in statements {
            match statement {
                Stmt::Expr(expr, _) => self.expr(expr),
                Stmt::Local(local) => {
                    if let Some(init) = &local.init {
                        self.expr(&init.expr);
                        if let Some((_, diverge)) = &init.diverge {
                            self.expr(diverge);
                        }
                    }
                }
                // Nested items return from themselves; what a macro returns cannot be known.
                Stmt::Item(_) | Stmt::Macro(_) => {}
            }
        }
    }

    fn block(&mut self, block: &Block) {
        self.statements(&block.stmts);
    }

    fn all<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn returned(&mut self, returned: &Expr) {
        let mut found = Vec::new();
        if value::value(returned, &mut found) == Value::Other {
            let message = "a future that is not built here is not supported by `#[concurrency_probe]`: it would run \
                           uncounted; return `async move { .. }` or `Box::pin(async move { .. })`";
            combine(&mut self.strays, Error::new_spanned(returned, message));
        } else {
            self.blocks.append(&mut found);
        }
        self.expr(returned);
    }

    /// Everything but closures and async blocks, which return from themselves.
    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Return(expr) => {
                if let Some(returned) = &expr.expr {
                    self.returned(returned);
                }
            }
            Expr::Array(expr) => self.all(&expr.elems),
            Expr::Assign(expr) => self.all([&*expr.left, &*expr.right]),
            Expr::Await(expr) => self.expr(&expr.base),
            Expr::Binary(expr) => self.all([&*expr.left, &*expr.right]),
            Expr::Block(expr) => self.block(&expr.block),
            Expr::Break(expr) => self.all(expr.expr.as_deref()),
            Expr::Call(expr) => {
                self.expr(&expr.func);
                self.all(&expr.args);
            }
            Expr::Cast(expr) => self.expr(&expr.expr),
            Expr::Field(expr) => self.expr(&expr.base),
            Expr::ForLoop(expr) => {
                self.expr(&expr.expr);
                self.block(&expr.body);
            }
            Expr::Group(expr) => self.expr(&expr.expr),
            Expr::If(expr) => {
                self.expr(&expr.cond);
                self.block(&expr.then_branch);
                self.all(expr.else_branch.as_ref().map(|(_, otherwise)| &**otherwise));
            }
            Expr::Index(expr) => self.all([&*expr.expr, &*expr.index]),
            Expr::Let(expr) => self.expr(&expr.expr),
            Expr::Loop(expr) => self.block(&expr.body),
            Expr::Match(expr) => {
                self.expr(&expr.expr);
                self.all(expr.arms.iter().map(|arm| &*arm.body));
            }
            Expr::MethodCall(expr) => {
                self.expr(&expr.receiver);
                self.all(&expr.args);
            }
            Expr::Paren(expr) => self.expr(&expr.expr),
            Expr::Range(expr) => self.all([expr.start.as_deref(), expr.end.as_deref()].into_iter().flatten()),
            Expr::RawAddr(expr) => self.expr(&expr.expr),
            Expr::Reference(expr) => self.expr(&expr.expr),
            Expr::Repeat(expr) => self.expr(&expr.expr),
            Expr::Struct(expr) => {
                self.all(expr.fields.iter().map(|field| &field.expr));
                self.all(expr.rest.as_deref());
            }
            Expr::Try(expr) => self.expr(&expr.expr),
            Expr::Tuple(expr) => self.all(&expr.elems),
            Expr::Unary(expr) => self.expr(&expr.expr),
            Expr::Unsafe(expr) => self.block(&expr.block),
            Expr::While(expr) => {
                self.expr(&expr.cond);
                self.block(&expr.body);
            }
            _ => {}
        }
    }
}
