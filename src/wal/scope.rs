//! Which log SQLite is calling on this thread.
//!
//! The stock log works on the pager's own file. Safe code could keep such a log and use it after the pager is gone, or
//! from another thread. So each open log has an id, the thunks note whose call is going on, and a stock log answers
//! only during the calls of the pager that it was opened for.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

/// Identifies one open log in this process. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LogId(u64);

impl LogId {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        LogId(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Is SQLite calling this log on this thread right now?
    pub(crate) fn is_current(self) -> bool {
        CURRENT.get() == self.0
    }
}

thread_local! {
    static CURRENT: Cell<u64> = const { Cell::new(0) };
}

/// For as long as it lives, SQLite is calling that log on this thread.
pub(crate) struct Scope {
    outer: u64,
    not_send: PhantomData<*const ()>,
}

impl Scope {
    pub(crate) fn enter(id: LogId) -> Self {
        Scope { outer: CURRENT.replace(id.0), not_send: PhantomData }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        CURRENT.set(self.outer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_current_only_inside_its_own_calls() {
        let (outer, inner) = (LogId::new(), LogId::new());
        assert!(!outer.is_current());
        let scope = Scope::enter(outer);
        {
            let _inside = Scope::enter(inner);
            assert!(inner.is_current() && !outer.is_current());
        }
        assert!(outer.is_current());
        assert!(!std::thread::spawn(move || outer.is_current()).join().unwrap_or(true));
        drop(scope);
        assert!(!outer.is_current());
    }
}
