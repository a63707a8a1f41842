//! Methods: every receiver, and every place a method stands in.

pub struct Store {
    slots: Vec<u32>,
}

impl Store {
    fn new() -> Self {
        Store { slots: vec![1, 2, 3] }
    }
}

pub mod by_reference {
    use super::Store;

    impl Store {
        //@probe(scope = "shapes")
        fn by_reference(&self) -> &u32 {
            &self.slots[0]
        }
    }

    pub fn run() -> String {
        format!("{}", Store::new().by_reference())
    }
}

pub mod by_mutable_reference {
    use super::Store;

    impl Store {
        //@probe(scope = "shapes") calls=2
        fn push(&mut self, slot: u32) -> &mut Self {
            self.slots.push(slot);
            self
        }
    }

    pub fn run() -> String {
        format!("{:?}", Store::new().push(4).push(5).slots)
    }
}

pub mod by_value {
    use super::Store;

    impl Store {
        //@probe(scope = "shapes")
        fn into_sorted(mut self) -> Vec<u32> {
            self.slots.sort_by(|a, b| b.cmp(a));
            self.slots
        }
    }

    pub fn run() -> String {
        format!("{:?}", Store::new().into_sorted())
    }
}

pub mod by_box {
    use super::Store;

    impl Store {
        //@probe(scope = "shapes")
        fn unboxed(self: Box<Self>) -> Vec<u32> {
            self.slots
        }
    }

    pub fn run() -> String {
        format!("{:?}", Box::new(Store::new()).unboxed())
    }
}

pub mod by_rc {
    use super::Store;
    use std::rc::Rc;

    impl Store {
        //@probe(scope = "shapes")
        fn owners(self: Rc<Self>) -> usize {
            Rc::strong_count(&self) + self.slots.len()
        }
    }

    pub fn run() -> String {
        let store = Rc::new(Store::new());
        format!("{} {}", Rc::clone(&store).owners(), Rc::strong_count(&store))
    }
}

pub mod by_arc {
    use super::Store;
    use std::sync::Arc;

    impl Store {
        //@probe(scope = "shapes")
        fn shared(self: Arc<Self>) -> Arc<Self> {
            self
        }

        //@probe(scope = "shapes")
        fn referenced(self: &Arc<Self>) -> usize {
            Arc::strong_count(self)
        }
    }

    pub fn run() -> String {
        format!("{}", Arc::new(Store::new()).shared().referenced())
    }
}

pub mod by_pin {
    use super::Store;
    use std::pin::Pin;

    impl Store {
        //@probe(scope = "shapes")
        fn pinned(mut self: Pin<&mut Self>) -> usize {
            self.slots.push(1);
            self.as_ref().slots.len()
        }
    }

    pub fn run() -> String {
        format!("{}", std::pin::pin!(Store::new()).as_mut().pinned())
    }
}

pub mod associated_function {
    use super::Store;

    impl Store {
        //@probe(scope = "shapes")
        pub(super) fn with(slots: impl Into<Vec<u32>>) -> Self {
            Self { slots: slots.into() }
        }
    }

    pub fn run() -> String {
        format!("{:?}", Store::with([7]).slots)
    }
}

pub mod trait_default {
    use super::Store;

    trait Count {
        const STEP: usize;

        fn count(&self) -> usize;

        //@probe(scope = "shapes") calls=2
        fn count_twice(&self) -> usize
        where
            Self: Sized,
        {
            self.count() * 2 + Self::STEP
        }
    }

    impl Count for Store {
        const STEP: usize = 100;

        fn count(&self) -> usize {
            self.slots.len()
        }
    }

    impl Count for str {
        const STEP: usize = 0;

        fn count(&self) -> usize {
            self.len()
        }
    }

    impl<T: Count + ?Sized> Count for &T {
        const STEP: usize = T::STEP + 1;

        fn count(&self) -> usize {
            (**self).count()
        }
    }

    pub fn run() -> String {
        let text: &&str = &"four";
        format!("{} {}", Store::new().count_twice(), text.count_twice())
    }
}

pub mod trait_method {
    use super::Store;

    trait Find {
        type Found<'a>
        where
            Self: 'a;

        fn find<'a>(&'a self, slot: u32) -> Option<Self::Found<'a>>;
    }

    impl Find for Store {
        type Found<'a> = &'a u32;

        //@probe(scope = "shapes")
        fn find<'a>(&'a self, slot: u32) -> Option<Self::Found<'a>> {
            self.slots.iter().find(|found| **found == slot)
        }
    }

    pub fn run() -> String {
        format!("{:?}", Store::new().find(2))
    }
}

pub mod trait_method_with_generics {
    use super::Store;

    trait Visit {
        fn visit<R, F: FnMut(u32) -> R>(&self, visitor: F) -> Vec<R>;
    }

    impl Visit for Store {
        //@probe(scope = "shapes")
        fn visit<R, F: FnMut(u32) -> R>(&self, mut visitor: F) -> Vec<R> {
            self.slots.iter().map(|slot| visitor(*slot)).collect()
        }
    }

    pub fn run() -> String {
        format!("{:?}", Store::new().visit(|slot| slot as f32 / 2.0))
    }
}

pub mod through_dyn {
    use super::Store;

    trait Name {
        fn name(&self) -> String;

        //@probe(scope = "shapes")
        fn greeting(&self) -> String {
            format!("hello {}", self.name())
        }
    }

    impl Name for Store {
        //@probe(scope = "shapes") calls=2
        fn name(&self) -> String {
            format!("store of {}", self.slots.len())
        }
    }

    pub fn run() -> String {
        let named: Box<dyn Name> = Box::new(Store::new());
        named.name() + &named.greeting()
    }
}

pub mod of_a_generic_type {
    use std::fmt::Debug;

    struct Pair<T, const N: usize>([T; N]);

    impl<T: Debug + Clone, const N: usize> Pair<T, N> {
        //@probe(scope = "shapes") calls=2
        fn first<'a, U>(&'a self, other: U) -> (U, &'a T)
        where
            U: Copy,
        {
            (other, &self.0[N - 1])
        }
    }

    pub fn run() -> String {
        format!("{:?} {:?}", Pair([1, 2]).first(3), Pair(["x"]).first('y'))
    }
}

pub mod of_standard_traits {
    use std::fmt;
    use std::ops::{Add, Deref, Index};

    #[derive(Debug, PartialEq)]
    struct Meters(u32);

    impl Add for Meters {
        type Output = Self;

        //@probe(scope = "shapes")
        fn add(self, other: Self) -> Self {
            Meters(self.0 + other.0)
        }
    }

    impl Deref for Meters {
        type Target = u32;

        //@probe(scope = "shapes")
        fn deref(&self) -> &u32 {
            &self.0
        }
    }

    impl Index<usize> for Meters {
        type Output = u32;

        //@probe(scope = "shapes")
        fn index(&self, _: usize) -> &u32 {
            &self.0
        }
    }

    impl fmt::Display for Meters {
        //@probe(scope = "shapes")
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{} m", self.0)
        }
    }

    impl From<u32> for Meters {
        //@probe(scope = "shapes") calls=2
        fn from(meters: u32) -> Self {
            Meters(meters)
        }
    }

    pub fn run() -> String {
        let sum = Meters::from(1) + 2.into();
        format!("{} {} {}", *sum, sum[0], sum)
    }
}

pub mod drop_method {
    use crate::support::{log, logged};

    struct Guard<'a>(&'a str);

    impl Drop for Guard<'_> {
        //@probe(scope = "shapes") calls=2
        fn drop(&mut self) {
            log(self.0);
        }
    }

    pub fn run() -> String {
        let kept = Guard("kept");
        drop(Guard("dropped"));
        drop(kept);
        logged()
    }
}

pub mod iterator {
    struct Countdown(u32);

    impl Iterator for Countdown {
        type Item = u32;

        //@probe(scope = "shapes") calls=4
        fn next(&mut self) -> Option<Self::Item> {
            self.0 = self.0.checked_sub(1)?;
            Some(self.0)
        }
    }

    pub fn run() -> String {
        format!("{:?}", Countdown(3).collect::<Vec<_>>())
    }
}

pub mod unsafe_trait {
    unsafe trait Zero {
        unsafe fn zero() -> Self;
    }

    unsafe impl Zero for u8 {
        //@probe(scope = "shapes")
        unsafe fn zero() -> Self {
            0
        }
    }

    pub fn run() -> String {
        // SAFETY: it asks for nothing.
        format!("{}", unsafe { u8::zero() })
    }
}

pub mod in_a_function {
    //@probe(scope = "shapes")
    fn outer() -> u32 {
        struct Local;
        impl Local {
            //@probe(scope = "shapes")
            fn get(&self) -> u32 {
                3
            }
        }
        Local.get()
    }

    pub fn run() -> String {
        format!("{}", outer())
    }
}
