use std::{error::Error, fmt, iter, net::SocketAddr, path::PathBuf, time::Duration};

use clap::Parser;
use portcullis::session::{ConfigError, SessionLimit, Timeouts};

use crate::{balancer::Routing, logs::LogFormat, origin::Origin, store_choice::StoreChoice};

/// The Portcullis demonstration server: a small shop with sessions and tokens.
#[derive(Clone, Debug, Parser)]
#[command(version)]
#[non_exhaustive]
pub struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Where sessions are kept: `memory:` in each node, `memory:shared` in one place for all, both of which forget when the server
    /// stops; `sqlite:FILE`, which does not; or `postgres://USER@HOST/DATABASE`, `mysql://USER@HOST/DATABASE`, `redis://HOST`,
    /// `redis+sentinel://HOST,HOST/NAME`, `redis+cluster://HOST,HOST`. A URL with a password is better in
    /// the environment, where other users do not see it
    #[arg(
        long,
        value_name = "URL",
        default_value = "memory:",
        env = "GATEHOUSE_STORE",
        hide_env_values = true
    )]
    pub store: StoreChoice,

    /// Serve https with a certificate made at start, and so the cookie browsers protect best
    #[arg(long)]
    pub tls: bool,

    /// Where browsers find the site, if not where it listens; sessions and tokens name it as their issuer
    #[arg(long, value_name = "ORIGIN")]
    pub public_origin: Option<Origin>,

    /// End a session after so long without a request [default: 3600, or the absolute timeout if that is shorter]
    #[arg(long, value_name = "SECS")]
    pub idle_timeout: Option<u64>,

    /// End a session so long after the login, whatever happens
    #[arg(long, value_name = "SECS", default_value_t = 86_400)]
    pub absolute_timeout: u64,

    /// Let nobody be logged in at more than so many places: a login beyond ends the oldest session [default: no limit]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub session_limit: Option<u16>,

    /// Keep the keys of tokens in this file, which is made if it is not there; without it they end with the program, and all tokens too
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,

    /// End an access token after so long
    #[arg(long, value_name = "SECS", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub access_ttl: u32,

    /// Let scripts of another origin call /api and /login/token, with a token and never with the cookie; may be given several times
    #[arg(long, value_name = "ORIGIN")]
    pub allow_origin: Vec<Origin>,

    /// How many nodes to run behind a balancer in this process; with more than one, /nodes shows and stops them
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub nodes: u8,

    /// Which of several nodes a request goes to
    #[arg(long, value_name = "HOW", default_value = "round-robin")]
    pub routing: Routing,

    /// Serve a hostile page from another origin, on this machine only, to see what the gate does about it
    #[arg(long, value_name = "ADDR")]
    pub attacker: Option<SocketAddr>,

    /// Serve gatehouse.v1.Gate over gRPC beside the site: a token or a login's cookie, as metadata, says who calls
    #[arg(long, value_name = "ADDR")]
    pub grpc_listen: Option<SocketAddr>,

    /// How the log is written; RUST_LOG says what of it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

impl Options {
    /// When sessions end.
    ///
    /// # Errors
    ///
    /// The options contradict each other, or sessions would end at once.
    pub fn timeouts(&self) -> Result<Timeouts, ConfigError> {
        let standard = Timeouts::default();
        let absolute = Duration::from_secs(self.absolute_timeout);
        let idle = self.idle_timeout.map_or_else(|| standard.idle().min(absolute), Duration::from_secs);
        Timeouts::new(idle, absolute)
    }

    /// How long an access token is good for.
    #[must_use]
    pub fn access_lifetime(&self) -> Duration {
        Duration::from_secs(self.access_ttl.into())
    }

    /// How many sessions somebody may have.
    #[must_use]
    pub fn session_limit(&self) -> Option<SessionLimit> {
        self.session_limit.map(|most| SessionLimit::evict_oldest(most.into()))
    }

    /// Where the server is found from this machine, once it listens on `address`.
    #[must_use]
    pub fn origin_of(&self, address: SocketAddr) -> Origin {
        Origin::listening(address, self.tls)
    }

    /// Refuses what would send passwords and cookies over a network in the clear, what would attack others than oneself, and what
    /// could not know its callers.
    ///
    /// # Errors
    ///
    /// Plain http on an address that others reach, or for an origin that others can mean; a hostile page that others reach; gRPC
    /// beside nodes that have no store in common.
    pub fn check(&self) -> Result<(), OptionsError> {
        let mut listens = iter::once(self.listen).chain(self.grpc_listen);
        if let Some(exposed) = listens.find(|address| !self.tls && !address.ip().is_loopback()) {
            return Err(OptionsError::ListensInTheClear(exposed));
        }
        if self.grpc_listen.is_some() && self.nodes > 1 && !self.store.is_shared() {
            return Err(OptionsError::GrpcBesideManyStores);
        }
        if let Some(attacker) = self.attacker.filter(|attacker| !attacker.ip().is_loopback()) {
            return Err(OptionsError::AttacksOthers(attacker));
        }
        match &self.public_origin {
            Some(origin) if !origin.is_https() && self.tls => Err(OptionsError::NotHttps(origin.clone())),
            Some(origin) if !origin.is_https() && !origin.is_loopback() => {
                Err(OptionsError::ReachedInTheClear(origin.clone()))
            }
            _ => Ok(()),
        }
    }
}

/// Options that do not go together.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum OptionsError {
    /// Others reach the hostile page.
    AttacksOthers(SocketAddr),
    /// Each node has a store of its own, and gRPC is served beside them.
    GrpcBesideManyStores,
    /// Others reach the address, and there is no TLS.
    ListensInTheClear(SocketAddr),
    /// The server speaks TLS, and the origin says that it does not.
    NotHttps(Origin),
    /// Others reach the origin, and there is no TLS.
    ReachedInTheClear(Origin),
}

impl fmt::Display for OptionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AttacksOthers(address) => {
                write!(f, "others can reach {address}: --attacker is for this machine, as in 127.0.0.1:8666")
            }
            Self::GrpcBesideManyStores => f.write_str(
                "--grpc-listen serves beside the nodes, and each of them knows only its own logins: add --store memory:shared",
            ),
            Self::ListensInTheClear(address) => write!(
                f,
                "others can reach {address}, and without --tls they could read passwords and cookies: add --tls, \
                 or listen on 127.0.0.1"
            ),
            Self::NotHttps(origin) => write!(f, "with --tls the public origin is https, not {origin}"),
            Self::ReachedInTheClear(origin) => write!(
                f,
                "{origin} is not on this machine: over plain http others could read passwords and cookies"
            ),
        }
    }
}

impl Error for OptionsError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(arguments: &[&str]) -> Result<Options, clap::Error> {
        Options::try_parse_from([&["gatehouse"], arguments].concat())
    }

    #[test]
    fn without_options_it_is_on_this_machine_and_in_memory() {
        let options = options(&[]).unwrap();
        assert_eq!(options.check(), Ok(()));
        assert_eq!(options.timeouts(), Ok(Timeouts::default()));
        assert_eq!(options.origin_of(options.listen).as_str(), "http://127.0.0.1:8080");
        assert_eq!(options.store, StoreChoice::Memory);
    }

    #[test]
    fn nothing_is_sent_over_a_network_in_the_clear() {
        let rows: [(&[&str], bool); 12] = [
            (&["--listen", "0.0.0.0:80"], false),
            (&["--listen", "[::]:80"], false),
            (&["--listen", "0.0.0.0:443", "--tls"], true),
            (&["--listen", "[::1]:80"], true),
            (&["--grpc-listen", "0.0.0.0:80"], false),
            (&["--grpc-listen", "10.0.0.1:80", "--public-origin", "https://shop.example"], false),
            (&["--grpc-listen", "0.0.0.0:443", "--tls"], true),
            (&["--grpc-listen", "[::1]:80"], true),
            (&["--public-origin", "http://shop.example"], false),
            (&["--public-origin", "http://localhost:8080"], true),
            // Behind a proxy that ends TLS.
            (&["--public-origin", "https://shop.example"], true),
            (&["--public-origin", "http://localhost:8080", "--tls"], false),
        ];
        for (arguments, allowed) in rows {
            assert_eq!(options(arguments).unwrap().check().is_ok(), allowed, "{arguments:?}");
        }
    }

    #[test]
    fn the_hostile_page_is_for_this_machine() {
        for (address, allowed) in [
            ("127.0.0.1:8666", true),
            ("[::1]:8666", true),
            ("0.0.0.0:8666", false),
            ("10.0.0.1:8666", false),
        ] {
            let options = options(&["--tls", "--attacker", address]).unwrap();
            assert_eq!(options.check().is_ok(), allowed, "{address}");
        }
    }

    #[test]
    fn nodes_are_counted_and_share_a_store_that_says_so() {
        for (count, allowed) in [("0", false), ("1", true), ("16", true), ("17", false), ("many", false)] {
            assert_eq!(options(&["--nodes", count]).is_ok(), allowed, "{count}");
        }
        let single = options(&[]).unwrap();
        assert_eq!((single.nodes, single.routing, single.store.is_shared()), (1, Routing::RoundRobin, false));
        assert_eq!(options(&["--routing", "sticky"]).unwrap().routing, Routing::Sticky);
        assert!(options(&["--store", "memory:shared"]).unwrap().store.is_shared());
    }

    #[test]
    fn what_serves_beside_several_nodes_needs_their_store() {
        let rows: [(&[&str], Result<(), OptionsError>); 3] = [
            (&[], Ok(())),
            (&["--nodes", "2"], Err(OptionsError::GrpcBesideManyStores)),
            (&["--nodes", "2", "--store", "memory:shared"], Ok(())),
        ];
        for (arguments, expected) in rows {
            let options = options(&[&["--grpc-listen", "127.0.0.1:0"], arguments].concat());
            assert_eq!(options.unwrap().check(), expected, "{arguments:?}");
        }
    }

    #[test]
    fn the_idle_timeout_follows_a_shorter_absolute_one() {
        let seconds = |options: Options| {
            let timeouts = options.timeouts().unwrap();
            (timeouts.idle().as_secs(), timeouts.absolute().as_secs())
        };
        assert_eq!(seconds(options(&["--absolute-timeout", "60"]).unwrap()), (60, 60));
        assert_eq!(seconds(options(&["--idle-timeout", "9"]).unwrap()), (9, 86_400));
        assert!(options(&["--idle-timeout", "90", "--absolute-timeout", "60"]).unwrap().timeouts().is_err());
        assert!(options(&["--idle-timeout", "0"]).unwrap().timeouts().is_err());
    }

    #[test]
    fn a_token_lives_for_a_second_at_least_and_a_day_at_most() {
        let rows = [
            ("0", None),
            ("1", Some(1)),
            ("86400", Some(86_400)),
            ("86401", None),
            ("-1", None),
            ("ten", None),
        ];
        for (seconds, expected) in rows {
            let lifetime = options(&["--access-ttl", seconds]).ok().map(|options| options.access_lifetime());
            assert_eq!(lifetime, expected.map(Duration::from_secs), "{seconds}");
        }
        assert_eq!(options(&[]).unwrap().access_lifetime(), Duration::from_secs(600));
    }

    #[test]
    fn origins_are_allowed_one_by_one() {
        let two = ["--allow-origin", "https://one.example", "--allow-origin", "http://127.0.0.1:3000"];
        let allowed = options(&two).unwrap().allow_origin;
        assert_eq!(
            allowed.iter().map(Origin::as_str).collect::<Vec<_>>(),
            ["https://one.example", "http://127.0.0.1:3000"]
        );
        for refused in ["*", "null", "shop.example", "https://one.example/path"] {
            assert!(options(&["--allow-origin", refused]).is_err(), "{refused}");
        }
        assert!(options(&[]).unwrap().allow_origin.is_empty());
    }

    #[test]
    fn a_store_is_named_by_a_url_whose_password_is_not_shown() {
        let options = options(&["--store", "redis+cluster://app:secret@a,b"]).unwrap();
        assert_eq!(options.store.to_string(), "redis+cluster://a,b");
        assert!(options.store.is_shared());
        assert!(!format!("{options:?}").contains("secret"));
    }

    #[test]
    fn what_is_no_url_names_no_store() {
        let error = options(&["--store", "redis"]).unwrap_err().to_string();
        assert!(error.contains("named by a URL"), "{error}");
    }
}
