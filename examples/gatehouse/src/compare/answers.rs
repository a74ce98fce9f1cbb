use portcullis_compare::{Answers, Callers, Logout, Questions, Verifiers};

/// What a query says of the three questions. What is missing or unknown is no answer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Given(Questions);

impl Given {
    /// Reads the fields of a query. The first of a name counts.
    pub(super) fn of(query: &[(String, String)]) -> Self {
        let value = |field: &str| query.iter().find(|(name, _)| name == field).map(|(_, value)| &**value);
        Self(Questions {
            callers: chosen(&Callers::ALL, value(CALLERS), Callers::as_str),
            logout: chosen(&Logout::ALL, value(LOGOUT), Logout::as_str),
            verifiers: chosen(&Verifiers::ALL, value(VERIFIERS), Verifiers::as_str),
        })
    }

    /// As the comparison has them.
    pub(super) const fn as_questions(self) -> Questions {
        self.0
    }

    /// All three, if they are there.
    pub(super) fn all(self) -> Option<Answers> {
        self.0.answers()
    }

    /// Whether there is one and not all.
    pub(super) fn are_some_missing(self) -> bool {
        self != Self::default() && self.all().is_none()
    }

    /// The page's path and a query that says the same.
    pub(super) fn path(self) -> String {
        let fields = [
            (CALLERS, self.0.callers.map(Callers::as_str)),
            (LOGOUT, self.0.logout.map(Logout::as_str)),
            (VERIFIERS, self.0.verifiers.map(Verifiers::as_str)),
        ];
        let given = fields.into_iter().filter_map(|(field, value)| Some(format!("{field}={}", value?)));
        match &given.collect::<Vec<_>>()[..] {
            [] => PATH.to_owned(),
            given => format!("{PATH}?{}", given.join("&")),
        }
    }
}

fn chosen<T: Copy>(all: &[T], value: Option<&str>, name: fn(T) -> &'static str) -> Option<T> {
    all.iter().copied().find(|one| Some(name(*one)) == value)
}

const PATH: &str = "/compare";
const CALLERS: &str = "callers";
const LOGOUT: &str = "logout";
const VERIFIERS: &str = "verifiers";

#[cfg(test)]
mod tests {
    use super::*;

    fn given(query: &[(&str, &str)]) -> Given {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Given::of(&query.iter().map(owned).collect::<Vec<_>>())
    }

    /// The words are also those of the JSON that a program gets.
    #[test]
    fn each_answer_is_read_by_the_name_it_is_written_by() {
        for answers in Answers::all() {
            let names = serde_json::to_value(answers).unwrap();
            let name = |field: &str| names[field].as_str().unwrap().to_owned();
            let query = [CALLERS, LOGOUT, VERIFIERS].map(|field| (field.to_owned(), name(field)));
            let given = Given::of(&query);
            assert_eq!((given.all(), given.are_some_missing()), (Some(answers), false), "{query:?}");
            let expected = query.clone().map(|(field, value)| format!("{field}={value}")).join("&");
            assert_eq!(given.path(), format!("/compare?{expected}"));
            let chosen: Vec<_> = given
                .as_questions()
                .asked()
                .iter()
                .map(|question| question.options.iter().filter(|option| option.is_chosen).count())
                .collect();
            assert_eq!(chosen, [1, 1, 1], "{query:?}");
        }
    }

    #[test]
    fn what_is_unknown_or_missing_is_no_answer() {
        for (query, path, some_missing) in [
            (vec![], "/compare", false),
            (vec![("callers", "nobody"), ("else", "x")], "/compare", false),
            (vec![("callers", "")], "/compare", false),
            (vec![("callers", "browsers"), ("logout", "Later")], "/compare?callers=browsers", true),
            (vec![("logout", "later"), ("logout", "immediate")], "/compare?logout=later", true),
            (vec![("callers", "browsers\" onload=\"x")], "/compare", false),
        ] {
            let given = given(&query);
            assert_eq!(given.all(), None, "{query:?}");
            assert_eq!(
                (given.path(), given.are_some_missing()),
                (path.to_owned(), some_missing),
                "{query:?}"
            );
        }
    }
}
