use super::Origin;

/// Where the site is, and who besides its own pages may ask it to change something.
///
/// The [module](super) has the table of what is decided.
///
/// # Default
///
/// Enforced; without a public origin, so the request's host is compared; nobody is trusted.
///
/// # Example
///
/// ```
/// use portcullis::cross_origin::CrossOrigin;
///
/// # fn main() -> Result<(), portcullis::cross_origin::OriginError> {
/// let check = CrossOrigin::new()
///     .with_public_origin("https://shop.example".parse()?)
///     .with_trusted_origin("https://admin.shop.example".parse()?);
/// # let _ = check;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct CrossOrigin {
    mode: Mode,
    public_origins: Vec<Origin>,
    trusted_origins: Vec<Origin>,
}

impl CrossOrigin {
    /// The default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where browsers find the site. Each call adds one.
    ///
    /// It takes the place of the request's host, which a proxy may have rewritten, and its scheme counts too. It is compared where a
    /// browser sends no `Sec-Fetch-Site`, and in strict mode; it does not let two sites of one application ask each other,
    /// for which [`with_trusted_origin`](Self::with_trusted_origin) is.
    ///
    /// # Default
    ///
    /// None: the request's host is compared, and no scheme.
    #[must_use]
    pub fn with_public_origin(mut self, origin: Origin) -> Self {
        self.public_origins.push(origin);
        self
    }

    /// Lets pages of another origin ask in the user's name. Each call adds one.
    ///
    /// # Default
    ///
    /// Nobody: a subdomain is another origin too, and is often easier to take over than the site itself.
    ///
    /// # Security
    ///
    /// Whoever runs a script there can do what the user can. A trusted `http://` origin trusts whoever is on the way.
    #[must_use]
    pub fn with_trusted_origin(mut self, origin: Origin) -> Self {
        self.trusted_origins.push(origin);
        self
    }

    /// Refuses also what only current browsers can be asked to prove: a request that says nothing of where it comes from, one that
    /// no page made, and one whose `Sec-Fetch-Site: same-origin` its `Origin` contradicts.
    ///
    /// For sites that browsers alone use; programs that hold a cookie are refused unless they send `Origin`. It ends
    /// [`insecure_report_only`](Self::insecure_report_only).
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.mode = Mode::Strict;
        self
    }

    /// Decides as by default and refuses nothing, to see on a running site what would be. It ends [`strict`](Self::strict).
    ///
    /// # Security
    ///
    /// Any site can then make requests in the user's name, as far as `SameSite` lets it.
    #[must_use]
    pub const fn insecure_report_only(mut self) -> Self {
        self.mode = Mode::Report;
        self
    }

    /// Whether a refusal is to be carried out.
    pub(crate) const fn is_enforced(&self) -> bool {
        !matches!(self.mode, Mode::Report)
    }

    pub(super) const fn is_strict(&self) -> bool {
        matches!(self.mode, Mode::Strict)
    }

    pub(super) fn public_origins(&self) -> &[Origin] {
        &self.public_origins
    }

    pub(super) fn trusted_origins(&self) -> &[Origin] {
        &self.trusted_origins
    }
}

/// What becomes of a refusal, and how much is one.
#[derive(Clone, Copy, Debug, Default)]
enum Mode {
    Report,
    #[default]
    Enforce,
    Strict,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s70_only_report_mode_does_not_enforce() {
        let rows = [
            ("default", CrossOrigin::new(), true, false),
            ("strict", CrossOrigin::new().strict(), true, true),
            ("report", CrossOrigin::new().insecure_report_only(), false, false),
            ("the later wins", CrossOrigin::new().strict().insecure_report_only(), false, false),
            ("the later wins", CrossOrigin::new().insecure_report_only().strict(), true, true),
        ];
        for (name, policy, enforced, strict) in rows {
            assert_eq!((policy.is_enforced(), policy.is_strict()), (enforced, strict), "{name}");
        }
    }
}
