//! Errors that a body wrapped in a closure moves: the harness wraps it, and must see it.

mod inside {
    //@probe(scope = "errors")
    fn tail(argument: u32) -> String {
        argument //~ E0308
    }

    //@probe(scope = "errors")
    fn question_mark(text: &str) -> Result<u32, String> {
        Ok(text.parse::<u32>()?) //~ E0277
    }
}
