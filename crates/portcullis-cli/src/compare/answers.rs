use clap::builder::{PossibleValuesParser, TypedValueParser};
use portcullis_compare::{Callers, Logout, Questions, Verifiers};

/// The three questions. What is not answered is asked, where somebody is there to answer; else the comparison ends with all that may follow.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Which to choose")]
pub(super) struct Answered {
    /// Who calls: browsers at a site of yours, or programs (an API's clients, apps, services)
    #[arg(long, value_name = "WHO", value_parser = one_of(Callers::ALL, Callers::as_str))]
    callers: Option<Callers>,
    /// When a logout must be honoured: at once and everywhere, or some minutes later
    #[arg(long, value_name = "WHEN", value_parser = one_of(Logout::ALL, Logout::as_str))]
    logout: Option<Logout>,
    /// Who verifies: services of yours, others whom you can tell how, or whatever speaks OAuth or OpenID Connect
    #[arg(long, value_name = "WHO", value_parser = one_of(Verifiers::ALL, Verifiers::as_str))]
    verifiers: Option<Verifiers>,
}

impl Answered {
    pub(super) const fn questions(self) -> Questions {
        Questions { callers: self.callers, logout: self.logout, verifiers: self.verifiers }
    }
}

fn one_of<T, const N: usize>(all: [T; N], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.map(name)).try_map(move |given| {
        all.into_iter().find(|answer| name(*answer) == given).ok_or("there is no such answer")
    })
}
