//! How a property is checked: the same cases on every run, and others or more of them on request.

use std::env;
use std::fmt::Debug;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};

/// Panics with the smallest case that `test` fails. `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more and for others.
pub fn check<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: Debug,
{
    let mut config = Config { failure_persistence: None, max_global_rejects: u32::MAX, ..Config::default() };
    if env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(1);
    }
    match TestRunner::new(config).run(strategy, test) {
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        Err(TestError::Abort(reason)) => panic!("too few cases: {reason}"),
        Ok(()) => {}
    }
}
