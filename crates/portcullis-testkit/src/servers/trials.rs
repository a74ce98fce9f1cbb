use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Builder;

use super::RedisNode;
use crate::laws::Missing;

/// A test over servers of its own, on a multi-threaded runtime.
pub type ServerTrial = fn() -> Result<(), Failed>;

/// Runs each trial by the arguments of this process; the body of a test target with `harness = false`. Where the servers'
/// program is missing all of them are *ignored*, never *ok*; with `--include-ignored` they fail.
///
/// # Example
///
/// ```no_run
/// use portcullis_testkit::servers::{self, RedisNode};
///
/// # #[expect(clippy::needless_doctest_main, reason = "the whole target is shown")]
/// fn main() -> std::process::ExitCode {
///     servers::run([("a_node_answers", || {
///         assert_eq!(RedisNode::start(&[])?.command(&["PING"])?, "PONG");
///         Ok(())
///     })])
/// }
/// ```
pub fn run<N, T>(trials: impl IntoIterator<Item = (N, T)>) -> ExitCode
where
    N: Into<String>,
    T: FnOnce() -> Result<(), Failed> + Send + 'static,
{
    run_where(RedisNode::start(&[]).map(drop), trials)
}

/// As [`run`], where all trials need what `is_there` says.
pub fn run_where<N, T>(is_there: Result<(), Missing>, trials: impl IntoIterator<Item = (N, T)>) -> ExitCode
where
    N: Into<String>,
    T: FnOnce() -> Result<(), Failed> + Send + 'static,
{
    let arguments = Arguments::from_args();
    let missing = is_there.err();
    if let Some(missing) = &missing {
        #[expect(clippy::print_stderr, reason = "a harness says why it ignores trials")]
        {
            eprintln!("all trials ignored: {missing}");
        }
    }
    // A runner that found a trial ignored and now names it wants it run, though the server may have come since.
    let named = arguments.ignored && arguments.exact;
    let is_ignored = missing.is_some() || named;
    let trials =
        trials.into_iter().map(|(name, trial)| Trial::test(name, trial).with_ignored_flag(is_ignored));
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// Runs a trial's asynchronous body on a multi-threaded runtime of its own.
///
/// # Errors
///
/// The body's own.
pub fn on_a_runtime(body: impl Future<Output = Result<(), Failed>>) -> Result<(), Failed> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(body)
}
