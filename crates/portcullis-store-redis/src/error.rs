use std::{error::Error, fmt, io};

/// Settings that name no store. No error repeats a password.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ConfigError {
    /// It is no URL.
    Url,
    /// The scheme names neither engine or none of the three shapes.
    Scheme,
    /// A host, or its port, is none.
    Host,
    /// Several hosts, and neither `+sentinel` nor `+cluster`.
    SeveralHosts,
    /// The database is no number, or a Cluster's, which has none but 0.
    Database,
    /// Sentinels are asked for a master by its name, and there is none.
    NoMasterName,
    /// The namespace is empty or longer than 64 bytes, or holds something else than letters, digits and `-._:/`.
    Namespace,
    /// The number of replicas is none.
    Replicas,
    /// Whether eviction is admitted is neither `true` nor `false`.
    Eviction,
    /// A file that the URL names cannot be read.
    File {
        /// The parameter that names it.
        parameter: &'static str,
        /// Why not.
        kind: io::ErrorKind,
    },
    /// A certificate is named, and the scheme is not that of TLS.
    PlainText,
    /// A certificate of ours without its key, or the other way round.
    HalfCertificate,
    /// The URL sets something that there is not.
    Parameter(String),
    /// TLS is demanded of a build without the feature `tls`.
    NoTls,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => "a Redis store is named by a URL such as `redis://host:6379/0`",
            Self::Scheme => {
                "the scheme is `redis`, `redis+sentinel` or `redis+cluster`, with `rediss` for TLS and `valkey` for `redis`"
            }
            Self::Host => "a host is a name or an address, with or without a port",
            Self::SeveralHosts => "several hosts need `redis+sentinel://` or `redis+cluster://`",
            Self::Database => "the database is a number, and that of a Cluster is 0",
            Self::NoMasterName => {
                "Sentinels are asked for a master by its name: `redis+sentinel://host:26379/mymaster`"
            }
            Self::Namespace => "a namespace is 1 to 64 letters, digits and `-._:/`",
            Self::Replicas => "`replicas` is a number",
            Self::Eviction => "`insecure_eviction` is `true` or `false`",
            Self::File { parameter, kind } => {
                return write!(f, "the file that `{parameter}` names cannot be read: {kind}");
            }
            Self::PlainText => "`ca_file`, `cert_file` and `key_file` are for TLS: `rediss://`",
            Self::HalfCertificate => "`cert_file` and `key_file` are set together",
            Self::Parameter(name) => {
                return write!(f, "`{}` is no setting of a Redis store of this shape", name.escape_debug());
            }
            Self::NoTls => "TLS needs the feature `tls`",
        })
    }
}

impl Error for ConfigError {}
