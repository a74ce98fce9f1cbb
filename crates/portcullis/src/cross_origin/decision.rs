use std::{error::Error, fmt};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Uri,
    header::{HOST, ORIGIN, UPGRADE},
};

use super::{CrossOrigin, origin::OriginRef};

/// Whether a request may change something, so that it is worth the gathering of facts: by its method and, if that is a safe
/// one, by whether it asks for an upgrade (S67). Any method that is not known to be safe may change something.
pub(crate) fn is_checked(method: &Method, headers: &HeaderMap) -> bool {
    let is_safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    !is_safe || headers.contains_key(UPGRADE)
}

/// All of a request that the decision looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    is_checked: bool,
    initiator: Initiator,
    origin: Field<'a>,
    host: Field<'a>,
}

impl<'a> Facts<'a> {
    pub(crate) fn of(method: &Method, uri: &'a Uri, headers: &'a HeaderMap) -> Self {
        if !is_checked(method, headers) {
            return Self {
                is_checked: false,
                initiator: Initiator::Unsaid,
                origin: Field::Absent,
                host: Field::Absent,
            };
        }
        // The authority of the target goes before `Host` (RFC 9112 §3.2.2, RFC 9113 §8.3.1).
        let host = match uri.authority() {
            Some(authority) => Field::One(authority.as_str()),
            None => Field::of(headers, HOST),
        };
        Self { is_checked: true, initiator: Initiator::of(headers), origin: Field::of(headers, ORIGIN), host }
    }
}

impl CrossOrigin {
    /// Decides by the rules of the [module](super), in their order.
    pub(crate) fn decide(&self, facts: &Facts<'_>) -> Verdict {
        if !facts.is_checked {
            return Verdict::Allowed;
        }
        if matches!(facts.origin, Field::Several) {
            return Verdict::Refused(Reason::Ambiguous);
        }
        match facts.initiator {
            Initiator::Contested => Verdict::Refused(Reason::Ambiguous),
            Initiator::SameOrigin if self.is_strict() && self.is_contradicted(facts) => {
                Verdict::Refused(Reason::Contradiction)
            }
            Initiator::SameOrigin => Verdict::Allowed,
            Initiator::User if self.is_strict() => Verdict::Refused(Reason::NoInitiator),
            Initiator::User => Verdict::Allowed,
            Initiator::SameSite => allowed_if(self.trusts(facts.origin), Reason::SameSite),
            Initiator::CrossSite => allowed_if(self.trusts(facts.origin), Reason::CrossSite),
            Initiator::Unsaid => self.decide_by_origin(facts),
        }
    }

    fn decide_by_origin(&self, facts: &Facts<'_>) -> Verdict {
        match facts.origin {
            // A browser would send one with all that is checked, so this is none: nobody's page can make it ask.
            Field::Absent => allowed_if(!self.is_strict(), Reason::Absent),
            Field::One("null") => Verdict::Refused(Reason::OpaqueOrigin),
            origin => {
                allowed_if(self.trusts(origin) || self.is_own(origin, facts.host), Reason::ForeignOrigin)
            }
        }
    }

    /// Whether there is an origin, and another than the site's own: not every browser that was shipped told the truth about
    /// `same-origin` (S64).
    fn is_contradicted(&self, facts: &Facts<'_>) -> bool {
        !matches!(facts.origin, Field::Absent) && !self.is_own(facts.origin, facts.host)
    }

    fn trusts(&self, origin: Field<'_>) -> bool {
        let trusted = self.trusted_origins();
        !trusted.is_empty()
            && origin.parse().is_some_and(|origin| trusted.iter().any(|trusted| trusted.is(origin)))
    }

    /// Whether `origin` is a public one; without any, whether it is where the request went.
    fn is_own(&self, origin: Field<'_>, host: Field<'_>) -> bool {
        let Some(origin) = origin.parse() else {
            return false;
        };
        match (self.public_origins(), host) {
            ([], Field::One(host)) => origin.is_at(host),
            ([], _) => false,
            (public, _) => public.iter().any(|public| public.is(origin)),
        }
    }
}

/// What is to become of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Allowed,
    Refused(Reason),
}

/// Why a request was taken for another site's.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// A page of another site made it.
    CrossSite,
    /// A page of the same site and another origin made it: of a subdomain, or over another scheme or port.
    SameSite,
    /// Its `Origin` is neither the site's own nor trusted.
    ForeignOrigin,
    /// Its `Origin` is `null`, which any page can make it.
    OpaqueOrigin,
    /// Its `Origin` contradicts its `Sec-Fetch-Site`; in strict mode.
    Contradiction,
    /// No page made it; in strict mode.
    NoInitiator,
    /// It says nothing of where it comes from; in strict mode.
    Absent,
    /// It says more than one thing of where it comes from.
    Ambiguous,
    /// It is a CORS preflight, which no page's visitor has asked for.
    Preflight,
}

impl Reason {
    /// The reason's stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CrossSite => "cross_site",
            Self::SameSite => "same_site",
            Self::ForeignOrigin => "foreign_origin",
            Self::OpaqueOrigin => "opaque_origin",
            Self::Contradiction => "contradiction",
            Self::NoInitiator => "no_initiator",
            Self::Absent => "absent",
            Self::Ambiguous => "ambiguous",
            Self::Preflight => "preflight",
        }
    }
}

impl Error for Reason {}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CrossSite => "a page of another site made the request",
            Self::SameSite => "a page of the same site, but of another origin, made the request",
            Self::ForeignOrigin => "the request's `Origin` is neither this site's nor trusted",
            Self::OpaqueOrigin => "the request's `Origin` is `null`",
            Self::Contradiction => "the request's `Origin` contradicts its `Sec-Fetch-Site`",
            Self::NoInitiator => "no page of this site made the request",
            Self::Absent => "the request has neither `Sec-Fetch-Site` nor `Origin`",
            Self::Preflight => "a preflight begins no session",
            Self::Ambiguous => "the request has more than one `Sec-Fetch-Site` or `Origin`",
        })
    }
}

/// Who made the request, by what `Sec-Fetch-Site` says.
#[derive(Clone, Copy, Debug)]
enum Initiator {
    /// It says nothing.
    Unsaid,
    SameOrigin,
    SameSite,
    /// Another site, or something that is not understood.
    CrossSite,
    /// Nobody's page.
    User,
    /// It says different things.
    Contested,
}

impl Initiator {
    fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(SEC_FETCH_SITE).iter();
        let Some(first) = values.next() else {
            return Self::Unsaid;
        };
        if values.any(|value| value != first) {
            return Self::Contested;
        }
        match first.as_bytes() {
            b"" => Self::Unsaid,
            b"same-origin" => Self::SameOrigin,
            b"same-site" => Self::SameSite,
            b"none" => Self::User,
            _ => Self::CrossSite,
        }
    }
}

/// A field that should be there once.
#[derive(Clone, Copy, Debug)]
enum Field<'a> {
    Absent,
    One(&'a str),
    /// It cannot be what it should be.
    NotAscii,
    Several,
}

impl<'a> Field<'a> {
    fn of(headers: &'a HeaderMap, name: HeaderName) -> Self {
        let mut values = headers.get_all(name).iter();
        match (values.next().map(HeaderValue::to_str), values.next()) {
            (None, _) => Self::Absent,
            (Some(_), Some(_)) => Self::Several,
            (Some(Ok(text)), None) => Self::One(text),
            (Some(Err(_)), None) => Self::NotAscii,
        }
    }

    fn parse(self) -> Option<OriginRef<'a>> {
        match self {
            Self::One(text) => OriginRef::parse(text).ok(),
            Self::Absent | Self::NotAscii | Self::Several => None,
        }
    }
}

const fn allowed_if(is_allowed: bool, otherwise: Reason) -> Verdict {
    if is_allowed { Verdict::Allowed } else { Verdict::Refused(otherwise) }
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[cfg(test)]
mod tests;
