//! Free functions.

pub mod simple {
    //@probe(scope = "shapes") calls=2
    fn double(n: u32) -> u32 {
        let doubled = n * 2;
        doubled
    }

    pub fn run() -> String {
        format!("{}", double(double(3)))
    }
}

pub mod empty_body {
    //@probe(scope = "shapes")
    fn nothing() {}

    pub fn run() -> String {
        format!("{:?}", nothing())
    }
}

pub mod unit_without_a_tail {
    use crate::support::{log, logged};

    //@probe(scope = "shapes")
    fn note(entry: &str) {
        if entry.is_empty() {
            return;
        }
        log(entry);
    }

    pub fn run() -> String {
        note("noted");
        logged()
    }
}

pub mod never_returns {
    use crate::support::panic_of;

    //@probe(scope = "shapes")
    fn abort(code: i32) -> ! {
        if code == 0 {
            unreachable!("zero");
        }
        panic!("code {code}")
    }

    pub fn run() -> String {
        let choose = |code: i32| -> i32 { if code > 0 { abort(code) } else { 0 } };
        panic_of(|| choose(7))
    }
}

pub mod never_loops {
    use crate::support::panic_of;

    //@probe(scope = "shapes")
    fn forever(mut steps: Vec<u32>) -> ! {
        loop {
            let step = steps.pop().expect("a step");
            drop(step);
        }
    }

    pub fn run() -> String {
        panic_of(|| forever(vec![1, 2]))
    }
}

pub mod unsafe_fn {
    //@probe(scope = "shapes")
    unsafe fn first(values: *const u8) -> u8 {
        // SAFETY: the caller's pointer is that of an array.
        unsafe { *values }
    }

    pub fn run() -> String {
        let values = [4, 5];
        // SAFETY: the pointer is that of an array.
        format!("{}", unsafe { first(values.as_ptr()) })
    }
}

pub mod extern_c {
    //@probe(scope = "shapes")
    extern "C" fn add(a: u8, b: u8) -> u8 {
        a + b
    }

    pub fn run() -> String {
        let pointer: extern "C" fn(u8, u8) -> u8 = add;
        format!("{}", pointer(1, 2))
    }
}

pub mod unsafe_extern_c_unwind {
    //@probe(scope = "shapes")
    pub(crate) unsafe extern "C-unwind" fn add(a: u8, b: u8) -> u8 {
        a + b
    }

    pub fn run() -> String {
        // SAFETY: it asks for nothing.
        format!("{}", unsafe { add(1, 2) })
    }
}

pub mod generic_types {
    use std::fmt::Display;

    //@probe(scope = "shapes") calls=2
    fn join<T, U>(left: T, right: U) -> String
    where
        T: Display + Clone,
        U: Into<String>,
    {
        format!("{}{}", left.clone(), right.into())
    }

    pub fn run() -> String {
        join(1, "x") + &join::<&str, String>("y", String::from("z"))
    }
}

pub mod generic_unsized {
    //@probe(scope = "shapes") calls=2
    fn size<T: ?Sized + AsRef<[u8]>>(value: &T) -> usize {
        value.as_ref().len()
    }

    pub fn run() -> String {
        format!("{} {}", size("four"), size(&[1_u8, 2][..]))
    }
}

pub mod generic_lifetimes {
    //@probe(scope = "shapes")
    fn longer<'a, 'b: 'a>(left: &'a str, right: &'b str) -> &'a str {
        if left.len() > right.len() { left } else { right }
    }

    pub fn run() -> String {
        let left = String::from("left");
        longer(&left, "right").to_owned()
    }
}

pub mod generic_constants {
    //@probe(scope = "shapes")
    fn filled<T: Copy, const N: usize, const FLAG: bool>(value: T) -> [T; N] {
        if FLAG { [value; N] } else { panic!("no flag") }
    }

    pub fn run() -> String {
        format!("{:?}", filled::<u8, 3, true>(7))
    }
}

pub mod impl_trait_argument {
    //@probe(scope = "shapes")
    fn sum(values: impl IntoIterator<Item = u32>, f: impl Fn(u32) -> u32) -> u32 {
        values.into_iter().map(f).sum()
    }

    pub fn run() -> String {
        format!("{}", sum([1, 2, 3], |n| n * n))
    }
}

pub mod impl_trait_return {
    //@probe(scope = "shapes")
    fn even(values: &[u32]) -> impl Iterator<Item = &u32> + Clone + '_ {
        values.iter().filter(|value| **value % 2 == 0)
    }

    pub fn run() -> String {
        format!("{:?}", even(&[1, 2, 3, 4]).clone().collect::<Vec<_>>())
    }
}

pub mod impl_trait_captures_precisely {
    //@probe(scope = "shapes")
    fn counter<T>(_: &T, start: u32) -> impl FnMut() -> u32 + use<T> {
        let mut next = start;
        move || {
            next += 1;
            next
        }
    }

    pub fn run() -> String {
        let mut counter = {
            let local = String::new();
            counter(&local, 4)
        };
        format!("{} {}", counter(), counter())
    }
}

pub mod dyn_coercion {
    //@probe(scope = "shapes") calls=2
    fn operation(name: &str, by: u32) -> Box<dyn Fn(u32) -> u32> {
        if name == "add" {
            return Box::new(move |n| n + by);
        }
        Box::new(move |n| n * by)
    }

    pub fn run() -> String {
        format!("{} {}", operation("add", 2)(3), operation("multiply", 2)(3))
    }
}

pub mod dyn_reference_coercion {
    use std::fmt::Debug;

    //@probe(scope = "shapes") calls=2
    fn either<'a>(number: &'a u32, text: &'a String) -> &'a dyn Debug {
        match number {
            0 => text,
            number => number,
        }
    }

    pub fn run() -> String {
        let text = String::from("text");
        format!("{:?} {:?}", either(&0, &text), either(&1, &text))
    }
}

pub mod inferred_from_the_return_type {
    use std::collections::BTreeMap;
    use std::num::ParseIntError;

    //@probe(scope = "shapes")
    fn read(text: &str) -> Result<BTreeMap<String, u64>, ParseIntError> {
        let mut map = BTreeMap::default();
        for part in text.split(',') {
            map.insert(part.into(), part.parse()?);
        }
        Ok(map.into_iter().collect())
    }

    pub fn run() -> String {
        format!("{:?}", read("1,20"))
    }
}

pub mod function_pointer_coercion {
    fn one() -> u32 {
        1
    }

    fn two() -> u32 {
        2
    }

    //@probe(scope = "shapes") calls=2
    fn pick(first: bool) -> fn() -> u32 {
        if first { one } else { two }
    }

    pub fn run() -> String {
        format!("{}", pick(true)() + pick(false)())
    }
}

pub mod early_returns {
    //@probe(scope = "shapes") calls=3
    fn grade(n: i32) -> &'static str {
        if n < 0 {
            return "negative";
        }
        for step in 0..10 {
            if step == n {
                return "small";
            }
        }
        "large"
    }

    pub fn run() -> String {
        [grade(-1), grade(3), grade(30)].join(" ")
    }
}

pub mod labelled_breaks {
    //@probe(scope = "shapes")
    fn search(rows: &[[u32; 3]], wanted: u32) -> Option<(usize, usize)> {
        let found = 'rows: {
            for (y, row) in rows.iter().enumerate() {
                for (x, value) in row.iter().enumerate() {
                    if *value == wanted {
                        break 'rows Some((x, y));
                    }
                }
            }
            None
        };
        'outer: loop {
            loop {
                break 'outer found;
            }
        }
    }

    pub fn run() -> String {
        format!("{:?}", search(&[[1, 2, 3], [4, 5, 6]], 6))
    }
}

pub mod recursion {
    //@probe(scope = "shapes") calls=9
    fn fibonacci(n: u32) -> u32 {
        if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
    }

    pub fn run() -> String {
        format!("{}", fibonacci(4))
    }
}

pub mod mutual_recursion {
    //@probe(scope = "shapes") calls=3
    fn even(n: u32) -> bool {
        n == 0 || odd(n - 1)
    }

    //@probe(scope = "shapes") calls=2
    fn odd(n: u32) -> bool {
        n != 0 && even(n - 1)
    }

    pub fn run() -> String {
        format!("{}", even(4))
    }
}

pub mod question_mark {
    use std::error::Error;

    //@probe(scope = "shapes") calls=3
    fn digits(text: Option<&str>) -> Result<u32, Box<dyn Error + Send + Sync>> {
        let text = text.ok_or("no text")?;
        let number: u32 = text.parse()?;
        Ok(number)
    }

    pub fn run() -> String {
        format!("{:?} {:?} {:?}", digits(None), digits(Some("x")), digits(Some("12")))
    }
}

pub mod question_mark_on_options {
    //@probe(scope = "shapes") calls=2
    fn second(values: &[u32]) -> Option<&u32> {
        let (_, rest) = values.split_first()?;
        let Some(second) = rest.first() else { return None };
        Some(second)
    }

    pub fn run() -> String {
        format!("{:?} {:?}", second(&[1]), second(&[1, 2]))
    }
}

pub mod patterns_as_arguments {
    struct Point {
        x: u32,
        y: u32,
    }

    //@probe(scope = "shapes")
    fn sum(
        (a, mut b): (u32, u32),
        Point { x, y: ref z }: Point,
        [first, .., last]: [u32; 4],
        _: String,
        &reference: &u32,
    ) -> u32 {
        b += 1;
        a + b + x + *z + first + last + reference
    }

    pub fn run() -> String {
        format!("{}", sum((1, 2), Point { x: 3, y: 4 }, [5, 0, 0, 6], String::new(), &7))
    }
}

pub mod drop_order {
    use crate::support::{Noisy, log, logged};

    //@probe(scope = "shapes")
    fn drops(_first: Noisy, _: Noisy, (_third, _): (Noisy, Noisy), kept: Noisy) -> Noisy {
        let _local = Noisy("local");
        let moved = Noisy("moved");
        drop(moved);
        let _ = Noisy("at once");
        let _later = Noisy("later");
        kept
    }

    pub fn run() -> String {
        let kept = drops(Noisy("first"), Noisy("ignored"), (Noisy("third"), Noisy("fourth")), Noisy("kept"));
        log("returned");
        drop(kept);
        logged()
    }
}

pub mod drop_order_in_a_panic {
    use crate::support::{Noisy, logged, panic_of};

    //@probe(scope = "shapes")
    fn fails(_argument: Noisy) -> u32 {
        let _local = Noisy("local");
        let empty: [u32; 0] = [];
        empty.iter().copied().max().unwrap()
    }

    pub fn run() -> String {
        panic_of(|| fails(Noisy("argument"))) + &logged()
    }
}

pub mod temporary_in_the_tail {
    use crate::support::{Noisy, logged};
    use std::sync::Mutex;

    impl Noisy {
        fn name(&self) -> usize {
            self.0.len()
        }
    }

    //@probe(scope = "shapes")
    fn length() -> usize {
        let _local = Noisy("local");
        let mutex = Mutex::new(vec![1, 2]);
        Noisy("temporary").name() + mutex.lock().unwrap().len()
    }

    pub fn run() -> String {
        format!("{} {}", length(), logged())
    }
}

pub mod reborrow {
    //@probe(scope = "shapes") calls=2
    fn largest(values: &mut [u32]) -> &mut u32 {
        let (first, rest) = values.split_first_mut().expect("a value");
        rest.iter_mut().fold(first, |a, b| if *a > *b { a } else { b })
    }

    pub fn run() -> String {
        let mut values = [1, 3, 2];
        *largest(&mut values) = 0;
        *largest(&mut values) = 9;
        format!("{values:?}")
    }
}

pub mod nested_items {
    //@probe(scope = "shapes")
    fn outer(n: u32) -> u32 {
        use std::ops::Add as _;
        const OFFSET: u32 = 10;
        static LATE: u32 = 5;
        fn inner(n: u32) -> u32 {
            n.add(OFFSET)
        }
        struct Wrapped(u32);
        impl Wrapped {
            fn get(&self) -> u32 {
                self.0
            }
        }
        macro_rules! twice {
            ($e:expr) => {
                $e + $e
            };
        }
        twice!(inner(n)) + Wrapped(LATE).get()
    }

    pub fn run() -> String {
        format!("{}", outer(1))
    }
}

pub mod nested_probes {
    //@probe(scope = "shapes")
    fn outer(n: u32) -> u32 {
        //@probe(scope = "shapes") calls=2
        fn inner(n: u32) -> u32 {
            n + 1
        }
        inner(inner(n))
    }

    pub fn run() -> String {
        format!("{}", outer(1))
    }
}

pub mod closures_inside {
    //@probe(scope = "shapes")
    fn sums(values: &[u32]) -> Vec<u32> {
        let mut total = 0;
        let mut add = |value: &u32| {
            if *value == 0 {
                return 0;
            }
            total += value;
            total
        };
        let sums = values.iter().map(&mut add).collect();
        add(&1);
        sums
    }

    pub fn run() -> String {
        format!("{:?}", sums(&[1, 0, 2]))
    }
}

pub mod like_main {
    use std::error::Error;

    //@probe(scope = "shapes")
    fn main() -> Result<(), Box<dyn Error>> {
        let number: u8 = "300".parse()?;
        println!("{number}");
        Ok(())
    }

    pub fn run() -> String {
        format!("{:?}", main())
    }
}

pub mod like_a_test {
    use crate::support::panic_of;

    //@probe(scope = "shapes")
    fn it_adds() {
        let sum = 1 + 1;
        assert_eq!(sum, 3, "the sum");
    }

    pub fn run() -> String {
        panic_of(it_adds)
    }
}

pub mod overflow_in_an_expression {
    use crate::support::panic_of;

    //@probe(scope = "shapes") calls=2
    fn at(values: &[u8], index: usize) -> u8 {
        values[index] + 255
    }

    pub fn run() -> String {
        panic_of(|| at(&[1], 0)) + &panic_of(|| at(&[1], 1))
    }
}

pub mod long_statement {
    //@probe(scope = "shapes")
    fn table() -> Vec<(u32, &'static str)> {
        let mut table = Vec::new();
        #[allow(clippy::vec_init_then_push)]
        {
            table.push((1, "one"));
            table.push((2, "two"));
        }
        #[rustfmt::skip]
        table.push(  (3, "three")  );
        table
    }

    pub fn run() -> String {
        format!("{:?}", table())
    }
}

pub mod body_is_one_unsafe_block {
    //@probe(scope = "shapes")
    fn first(bytes: &[u8; 2]) -> u8 {
        unsafe { *bytes.get_unchecked(0) }
    }

    pub fn run() -> String {
        format!("{}", first(&[1, 2]))
    }
}

pub mod constant_blocks {
    //@probe(scope = "shapes")
    fn bits<const N: usize>() -> [u8; 2] {
        const {
            assert!(N < 9);
        }
        const LOW: u8 = { 1 + 1 };
        [const { (N + 1) as u8 }, LOW]
    }

    pub fn run() -> String {
        format!("{:?}", bits::<4>())
    }
}
