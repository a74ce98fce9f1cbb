use std::fmt;

use crate::ConfigError;

/// What the tables are called, and where they lie.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Names {
    schema: Option<String>,
    namespace: String,
}

impl Names {
    pub(crate) fn with_namespace(self, namespace: String) -> Result<Self, ConfigError> {
        if is_name(&namespace) { Ok(Self { namespace, ..self }) } else { Err(ConfigError::Namespace) }
    }

    pub(crate) fn with_schema(self, schema: String) -> Result<Self, ConfigError> {
        if is_name(&schema) { Ok(Self { schema: Some(schema), ..self }) } else { Err(ConfigError::Schema) }
    }

    /// Each record is a row.
    pub(crate) fn records(&self, quote: char) -> Name<'_> {
        self.name("records", quote)
    }

    /// Each owner and space of which everything was once removed is a row.
    pub(crate) fn epochs(&self, quote: char) -> Name<'_> {
        self.name("epochs", quote)
    }

    /// Each step that the schema has taken is a row.
    pub(crate) fn migrations(&self, quote: char) -> Name<'_> {
        self.name("migrations", quote)
    }

    /// Each thing that one process does for all is a row.
    pub(crate) fn upkeep(&self, quote: char) -> Name<'_> {
        self.name("upkeep", quote)
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    /// An index, which lies where its table lies and is never asked for with a schema.
    pub(crate) fn index(&self, what: &'static str, quote: char) -> Name<'_> {
        Name { schema: None, ..self.name(what, quote) }
    }

    #[cfg(any(feature = "mysql", feature = "postgres"))]
    /// What tells these tables from others of the same database.
    pub(crate) fn lock(&self) -> String {
        format!("portcullis/{}", self.name("migrations", '"'))
    }

    fn name(&self, what: &'static str, quote: char) -> Name<'_> {
        Name { schema: self.schema.as_deref(), namespace: &self.namespace, what, quote }
    }
}

impl Default for Names {
    fn default() -> Self {
        Self { schema: None, namespace: "portcullis".to_owned() }
    }
}

/// A name as it stands in a statement. It is quoted, and what it is made of holds no quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'a> {
    schema: Option<&'a str>,
    namespace: &'a str,
    what: &'static str,
    quote: char,
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schema, namespace, what, quote } = self;
        if let Some(schema) = schema {
            write!(f, "{quote}{schema}{quote}.")?;
        }
        write!(f, "{quote}{namespace}_{what}{quote}")
    }
}

/// What no engine needs more of, and none takes for anything else.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(allowed)
}

/// PostgreSQL cuts names off at 63 bytes; the longest that is added is `_migrations`.
const LONGEST: usize = 48;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_and_cannot_end_its_quotes() {
        let names = Names::default().with_namespace("shop-1".to_owned()).unwrap();
        assert_eq!(names.records('`').to_string(), "`shop-1_records`");
        let names = names.with_schema("Auth".to_owned()).unwrap();
        assert_eq!(names.epochs('"').to_string(), r#""Auth"."shop-1_epochs""#);
        #[cfg(any(feature = "postgres", feature = "sqlite"))]
        assert_eq!(names.index("owner", '"').to_string(), r#""shop-1_owner""#);
        for text in ["", "a\"b", "a`b", "a.b", "a b", "ä", "a;b", &"x".repeat(49)] {
            assert_eq!(
                Names::default().with_namespace(text.to_owned()),
                Err(ConfigError::Namespace),
                "{text}"
            );
            assert_eq!(Names::default().with_schema(text.to_owned()), Err(ConfigError::Schema), "{text}");
        }
    }
}
