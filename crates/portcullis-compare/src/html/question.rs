use crate::{Answers, Callers, Comparison, Logout, Questions, Recommendation, Row, Verifiers};

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

/// The questions, as far as they are answered.
pub(crate) fn all(questions: Questions) -> [Question; 3] {
    let callers = Callers::ALL.map(|callers| Opt {
        value: callers.as_str(),
        title: callers.title(),
        is_chosen: questions.callers == Some(callers),
    });
    let logout = Logout::ALL.map(|logout| Opt {
        value: logout.as_str(),
        title: logout.title(),
        is_chosen: questions.logout == Some(logout),
    });
    let verifiers = Verifiers::ALL.map(|verifiers| Opt {
        value: verifiers.as_str(),
        title: verifiers.title(),
        is_chosen: questions.verifiers == Some(verifiers),
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

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;
    use crate::Kind;

    #[test]
    fn the_page_and_json_call_everything_the_same() {
        for answers in Answers::all() {
            let Answers { callers, logout, verifiers } = answers;
            let named = json!({
                "callers": callers.as_str(),
                "logout": logout.as_str(),
                "verifiers": verifiers.as_str(),
            });
            assert_eq!(to_value(answers).unwrap(), named);
        }
        for kind in [Kind::Jwt, Kind::Paseto, Kind::Session] {
            assert_eq!(to_value(kind).unwrap(), kind.as_str());
        }
    }

    #[test]
    fn the_answers_that_were_given_are_chosen_and_no_others() {
        let chosen = |questions| {
            let options = all(questions).into_iter().flat_map(|question| question.options);
            options.filter(|option| option.is_chosen).map(|option| option.value).collect::<Vec<_>>()
        };
        assert!(chosen(Questions::default()).is_empty());
        let some = Questions { logout: Some(Logout::Later), ..Questions::default() };
        assert_eq!(chosen(some), ["later"]);
        for answers in Answers::all() {
            let Answers { callers, logout, verifiers } = answers;
            let questions =
                Questions { callers: Some(callers), logout: Some(logout), verifiers: Some(verifiers) };
            assert_eq!(chosen(questions), [callers.as_str(), logout.as_str(), verifiers.as_str()]);
        }
    }
}
