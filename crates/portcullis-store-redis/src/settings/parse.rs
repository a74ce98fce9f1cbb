use std::{fs, io, str::FromStr};

use url::{Host, Url};

use super::{Address, RedisSettings, Tls, Topology};
use crate::ConfigError;

impl FromStr for RedisSettings {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text)
    }
}

/// Reads a URL. Several hosts in one URL are no generic syntax, so each is read as the host of a URL of its own.
fn parse(text: &str) -> Result<RedisSettings, ConfigError> {
    let (scheme, rest) = text.split_once("://").ok_or(ConfigError::Url)?;
    let (engine, shape) =
        scheme.split_once('+').map_or((scheme, None), |(engine, shape)| (engine, Some(shape)));
    let tls = match engine {
        "redis" | "valkey" => false,
        "rediss" | "valkeys" => true,
        _ => return Err(ConfigError::Scheme),
    };
    if tls && !cfg!(feature = "tls") {
        return Err(ConfigError::NoTls);
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let (user_info, hosts) =
        authority.rsplit_once('@').map_or(("", authority), |(user, hosts)| (user, hosts));
    // The `url` crate takes apart and decodes all but the list of hosts.
    let url = Url::parse(&format!("redis://{user_info}@host{tail}")).map_err(|_syntax| ConfigError::Url)?;
    if url.fragment().is_some() {
        return Err(ConfigError::Url);
    }
    let mut path = url
        .path_segments()
        .map(|segments| segments.filter(|segment| !segment.is_empty()).collect::<Vec<_>>());
    let mut path = path.take().unwrap_or_default().into_iter();
    let topology = match shape {
        None => match addresses(hosts, 6_379)?.as_slice() {
            [one] => Topology::Node(one.clone()),
            _ => return Err(ConfigError::SeveralHosts),
        },
        Some("sentinel") => {
            let name = decoded(path.next().ok_or(ConfigError::NoMasterName)?)?;
            Topology::Sentinel { name, sentinels: addresses(hosts, 26_379)? }
        }
        Some("cluster") => Topology::Cluster(addresses(hosts, 6_379)?),
        Some(_) => return Err(ConfigError::Scheme),
    };
    let mut settings = RedisSettings::new(topology);
    settings.tls = tls.then(Tls::default);
    settings.database = path
        .next()
        .map_or(Ok(0), |number| number.parse::<u32>())
        .map_err(|_no_number| ConfigError::Database)?
        .into();
    let is_cluster = matches!(settings.topology, Topology::Cluster(_));
    if path.next().is_some() || is_cluster && settings.database != 0 {
        return Err(ConfigError::Database);
    }
    settings.credentials.user = Some(decoded(url.username())?).filter(|user| !user.is_empty());
    settings.credentials.password = url.password().map(decoded).transpose()?;
    with_parameters(settings, &url)
}

fn with_parameters(mut settings: RedisSettings, url: &Url) -> Result<RedisSettings, ConfigError> {
    let is_sentinel = matches!(settings.topology, Topology::Sentinel { .. });
    for (name, value) in url.query_pairs() {
        match &*name {
            "insecure_eviction" => match &*value {
                "true" => settings.eviction_is_admitted = true,
                "false" => settings.eviction_is_admitted = false,
                _ => return Err(ConfigError::Eviction),
            },
            "namespace" => settings = settings.with_namespace(value)?,
            "password_file" => settings.credentials.password = password("password_file", &value)?,
            "replicas" => {
                settings.replicas = value.parse().map_err(|_no_number| ConfigError::Replicas)?;
            }
            "sentinel_user" if is_sentinel => settings.sentinel_credentials.user = Some(value.into_owned()),
            "sentinel_password_file" if is_sentinel => {
                settings.sentinel_credentials.password = password("sentinel_password_file", &value)?;
            }
            "ca_file" => {
                let tls = settings.tls.as_mut().ok_or(ConfigError::PlainText)?;
                tls.authorities = Some(read("ca_file", &value)?);
            }
            "cert_file" => {
                let tls = settings.tls.as_mut().ok_or(ConfigError::PlainText)?;
                tls.certificate = Some(read("cert_file", &value)?);
            }
            "key_file" => {
                let tls = settings.tls.as_mut().ok_or(ConfigError::PlainText)?;
                tls.key = Some(read("key_file", &value)?);
            }
            _ => return Err(ConfigError::Parameter(name.into_owned())),
        }
    }
    if settings.tls.as_ref().is_some_and(|tls| tls.certificate.is_some() != tls.key.is_some()) {
        return Err(ConfigError::HalfCertificate);
    }
    Ok(settings)
}

/// The first line of a file.
fn password(parameter: &'static str, path: &str) -> Result<Option<String>, ConfigError> {
    let text = String::from_utf8(read(parameter, path)?)
        .map_err(|_no_text| ConfigError::File { parameter, kind: io::ErrorKind::InvalidData })?;
    Ok(text.lines().next().map(str::to_owned))
}

fn read(parameter: &'static str, path: &str) -> Result<Vec<u8>, ConfigError> {
    fs::read(path).map_err(|error| ConfigError::File { parameter, kind: error.kind() })
}

fn addresses(hosts: &str, default_port: u16) -> Result<Vec<Address>, ConfigError> {
    hosts.split(',').map(|host| address(host, default_port)).collect()
}

fn address(text: &str, default_port: u16) -> Result<Address, ConfigError> {
    let url = Url::parse(&format!("redis://{text}")).map_err(|_syntax| ConfigError::Host)?;
    let host = match url.host().ok_or(ConfigError::Host)? {
        Host::Domain("") => return Err(ConfigError::Host),
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    if !url.username().is_empty() || !url.path().is_empty() {
        return Err(ConfigError::Host);
    }
    Ok(Address { host, port: url.port().unwrap_or(default_port) })
}

fn decoded(text: &str) -> Result<String, ConfigError> {
    let encoded = format!("_={}", text.replace('+', "%2B").replace('&', "%26"));
    let mut pairs = url::form_urlencoded::parse(encoded.as_bytes());
    pairs.next().map(|(_, value)| value.into_owned()).ok_or(ConfigError::Url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> Result<String, ConfigError> {
        parse(url).map(|settings| settings.to_string())
    }

    #[test]
    fn reads_every_shape() {
        for (url, expected) in [
            ("redis://localhost", "redis://localhost:6379"),
            ("redis://localhost:7000/3", "redis://localhost:7000"),
            ("valkey://[::1]:7000", "redis://[::1]:7000"),
            ("redis+sentinel://a,b:1,[::1]/mymaster/2", "redis+sentinel://a:26379,b:1,[::1]:26379/mymaster"),
            ("valkey+cluster://a:7000,b", "redis+cluster://a:7000,b:6379"),
            ("redis+cluster://a/", "redis+cluster://a:6379"),
        ] {
            assert_eq!(shown(url).as_deref(), Ok(expected), "{url}");
        }
        assert_eq!(parse("redis://h/3").unwrap().database, 3);
    }

    #[test]
    fn a_password_is_decoded_and_never_shown() {
        let settings = parse("redis://app:sec%40ret+x@host?namespace=shop").unwrap();
        assert_eq!(settings.credentials.user.as_deref(), Some("app"));
        assert_eq!(settings.credentials.password.as_deref(), Some("sec@ret+x"));
        assert_eq!(settings.namespace, "shop");
        assert!(!format!("{settings:?} {settings}").contains("ret"));
        assert_eq!(parse("redis://:secret@host").unwrap().credentials.user, None);
    }

    #[test]
    fn what_says_something_else_is_refused() {
        for (url, expected) in [
            ("redis:host", ConfigError::Url),
            ("http://host", ConfigError::Scheme),
            ("redis+ring://host", ConfigError::Scheme),
            ("redis://a,b", ConfigError::SeveralHosts),
            ("redis://", ConfigError::Host),
            ("redis://host:port", ConfigError::Host),
            ("redis+cluster://a,,b", ConfigError::Host),
            ("redis://host/x", ConfigError::Database),
            ("redis://host/-1", ConfigError::Database),
            ("redis+cluster://host/1", ConfigError::Database),
            ("redis+sentinel://host", ConfigError::NoMasterName),
            ("redis://host?namespace=", ConfigError::Namespace),
            ("redis://host?namespace={x}", ConfigError::Namespace),
            ("redis://host?replicas=many", ConfigError::Replicas),
            ("redis://host?timeout=1", ConfigError::Parameter("timeout".to_owned())),
            (
                "redis://host?password_file=/nowhere/at/all",
                ConfigError::File { parameter: "password_file", kind: io::ErrorKind::NotFound },
            ),
            ("redis://host?insecure_eviction=perhaps", ConfigError::Eviction),
            ("redis://host?ca_file=/ca.pem", ConfigError::PlainText),
            ("redis+cluster://host?sentinel_user=watch", ConfigError::Parameter("sentinel_user".to_owned())),
        ] {
            assert_eq!(shown(url), Err(expected), "{url}");
        }
    }
}
