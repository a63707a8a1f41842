//! Types that do not fit.

mod inside {
    //@probe(scope = "errors")
    fn tail(argument: u32) -> String {
        argument //~ E0308
    }

    //@probe(scope = "errors")
    fn no_tail() -> u32 { //~ E0308
    }

    //@probe(scope = "errors")
    fn semicolon(argument: u32) -> u32 { //~ E0308
        argument + 1;
    }

    //@probe(scope = "errors")
    fn one_branch(flag: bool) -> u32 {
        if flag { //~ E0317
            1
        }
    }

    //@probe(scope = "errors")
    fn early(flag: bool) -> u32 {
        if flag {
            return "early"; //~ E0308
        }
        1
    }

    //@probe(scope = "errors")
    fn returns_nothing() -> u32 {
        return; //~ E0069
    }

    //@probe(scope = "errors")
    fn unit() {
        1 //~ E0308
    }

    //@probe(scope = "errors")
    fn never(flag: bool) -> ! {
        if flag { //~ E0317
            panic!()
        }
    }

    //@probe(scope = "errors")
    fn question_mark(text: &str) -> Result<u32, std::num::ParseFloatError> {
        let number: u32 = text.parse()?; //~ E0271
        Ok(number)
    }

    //@probe(scope = "errors")
    fn question_mark_in_unit(text: &str) {
        let number: u32 = text.parse()?; //~ E0277
    }

    //@probe(scope = "errors")
    fn boxed() -> Box<dyn Fn(u32) -> u32> {
        Box::new(|n: &str| 1) //~ E0631
    }

    //@probe(scope = "errors")
    fn implements(n: u32) -> impl Iterator<Item = u32> { //~ E0277
        n
    }

    //@probe(scope = "errors")
    fn two_types(flag: bool) -> impl std::fmt::Debug {
        if flag {
            return 1;
        }
        "two" //~ E0308
    }

    //@probe(scope = "errors")
    fn arguments(n: u32) -> u32 {
        arguments("x") + arguments(1, 2) //~ E0308 E0061
    }

    //@probe(scope = "errors")
    fn inference() {
        let values = Vec::new(); //~ E0282
    }

    //@probe(scope = "errors")
    fn inference_of_a_call() {
        let parsed = "1".parse().unwrap(); //~ E0284
    }

    //@probe(scope = "errors")
    fn wrong_generic<T, const N: usize>(value: T) -> [T; N] {
        wrong_generic::<u32>(1); //~ E0107
        [value] //~ E0308
    }

    //@probe(scope = "errors")
    fn missing_bound<T>(value: T) -> T {
        value.clone(); //~ E0599
        value + value //~ E0369
    }

    struct Store {
        slots: u32,
    }

    trait Count {
        fn count(&self) -> u32;
        fn name(&self) -> String;
    }

    //@probe(scope = "errors")
    impl Count for Store {
        fn count(&self) -> u32 {
            self.slots as u64 //~ E0308
        }

        fn name(self) -> String { //~ E0053
            self.missing //~ E0609
        }
    }

    //@probe(scope = "errors")
    impl Store {
        fn new() -> Self {
            Store { slots: "x" } //~ E0308
        }

        fn private(&self) -> &str {
            &self.slots //~ E0308
        }
    }

    //@probe(scope = "errors")
    fn main_like() -> Result<(), String> {
        "x".parse::<u32>().map(drop) //~ E0308
    }

    macro_rules! make {
        ($name:ident, $output:ty, $body:block) => {
            //@probe(scope = "errors")
            fn $name() -> $output $body
        };
    }

    make!(made, u32, { "x" }); //~ E0308

    //@probe(scope = "errors")
    extern "C" fn foreign(a: u8) -> u8 {
        let b: u16 = a; //~ E0308
        b //~ E0308
    }
}
