use std::time::Duration;

use portcullis_core::{Effect, StoreError};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, Pipeline,
    RedisConnectionInfo, RedisError, Value,
    aio::MultiplexedConnection,
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
};

use super::Failure;
#[cfg(feature = "tls")]
use super::tls;
use crate::{
    command::Command,
    settings::{Address, Credentials, Tls},
};

/// How servers are spoken to, whichever it is.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) credentials: Credentials,
    pub(crate) sentinel_credentials: Credentials,
    pub(crate) database: i64,
    pub(crate) tls: Option<Tls>,
}

/// One connection, over which many calls are under way at a time. A cheap clone.
#[derive(Clone)]
pub(crate) struct Link(MultiplexedConnection);

impl Link {
    pub(crate) async fn connect(address: &Address, access: &Access) -> Result<Self, StoreError> {
        let Address { host, port } = address.clone();
        let place = if access.tls.is_some() {
            ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
        } else {
            ConnectionAddr::Tcp(host, port)
        };
        let mut hello = RedisConnectionInfo::default().set_db(access.database).set_skip_set_lib_name();
        if let Some(user) = &access.credentials.user {
            hello = hello.set_username(user);
        }
        if let Some(password) = &access.credentials.password {
            hello = hello.set_password(password);
        }
        let keepalive =
            TcpKeepalive::new().with_time(Duration::from_secs(10)).with_interval(Duration::from_secs(2));
        let tcp = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
        #[cfg(target_os = "linux")]
        let tcp = tcp.set_user_timeout(UNACKNOWLEDGED);
        let info = place.into_connection_info().map_err(StoreError::misconfigured)?;
        let info = info.set_redis_settings(hello).set_tcp_settings(tcp);
        // Deadlines are the callers'; the library's own would end a call without saying whether it was sent.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(TO_CONNECT))
            .set_response_timeout(None)
            .set_pipeline_buffer_size(1_024)
            .set_write_backpressure_boundary(64 << 10);
        let client = client(info, access.tls.as_ref()).map_err(StoreError::misconfigured)?;
        let connecting = client.get_multiplexed_async_connection_with_config(&config);
        let connected = tokio::time::timeout(TO_CONNECT, connecting).await;
        let connected =
            connected.map_err(|_elapsed| StoreError::timeout().with_effect(Effect::NotApplied))?;
        connected.map(Self).map_err(|error| Failure::of(error).into_error().with_effect(Effect::NotApplied))
    }

    pub(crate) async fn call(&self, command: &Command<'_>) -> Result<Value, Failure> {
        match self.send(command.cmd()).await {
            Err(error) => match (Failure::of(error), command.in_full()) {
                (Failure::NoScript, Some(cmd)) => self.send(&cmd).await.map_err(Failure::of),
                (failure, _) => Err(failure),
            },
            Ok(value) => Ok(value),
        }
    }

    /// The same of a key that is on its way here.
    pub(crate) async fn call_asking(&self, command: &Command<'_>) -> Result<Value, Failure> {
        let asking = |cmd: &redis::Cmd| {
            let mut pipeline = Pipeline::new();
            pipeline.cmd("ASKING").add_command(cmd.clone());
            pipeline
        };
        match self.send_all(&asking(command.cmd())).await {
            Err(error) => match (Failure::of(error), command.in_full()) {
                (Failure::NoScript, Some(cmd)) => second(self.send_all(&asking(&cmd)).await),
                (failure, _) => Err(failure),
            },
            answers => second(answers),
        }
    }

    /// The same, and then how many replicas have it too, waiting so long for so many. Nothing comes between the two.
    pub(crate) async fn call_replicated(
        &self,
        command: &Command<'_>,
        replicas: usize,
        patience: Duration,
    ) -> Result<(Value, usize), Failure> {
        let waiting = |cmd: &redis::Cmd| {
            let mut pipeline = Pipeline::new();
            pipeline.add_command(cmd.clone());
            pipeline
                .cmd("WAIT")
                .arg(replicas)
                .arg(u64::try_from(patience.as_millis()).unwrap_or(u64::MAX).max(1));
            pipeline
        };
        let answers = match self.send_all(&waiting(command.cmd())).await {
            Err(error) => match (Failure::of(error), command.in_full()) {
                (Failure::NoScript, Some(cmd)) => self.send_all(&waiting(&cmd)).await.map_err(Failure::of)?,
                (failure, _) => return Err(failure),
            },
            Ok(answers) => answers,
        };
        match <[Value; 2]>::try_from(answers) {
            Ok([answer, Value::Int(acknowledged)]) => {
                Ok((answer, usize::try_from(acknowledged).unwrap_or(0)))
            }
            _ => Err(Failure::Refused(unexpected())),
        }
    }

    async fn send(&self, cmd: &redis::Cmd) -> Result<Value, RedisError> {
        cmd.query_async(&mut self.0.clone()).await
    }

    /// The answers to several commands that are sent as one; the first error among them is the error of all.
    async fn send_all(&self, pipeline: &Pipeline) -> Result<Vec<Value>, RedisError> {
        let answers = self.0.clone().send_packed_commands(pipeline, 0, pipeline.len()).await?;
        answers.into_iter().map(Value::extract_error).collect()
    }
}

fn client(info: ConnectionInfo, tls: Option<&Tls>) -> Result<Client, RedisError> {
    match tls {
        #[cfg(feature = "tls")]
        Some(tls) => tls::client(info, tls),
        _ => Client::open(info),
    }
}

fn second(answers: Result<Vec<Value>, RedisError>) -> Result<Value, Failure> {
    answers.map_err(Failure::of)?.into_iter().nth(1).ok_or_else(|| Failure::Refused(unexpected()))
}

/// An answer of a form that the protocol does not have for the question.
pub(crate) fn unexpected() -> StoreError {
    StoreError::corrupt("the server answered something that it was not asked for")
        .with_effect(Effect::Unknown)
}

/// Far longer than a server needs that is there, and shorter than an operator's patience.
const TO_CONNECT: Duration = Duration::from_secs(1);
/// After this without an acknowledgement of what was sent the kernel gives the connection up.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(5);
