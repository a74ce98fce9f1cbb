use serde::Serialize;

/// Who calls.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[expect(clippy::exhaustive_enums, reason = "a question has these answers")]
#[serde(rename_all = "lowercase")]
pub enum Callers {
    /// Browsers, at a site of yours.
    Browsers,
    /// Programs: an API's clients, mobile apps, other services.
    Programs,
}

/// When a logout, or the withdrawal of a right, must be honoured.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[expect(clippy::exhaustive_enums, reason = "a question has these answers")]
#[serde(rename_all = "lowercase")]
pub enum Logout {
    /// At once, everywhere.
    Immediate,
    /// Some minutes later is soon enough.
    Later,
}

/// Who verifies.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[expect(clippy::exhaustive_enums, reason = "a question has these answers")]
#[serde(rename_all = "lowercase")]
pub enum Verifiers {
    /// Services of yours, which share a store or a key.
    Ours,
    /// Others, whom you can tell how: another team, an edge, a partner.
    Others,
    /// Whatever speaks OAuth or OpenID Connect: an identity provider, a gateway.
    Standard,
}

/// The three answers that decide.
///
/// # Example
///
/// ```
/// use portcullis_compare::{Answers, Callers, Choice, Logout, Verifiers};
///
/// let answers =
///     Answers { callers: Callers::Browsers, logout: Logout::Immediate, verifiers: Verifiers::Ours };
/// assert_eq!(answers.recommendation().choice, Choice::Session);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "these are the three questions")]
pub struct Answers {
    /// A browser or an API?
    pub callers: Callers,
    /// Must a logout be immediate?
    pub logout: Logout,
    /// Who verifies?
    pub verifiers: Verifiers,
}

/// The three questions, as far as they are answered.
///
/// # Example
///
/// ```
/// use portcullis_compare::{Callers, Logout, Questions};
///
/// let questions = Questions { callers: Some(Callers::Programs), ..Questions::default() };
/// assert_eq!(questions.recommendations().count(), 6);
/// assert!(questions.answers().is_none());
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "these are the three questions")]
pub struct Questions {
    /// A browser or an API?
    pub callers: Option<Callers>,
    /// Must a logout be immediate?
    pub logout: Option<Logout>,
    /// Who verifies?
    pub verifiers: Option<Verifiers>,
}

impl Questions {
    /// The answers, if all are there.
    #[must_use]
    pub fn answers(self) -> Option<Answers> {
        Some(Answers { callers: self.callers?, logout: self.logout?, verifiers: self.verifiers? })
    }

    /// What may follow yet: one recommendation if all is answered, and twelve if nothing is.
    pub fn recommendations(self) -> impl Iterator<Item = Recommendation> {
        Answers::all().filter(move |answers| self.admits(*answers)).map(Answers::recommendation)
    }

    fn admits(self, answers: Answers) -> bool {
        self.callers.is_none_or(|callers| callers == answers.callers)
            && self.logout.is_none_or(|logout| logout == answers.logout)
            && self.verifiers.is_none_or(|verifiers| verifiers == answers.verifiers)
    }
}

/// What to choose.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[expect(clippy::exhaustive_enums, reason = "whoever shows a choice shows each")]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// A session behind a cookie.
    Session,
    /// A session for the browser, and a v4.public token that its server takes to the others.
    SessionThenV4Public,
    /// A session for the browser, and an EdDSA token that its server takes to the others.
    SessionThenEdDsa,
    /// A PASETO that only services with its key can read.
    V4Local,
    /// A PASETO that everybody with the public key can verify.
    V4Public,
    /// A JWT that everybody with the public key can verify.
    EdDsa,
}

/// What to choose, and why.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Recommendation {
    /// The answers that it follows from.
    pub answers: Answers,
    /// What to choose.
    pub choice: Choice,
    /// The same for people.
    pub title: &'static str,
    /// One reason for each answer.
    pub because: [&'static str; 3],
    /// What to do about it, as Rust.
    pub layer: &'static str,
    /// What the choice cannot do, where an answer asks for it.
    pub except: Option<&'static str>,
}

impl Answers {
    /// All there are.
    pub fn all() -> impl Iterator<Item = Self> {
        Callers::ALL.into_iter().flat_map(|callers| {
            Logout::ALL.into_iter().flat_map(move |logout| {
                Verifiers::ALL.into_iter().map(move |verifiers| Self { callers, logout, verifiers })
            })
        })
    }

    /// What follows from them.
    #[must_use]
    pub const fn recommendation(self) -> Recommendation {
        let choice = self.choice();
        Recommendation {
            answers: self,
            choice,
            title: choice.title(),
            because: [self.callers.reason(), self.logout.reason(choice), self.verifiers.reason(choice)],
            layer: choice.layer(self.logout),
            except: self.exception(),
        }
    }

    const fn choice(self) -> Choice {
        match (self.callers, self.verifiers) {
            (Callers::Browsers, Verifiers::Ours) => Choice::Session,
            (Callers::Browsers, Verifiers::Others) => Choice::SessionThenV4Public,
            (Callers::Browsers, Verifiers::Standard) => Choice::SessionThenEdDsa,
            (Callers::Programs, Verifiers::Ours) => Choice::V4Local,
            (Callers::Programs, Verifiers::Others) => Choice::V4Public,
            (Callers::Programs, Verifiers::Standard) => Choice::EdDsa,
        }
    }

    const fn exception(self) -> Option<&'static str> {
        match (self.logout, self.verifiers) {
            (Logout::Immediate, Verifiers::Others | Verifiers::Standard) => Some(
                "Who cannot reach your store honours a token until it ends: give those that leave your services two minutes, and ask \
                 for one anew.",
            ),
            _ => None,
        }
    }
}

impl Callers {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Browsers, Self::Programs];
    /// What is asked.
    pub const QUESTION: &'static str = "Who calls?";

    /// The answer in one word, as a setting or a form has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Browsers => "browsers",
            Self::Programs => "programs",
        }
    }

    /// The answer in words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Browsers => "browsers, at a site of mine",
            Self::Programs => "programs: an API's clients, apps, services",
        }
    }

    const fn reason(self) -> &'static str {
        match self {
            Self::Browsers => {
                "A browser keeps a cookie where no script can read it; a token in a page is any script's that runs there."
            }
            Self::Programs => {
                "A program keeps a token as well as anything else, sends it where it means to, and no other site can make it send one."
            }
        }
    }
}

impl Logout {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Immediate, Self::Later];
    /// What is asked.
    pub const QUESTION: &'static str = "Must a logout be honoured at once?";

    /// The answer in one word, as a setting or a form has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::Later => "later",
        }
    }

    /// The answer in words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Immediate => "yes, at once and everywhere",
            Self::Later => "no, some minutes later will do",
        }
    }

    const fn reason(self, choice: Choice) -> &'static str {
        match (self, choice) {
            (_, Choice::Session) => "Each request asks the store, so a logout is one, at once.",
            (Self::Immediate, Choice::SessionThenV4Public | Choice::SessionThenEdDsa) => {
                "The session ends at once, and with it the way to new tokens."
            }
            (Self::Immediate, _) => {
                "A token proves itself, so somebody must be asked whether it still holds: the layer asks your store, with no staleness allowed."
            }
            (Self::Later, _) => "A token of ten minutes asks nobody, and ends soon enough by itself.",
        }
    }
}

impl Verifiers {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Ours, Self::Others, Self::Standard];
    /// What is asked.
    pub const QUESTION: &'static str = "Who verifies?";

    /// The answer in one word, as a setting or a form has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Others => "others",
            Self::Standard => "standard",
        }
    }

    /// The answer in words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ours => "services of mine, which share a store or a key",
            Self::Others => "others, whom I can tell how: a team, an edge, a partner",
            Self::Standard => "whatever speaks OAuth or OpenID Connect: a provider, a gateway",
        }
    }

    const fn reason(self, choice: Choice) -> &'static str {
        match (self, choice) {
            (Self::Ours, Choice::Session) => {
                "All who verify reach the store, so there is no key to keep and nothing to read in the cookie."
            }
            (Self::Ours, _) => {
                "All who verify may hold the key, so the fastest kind will do; of those v4.local also hides its claims."
            }
            (Self::Others, _) => {
                "Others verify with a public key and can forge nothing; a PASETO key leaves them no algorithm to choose wrongly."
            }
            (Self::Standard, _) => {
                "What is there already speaks JWT and no PASETO; EdDSA is its shortest and fastest signature by a key pair."
            }
        }
    }
}

impl Choice {
    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Session => "a session",
            Self::SessionThenV4Public => "a session for the browser, and short v4.public tokens behind it",
            Self::SessionThenEdDsa => "a session for the browser, and short JWTs with EdDSA behind it",
            Self::V4Local => "PASETO v4.local",
            Self::V4Public => "PASETO v4.public",
            Self::EdDsa => "JWT with EdDSA",
        }
    }

    /// The names of the rows that were measured of it.
    #[must_use]
    pub const fn rows(self) -> &'static [&'static str] {
        match self {
            Self::Session => &["session in memory"],
            Self::SessionThenV4Public => &["session in memory", "v4.public"],
            Self::SessionThenEdDsa => &["session in memory", "EdDSA"],
            Self::V4Local => &["v4.local"],
            Self::V4Public => &["v4.public"],
            Self::EdDsa => &["EdDSA"],
        }
    }

    const fn layer(self, logout: Logout) -> &'static str {
        match (self, logout) {
            (Self::Session, _) => "SessionLayer::new(store)",
            (Self::SessionThenV4Public, _) => {
                "SessionLayer::new(store), TokenIssuer::paseto(keys, issuer, audience)"
            }
            (Self::SessionThenEdDsa, _) => {
                "SessionLayer::new(store), TokenIssuer::jwt(keys, issuer, audience)"
            }
            (Self::V4Local | Self::V4Public, Logout::Later) => {
                "BearerLayer::new(PasetoVerifier::new(keys, policy))"
            }
            (Self::V4Local | Self::V4Public, Logout::Immediate) => {
                "BearerLayer::new(PasetoVerifier::new(keys, policy)).with_revocations(Revocations::new(store).with_staleness(Duration::ZERO))"
            }
            (Self::EdDsa, Logout::Later) => "BearerLayer::new(JwtVerifier::new(keys, policy))",
            (Self::EdDsa, Logout::Immediate) => {
                "BearerLayer::new(JwtVerifier::new(keys, policy)).with_revocations(Revocations::new(store).with_staleness(Duration::ZERO))"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_answers_decide() {
        use Callers::{Browsers, Programs};
        use Logout::{Immediate, Later};
        use Verifiers::{Others, Ours, Standard};
        let rows = [
            (Browsers, Immediate, Ours, Choice::Session, false),
            (Browsers, Later, Ours, Choice::Session, false),
            (Browsers, Immediate, Others, Choice::SessionThenV4Public, true),
            (Browsers, Later, Others, Choice::SessionThenV4Public, false),
            (Browsers, Immediate, Standard, Choice::SessionThenEdDsa, true),
            (Browsers, Later, Standard, Choice::SessionThenEdDsa, false),
            (Programs, Immediate, Ours, Choice::V4Local, false),
            (Programs, Later, Ours, Choice::V4Local, false),
            (Programs, Immediate, Others, Choice::V4Public, true),
            (Programs, Later, Others, Choice::V4Public, false),
            (Programs, Immediate, Standard, Choice::EdDsa, true),
            (Programs, Later, Standard, Choice::EdDsa, false),
        ];
        for (callers, logout, verifiers, choice, has_exception) in rows {
            let answers = Answers { callers, logout, verifiers };
            let recommendation = answers.recommendation();
            assert_eq!(recommendation.choice, choice, "{answers:?}");
            assert_eq!(recommendation.except.is_some(), has_exception, "{answers:?}");
        }
        assert_eq!(Answers::all().count(), rows.len());
    }

    #[test]
    fn a_logout_that_is_immediate_is_never_left_to_the_end_of_a_token() {
        for answers in Answers::all().filter(|answers| answers.logout == Logout::Immediate) {
            let Recommendation { layer, .. } = answers.recommendation();
            assert!(layer.contains("SessionLayer") || layer.contains("with_revocations"), "{answers:?}");
        }
    }
}
