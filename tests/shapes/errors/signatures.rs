//! Signatures that are wrong by themselves.

mod inside {
    //@probe(scope = "errors")
    fn missing_lifetime(a: &str, b: &str) -> &str { //~ E0106
        a
    }

    //@probe(scope = "errors")
    fn undeclared_lifetime(a: &'a str) -> u32 { //~ E0261
        1
    }

    //@probe(scope = "errors")
    fn twice(a: u32, a: u32) -> u32 { //~ E0415
        a
    }

    //@probe(scope = "errors")
    fn defined_twice() {}

    //@probe(scope = "errors")
    fn defined_twice() {} //~ E0428

    //@probe(scope = "errors")
    fn unknown_bound<T: Unknown>(value: T) {} //~ E0405

    //@probe(scope = "errors")
    fn generic_twice<T, T>(value: T) {} //~ E0403
}
