/// A format with an algorithm.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    Hs256,
    Rs256,
    Es256,
    EdDsa,
    V4Local,
    V4Public,
}

impl Format {
    pub(super) const ALL: [Self; 6] =
        [Self::Hs256, Self::Rs256, Self::Es256, Self::EdDsa, Self::V4Local, Self::V4Public];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "JWT HS256",
            Self::Rs256 => "JWT RS256",
            Self::Es256 => "JWT ES256",
            Self::EdDsa => "JWT EdDSA",
            Self::V4Local => "PASETO v4.local",
            Self::V4Public => "PASETO v4.public",
        }
    }

    /// Ours at most, as a share of what the peer adds. Of PASETO it was set against another library, which was faster than this peer by a quarter.
    pub(super) const fn target(self) -> f64 {
        match self {
            Self::Hs256 => 0.52,
            Self::Rs256 => 0.84,
            Self::Es256 => 0.97,
            Self::EdDsa => 0.98,
            Self::V4Local => 0.47,
            Self::V4Public => 0.70,
        }
    }
}
