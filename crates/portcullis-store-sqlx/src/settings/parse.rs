#[cfg(any(feature = "mysql", feature = "postgres"))]
use std::{fs, io};

use super::SqlSettings;
use crate::ConfigError;

/// A store's URL, taken apart: what every engine has, and what is left for the engine's own driver.
#[derive(Debug)]
pub(crate) struct Url {
    /// All before the `?`.
    pub(crate) base: String,
    pub(crate) settings: SqlSettings,
    /// What is left, in its order.
    pub(crate) parameters: Vec<(String, String)>,
}

impl Url {
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        if text.contains('#') {
            return Err(ConfigError::Url);
        }
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let mut url = Self { base: base.to_owned(), settings: SqlSettings::new(), parameters: Vec::new() };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let settings = url.settings.clone();
            url.settings = match &*name {
                "connections" => settings.with_connections(number("connections", &value)?),
                "migrate" if !flag("migrate", &value)? => settings.without_migrations(),
                "migrate" => settings,
                "namespace" => settings.with_namespace(value)?,
                "schema" => settings.with_schema(value)?,
                _ => {
                    url.parameters.push((name.into_owned(), value.into_owned()));
                    settings
                }
            };
        }
        Ok(url)
    }

    #[cfg(any(feature = "mysql", feature = "postgres"))]
    /// The URL for the driver of a server, with those parameters that `is_its_own` leaves to it.
    pub(crate) fn server(
        &self,
        schemes: &[&str],
        mut is_its_own: impl FnMut(&str, &str) -> Result<bool, ConfigError>,
    ) -> Result<String, ConfigError> {
        let mut server = url::Url::parse(&self.base).map_err(|_unrepeated| ConfigError::Url)?;
        let is_somewhere = server.host_str().is_some_and(|host| !host.is_empty()) || self.is_socket();
        if !schemes.contains(&server.scheme()) || !server.has_authority() || !is_somewhere {
            return Err(ConfigError::Url);
        }
        for (name, value) in &self.parameters {
            if is_its_own(name, value)? {
                server.query_pairs_mut().append_pair(name, value);
            }
        }
        Ok(server.into())
    }

    #[cfg(any(feature = "mysql", feature = "postgres"))]
    /// Whether what is sent stays on this machine: the loopback interface, or a socket.
    pub(crate) fn is_of_this_machine(&self) -> bool {
        if self.is_socket() {
            return true;
        }
        // A scheme of the web, by which a host is read as an address where it is one.
        let web = self.base.split_once("://").map(|(_, rest)| format!("http://{rest}"));
        let host = web.and_then(|web| url::Url::parse(&web).ok());
        match host.as_ref().and_then(url::Url::host) {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    #[cfg(any(feature = "mysql", feature = "postgres"))]
    fn is_socket(&self) -> bool {
        let names_one = |(name, value): &(String, String)| {
            ["host", "socket"].contains(&&**name) && value.starts_with('/')
        };
        self.parameters.iter().any(names_one)
    }
}

#[cfg(any(feature = "mysql", feature = "postgres"))]
/// The first line of a file.
pub(crate) fn password(path: &str) -> Result<String, ConfigError> {
    let failed = |kind| ConfigError::File { parameter: "password_file", kind };
    let text = fs::read_to_string(path).map_err(|error| failed(error.kind()))?;
    text.lines().next().map(str::to_owned).ok_or_else(|| failed(io::ErrorKind::UnexpectedEof))
}

pub(crate) fn number(parameter: &'static str, value: &str) -> Result<usize, ConfigError> {
    let number = value.parse().ok().filter(|number| *number > 0);
    number.ok_or(ConfigError::Number { parameter })
}

pub(crate) fn flag(parameter: &'static str, value: &str) -> Result<bool, ConfigError> {
    value.parse().map_err(|_neither| ConfigError::Flag { parameter })
}
