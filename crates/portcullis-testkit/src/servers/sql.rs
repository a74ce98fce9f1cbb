use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
    process::{Command, Stdio},
};

use rustix::process::{Signal, geteuid};
use tempfile::TempDir;

use super::{
    Certificate,
    poll::until,
    process::{Process, Program, free_port},
};
use crate::laws::Missing;

/// A SQL server's program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a test says what it does with each")]
pub enum SqlEngine {
    /// PostgreSQL.
    Postgres,
    /// MariaDB, in place of MySQL, of which Debian has none.
    MariaDb,
}

impl SqlEngine {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Postgres, Self::MariaDb];

    /// The environment variable that holds the URL of a server that tests share.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "PORTCULLIS_TEST_POSTGRES",
            Self::MariaDb => "PORTCULLIS_TEST_MARIADB",
        }
    }

    /// Whether its program is on this machine.
    ///
    /// # Errors
    ///
    /// It is not.
    pub fn is_there(self) -> Result<(), Missing> {
        self.server().path().map(drop)
    }

    const fn server(self) -> Program {
        match self {
            Self::Postgres => Program {
                name: "postgres",
                folders: POSTGRES_FOLDERS,
                variable: "PORTCULLIS_POSTGRES",
                package: "postgresql",
            },
            Self::MariaDb => Program {
                name: "mariadbd",
                folders: &["/usr/sbin"],
                variable: "PORTCULLIS_MARIADBD",
                package: "mariadb-server",
            },
        }
    }

    /// What makes a data folder, and how.
    fn make_data(self, folder: &Path) -> Result<Command, Missing> {
        let data = folder.join("data");
        let (name, folders): (_, &[&str]) = match self {
            Self::Postgres => ("initdb", POSTGRES_FOLDERS),
            Self::MariaDb => ("mariadb-install-db", &["/usr/bin"]),
        };
        let program = Program { name, folders, ..self.server() }.path()?;
        let mut command = unprivileged(&program);
        match self {
            Self::Postgres => command.arg("--pgdata").arg(data).args([
                "--auth",
                "trust",
                "--username",
                USER,
                "--encoding",
                "UTF8",
                "--locale",
                "C",
                "--no-sync",
            ]),
            Self::MariaDb => command
                .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
                .arg(format!("--datadir={}", data.display())),
        };
        Ok(command)
    }

    fn arguments(self, folder: &Path, port: u16) -> Vec<String> {
        let folder = folder.display();
        match self {
            Self::Postgres => {
                let settings =
                    ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200"];
                let settings = settings.into_iter().flat_map(|setting| ["-c", setting]).map(str::to_owned);
                let own = ["-D".to_owned(), format!("{folder}/data"), "-p".to_owned(), port.to_string()];
                own.into_iter().chain(settings).collect()
            }
            Self::MariaDb => vec![
                "--no-defaults".to_owned(),
                format!("--datadir={folder}/data"),
                format!("--socket={folder}/socket"),
                format!("--pid-file={folder}/pid"),
                format!("--init-file={folder}/init.sql"),
                format!("--port={port}"),
                "--bind-address=127.0.0.1".to_owned(),
                "--max-connections=300".to_owned(),
                "--innodb-buffer-pool-size=128M".to_owned(),
            ],
        }
    }
}

/// One SQL server of one's own.
///
/// # Example
///
/// ```no_run
/// use portcullis_testkit::servers::{SqlEngine, SqlServer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut server = SqlServer::start(SqlEngine::Postgres, &["-c", "fsync=off"])?;
/// assert!(server.url().starts_with("postgres://"));
/// server.kill()?;
/// server.restart()?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct SqlServer {
    engine: SqlEngine,
    process: Process,
    port: u16,
    arguments: Vec<String>,
    folder: TempDir,
}

impl SqlServer {
    /// Starts one, with `options` as its command line has them. Where we are root it runs as `nobody`, because PostgreSQL refuses root.
    ///
    /// # Errors
    ///
    /// The program is missing, or does not answer.
    pub fn start(engine: SqlEngine, options: &[&str]) -> Result<Self, Missing> {
        Self::start_with(engine, None, options)
    }

    /// Starts one that can be spoken to under TLS, by this certificate.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_under_tls(engine: SqlEngine, certificate: &Certificate) -> Result<Self, Missing> {
        // Relative to the data folder, in which the server works.
        let options: &[_] = match engine {
            SqlEngine::Postgres => {
                &["-c", "ssl=on", "-c", "ssl_cert_file=../cert.pem", "-c", "ssl_key_file=../key.pem"]
            }
            SqlEngine::MariaDb => &["--ssl-cert=../cert.pem", "--ssl-key=../key.pem"],
        };
        Self::start_with(engine, Some(certificate), options)
    }

    fn start_with(
        engine: SqlEngine,
        certificate: Option<&Certificate>,
        options: &[&str],
    ) -> Result<Self, Missing> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match Self::start_on(engine, free_port()?, certificate, options) {
                Ok(server) => return Ok(server),
                Err(missing) => last = Some(missing),
            }
        }
        Err(last.unwrap_or_else(|| Missing::new("no server was started")))
    }

    /// Somebody may take the port first, so this may fail once in a while.
    fn start_on(
        engine: SqlEngine,
        port: u16,
        certificate: Option<&Certificate>,
        options: &[&str],
    ) -> Result<Self, Missing> {
        let program = engine.server().path()?;
        let failed = |error: io::Error| Missing::new(format!("no data folder for {program}: {error}"));
        let folder = TempDir::new().map_err(failed)?;
        if geteuid().is_root() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).map_err(failed)?;
        }
        fs::write(folder.path().join("init.sql"), INIT).map_err(failed)?;
        if let Some(certificate) = certificate {
            let files = [(certificate.certificate(), "cert.pem"), (certificate.key(), "key.pem")];
            files
                .into_iter()
                .try_for_each(|(from, to)| copy(&from, &folder.path().join(to)))
                .map_err(failed)?;
        }
        let mut make = engine.make_data(folder.path())?;
        let made = make.stdin(Stdio::null()).output().map_err(failed)?;
        if !made.status.success() {
            return Err(failed(io::Error::other(String::from_utf8_lossy(&made.stderr).into_owned())));
        }
        let options = options.iter().map(|option| (*option).to_owned());
        let arguments: Vec<String> =
            engine.arguments(folder.path(), port).into_iter().chain(options).collect();
        let process = Process::start(unprivileged(&program), folder.path(), &arguments)?;
        let mut server = Self { engine, process, port, arguments, folder };
        server.await_answer()?;
        Ok(server)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// What a store is opened by.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_by(self.address())
    }

    /// The same by way of another address, such as that of a [`Proxy`](crate::Proxy).
    #[must_use]
    pub fn url_by(&self, address: SocketAddr) -> String {
        match self.engine {
            SqlEngine::Postgres => format!("postgres://{USER}@{address}/postgres"),
            SqlEngine::MariaDb => format!("mysql://{USER}@{address}/{USER}"),
        }
    }

    /// Stops it amid what it does (`SIGSTOP`), with all its processes: connections stay open, and nothing is answered.
    ///
    /// # Errors
    ///
    /// It has ended.
    pub fn stop(&self) -> io::Result<()> {
        self.process.signal_all(Signal::STOP)
    }

    /// Lets it go on where it was stopped (`SIGCONT`).
    ///
    /// # Errors
    ///
    /// It has ended.
    pub fn resume(&self) -> io::Result<()> {
        self.process.signal_all(Signal::CONT)
    }

    /// Ends it amid what it does (`SIGKILL`), with all its processes.
    ///
    /// # Errors
    ///
    /// It has ended.
    pub fn kill(&mut self) -> io::Result<()> {
        self.process.signal_all(Signal::KILL)?;
        self.process.kill()
    }

    /// Starts it again in its folder and on its port, and waits until it answers.
    ///
    /// # Errors
    ///
    /// The port is taken.
    pub fn restart(&mut self) -> Result<(), Missing> {
        // It may have been killed before.
        let _gone = self.kill().is_err();
        let program = self.engine.server().path()?;
        self.process = Process::start(unprivileged(&program), self.folder.path(), &self.arguments)?;
        self.await_answer()
    }

    /// Starts it again as a replica: one that is behind for ever, because it follows nobody.
    ///
    /// # Errors
    ///
    /// The port is taken, or its folder cannot be written to.
    pub fn restart_as_replica(&mut self) -> Result<(), Missing> {
        match self.engine {
            SqlEngine::Postgres => {
                // A server that was killed, or was never stopped, has to end its own work first.
                self.restart()?;
                let signal = self.folder.path().join("data/standby.signal");
                fs::write(signal, "").map_err(|error| Missing::new(format!("no replica: {error}")))?;
            }
            SqlEngine::MariaDb => self.arguments.push("--read-only=1".to_owned()),
        }
        self.restart()
    }

    fn await_answer(&mut self) -> Result<(), Missing> {
        let port = self.port.to_string();
        let (name, folders): (_, &[&str]) = match self.engine {
            SqlEngine::Postgres => ("pg_isready", POSTGRES_FOLDERS),
            SqlEngine::MariaDb => ("mariadb-admin", &["/usr/bin"]),
        };
        let asks = Program { name, folders, ..self.engine.server() }.path()?;
        let mut ended = false;
        until("a server's first answer", || {
            ended = self.process.has_ended();
            let mut ask = Command::new(&asks);
            match self.engine {
                SqlEngine::Postgres => ask.args(["--host", "127.0.0.1", "--port", &port]),
                SqlEngine::MariaDb => {
                    ask.args(["--no-defaults", "--host=127.0.0.1", "--user", USER, "--port", &port, "ping"])
                }
            };
            let quiet = ask.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
            ended || quiet.is_ok_and(|status| status.success())
        })?;
        let address = self.address();
        if ended { Err(Missing::new(format!("the server on {address} ended at once"))) } else { Ok(()) }
    }
}

/// So that only the server may read it, as PostgreSQL demands of a key.
fn copy(from: &str, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o600))?;
    if geteuid().is_root() { chown(to, Some(NOBODY), Some(NOBODY)) } else { Ok(()) }
}

/// Runs `program` as somebody who may do nothing, where we are root.
fn unprivileged(program: &str) -> Command {
    if !geteuid().is_root() {
        return Command::new(program);
    }
    let nobody = NOBODY.to_string();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups", program]);
    command
}

/// Whoever comes from this machine may do all. Each statement is a line of its own.
const INIT: &str = "CREATE DATABASE IF NOT EXISTS portcullis;
CREATE USER IF NOT EXISTS 'portcullis'@'localhost';
GRANT ALL ON *.* TO 'portcullis'@'localhost' WITH GRANT OPTION;
";
const USER: &str = "portcullis";
const POSTGRES_FOLDERS: &[&str] = &["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin"];
/// The user of that name wherever we have looked.
const NOBODY: u32 = 65_534;
const ATTEMPTS: usize = 3;
