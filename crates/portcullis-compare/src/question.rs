use crate::{Callers, Logout, Questions, Verifiers};

/// One of the three questions, as a form or a dialogue asks it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Question {
    /// What it is called in a form: `callers`, `logout` or `verifiers`.
    pub name: &'static str,
    /// What is asked.
    pub text: &'static str,
    /// What may be answered.
    pub options: Vec<AnswerOption>,
}

/// An answer that can be chosen.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AnswerOption {
    /// In one word, as a form and JSON have it.
    pub value: &'static str,
    /// In words.
    pub title: &'static str,
    /// Whether it is the answer.
    pub is_chosen: bool,
}

impl Questions {
    /// What is asked, with the answers there are.
    ///
    /// # Example
    ///
    /// ```
    /// use portcullis_compare::Questions;
    ///
    /// for question in Questions::default().asked() {
    ///     println!("{}", question.text);
    ///     for option in question.options {
    ///         println!("  {}: {}", option.value, option.title);
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn asked(self) -> [Question; 3] {
        let callers = Callers::ALL.map(|callers| AnswerOption {
            value: callers.as_str(),
            title: callers.title(),
            is_chosen: self.callers == Some(callers),
        });
        let logout = Logout::ALL.map(|logout| AnswerOption {
            value: logout.as_str(),
            title: logout.title(),
            is_chosen: self.logout == Some(logout),
        });
        let verifiers = Verifiers::ALL.map(|verifiers| AnswerOption {
            value: verifiers.as_str(),
            title: verifiers.title(),
            is_chosen: self.verifiers == Some(verifiers),
        });
        [
            Question { name: "callers", text: Callers::QUESTION, options: callers.into() },
            Question { name: "logout", text: Logout::QUESTION, options: logout.into() },
            Question { name: "verifiers", text: Verifiers::QUESTION, options: verifiers.into() },
        ]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;
    use crate::{Answers, Kind};

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
            let options = Questions::asked(questions).into_iter().flat_map(|question| question.options);
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
