//! Starts the servers that a run of tests shares, says where they are, and ends them when its standard input is closed.
//!
//! Each line that it prints is `VARIABLE=URL`. What cannot be started is said on standard error.

use std::io::{self, Read, Write};

use portcullis_testkit::{
    laws::Missing,
    servers::{RedisCluster, RedisNode, RedisSentinels, Shape, SqlEngine, SqlServer},
};

fn main() -> io::Result<()> {
    let node = say(Shape::Node.variable(), RedisNode::start(&[]), RedisNode::url)?;
    let sentinels = say(Shape::Sentinel.variable(), RedisSentinels::start(&[]), RedisSentinels::url)?;
    let cluster = say(Shape::Cluster.variable(), RedisCluster::start(&[]), RedisCluster::url)?;
    let sql =
        SqlEngine::ALL.map(|engine| say(engine.variable(), SqlServer::start(engine, &[]), SqlServer::url));
    writeln!(io::stdout())?;
    io::stdin().read_to_end(&mut Vec::new())?;
    drop((node, sentinels, cluster, sql));
    Ok(())
}

fn say<S>(
    variable: &str,
    server: Result<S, Missing>,
    url: impl FnOnce(&S) -> String,
) -> io::Result<Option<S>> {
    match server {
        Ok(server) => {
            writeln!(io::stdout(), "{}={}", variable, url(&server))?;
            Ok(Some(server))
        }
        Err(missing) => {
            writeln!(io::stderr(), "{}: {missing}", variable)?;
            Ok(None)
        }
    }
}
