use proptest::test_runner::Config;

/// How a property is tried: `at_least` so often, and more often if `PROPTEST_CASES` says so.
#[must_use]
pub fn cases(at_least: u32) -> Config {
    let asked_for = Config::default();
    Config { cases: asked_for.cases.max(at_least), ..asked_for }
}
