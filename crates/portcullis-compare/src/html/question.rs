use crate::{Answers, Callers, Comparison, Kind, Logout, Recommendation, Row, Verifiers};

/// One of the three questions, as a group of radio buttons.
pub(crate) struct Question {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    pub(crate) options: Vec<Opt>,
}

/// An answer that can be chosen.
pub(crate) struct Opt {
    pub(crate) value: &'static str,
    pub(crate) title: &'static str,
    pub(crate) is_chosen: bool,
}

/// A recommendation beside the rows that were measured of it.
pub(crate) struct Advice<'a> {
    pub(crate) recommendation: Recommendation,
    pub(crate) rows: Vec<&'a Row>,
}

/// The questions, answered as in `answers`.
pub(crate) fn all(answers: Option<Answers>) -> [Question; 3] {
    let callers = Callers::ALL.map(|callers| Opt {
        value: callers.name(),
        title: callers.title(),
        is_chosen: answers.is_some_and(|answers| answers.callers == callers),
    });
    let logout = Logout::ALL.map(|logout| Opt {
        value: logout.name(),
        title: logout.title(),
        is_chosen: answers.is_some_and(|answers| answers.logout == logout),
    });
    let verifiers = Verifiers::ALL.map(|verifiers| Opt {
        value: verifiers.name(),
        title: verifiers.title(),
        is_chosen: answers.is_some_and(|answers| answers.verifiers == verifiers),
    });
    [
        Question { name: "callers", text: Callers::QUESTION, options: callers.into() },
        Question { name: "logout", text: Logout::QUESTION, options: logout.into() },
        Question { name: "verifiers", text: Verifiers::QUESTION, options: verifiers.into() },
    ]
}

/// What follows from every three answers, that of `answers` first.
pub(crate) fn advice(comparison: &Comparison, answers: Option<Answers>) -> Vec<Advice<'_>> {
    let others = Answers::all().filter(|other| Some(*other) != answers);
    let recommendations = answers.into_iter().chain(others).map(Answers::recommendation);
    recommendations
        .map(|recommendation| Advice {
            rows: recommendation.choice.rows().iter().filter_map(|name| comparison.row(name)).collect(),
            recommendation,
        })
        .collect()
}

/// The names are those of JSON.
impl Callers {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Browsers => "browsers",
            Self::Programs => "programs",
        }
    }
}

impl Logout {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::Later => "later",
        }
    }
}

impl Verifiers {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Others => "others",
            Self::Standard => "standard",
        }
    }
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Paseto => "paseto",
            Self::Session => "session",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;

    #[test]
    fn the_page_and_json_call_everything_the_same() {
        for answers in Answers::all() {
            let Answers { callers, logout, verifiers } = answers;
            let named = json!({
                "callers": callers.name(),
                "logout": logout.name(),
                "verifiers": verifiers.name(),
            });
            assert_eq!(to_value(answers).unwrap(), named);
        }
        for kind in [Kind::Jwt, Kind::Paseto, Kind::Session] {
            assert_eq!(to_value(kind).unwrap(), kind.name());
        }
    }

    #[test]
    fn the_answers_that_were_given_are_chosen_and_no_others() {
        let chosen = |answers| {
            let options = all(answers).into_iter().flat_map(|question| question.options);
            options.filter(|option| option.is_chosen).map(|option| option.value).collect::<Vec<_>>()
        };
        assert!(chosen(None).is_empty());
        for answers in Answers::all() {
            let Answers { callers, logout, verifiers } = answers;
            assert_eq!(chosen(Some(answers)), [callers.name(), logout.name(), verifiers.name()]);
        }
    }
}
