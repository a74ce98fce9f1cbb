use std::{error::Error, fmt, io};

/// Settings that name no store. No error repeats a password.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ConfigError {
    /// It is no URL of this engine.
    Url,
    /// The namespace is empty or longer than 48 bytes, or holds something else than letters, digits, `-` and `_`.
    Namespace,
    /// The same, of the schema.
    Schema,
    /// A number is none, or is 0.
    Number {
        /// The parameter that has it.
        parameter: &'static str,
    },
    /// A parameter that is `true` or `false` is neither.
    Flag {
        /// The parameter.
        parameter: &'static str,
    },
    /// The mode of TLS is none that there is.
    SslMode,
    /// `synchronous` is neither `full` nor `normal`.
    Synchronous,
    /// A database that is in the memory of one connection is no store.
    InMemory,
    /// A file that the URL names cannot be read.
    File {
        /// The parameter that names it.
        parameter: &'static str,
        /// Why not.
        kind: io::ErrorKind,
    },
    /// The URL sets something that there is not.
    Parameter(String),
    /// TLS is demanded, or the default for this host, and the build is without the feature `tls`.
    NoTls,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => {
                "a SQL store is named by a URL such as `postgres://user@host/database`, `mysql://user@host/database` or \
                 `sqlite:file.db`"
            }
            Self::Namespace => "a namespace is 1 to 48 letters, digits, `-` and `_`",
            Self::Schema => "a schema is 1 to 48 letters, digits, `-` and `_`",
            Self::Number { parameter } => return write!(f, "`{parameter}` is a number from 1"),
            Self::Flag { parameter } => return write!(f, "`{parameter}` is `true` or `false`"),
            Self::SslMode => {
                "`sslmode` is `verify-full`, or weaker: `verify-ca`, `require`, `prefer`, `allow`, `disable`; for MySQL `ssl-mode` is \
                 `verify_identity`, or weaker: `verify_ca`, `required`, `preferred`, `disabled`"
            }
            Self::Synchronous => "`synchronous` is `full` or `normal`",
            Self::InMemory => {
                "SQLite's memory belongs to one connection: name a file, or take the store `memory:`"
            }
            Self::File { parameter, kind } => {
                return write!(f, "the file that `{parameter}` names cannot be read: {kind}");
            }
            Self::Parameter(name) => {
                return write!(f, "`{}` is no setting of this engine's store", name.escape_debug());
            }
            Self::NoTls => {
                "servers of other machines are talked to under TLS, which needs the feature `tls`; where the network itself is trusted, \
                 say so: `sslmode=disable`, for MySQL `ssl-mode=disabled`"
            }
        })
    }
}

impl Error for ConfigError {}
