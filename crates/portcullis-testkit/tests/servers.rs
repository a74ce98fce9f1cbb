//! The servers that tests start do what tests need of them: they fail over, and slots move with their keys.

use std::process::ExitCode;

use libtest_mimic::Failed;
use portcullis_testkit::servers::{self, RedisCluster, RedisNode, RedisSentinels};

fn main() -> ExitCode {
    servers::run([
        ("a_node_is_stopped_resumed_killed_and_restarted", node as servers::ServerTrial),
        ("sentinels_replace_a_master_that_is_stopped", sentinels),
        ("a_cluster_replaces_a_master_that_is_killed", cluster),
        ("a_slot_moves_with_its_keys", slots),
    ])
}

fn node() -> Result<(), Failed> {
    let mut node = RedisNode::start(&[])?;
    node.command(&["SET", "kept", "in memory"])?;
    node.stop()?;
    assert!(node.command(&["PING"]).is_err());
    node.resume()?;
    assert_eq!(node.command(&["GET", "kept"])?, "in memory");
    node.kill()?;
    assert!(node.command(&["PING"]).is_err());
    node.restart()?;
    assert_eq!(node.command(&["GET", "kept"])?, "");
    Ok(())
}

fn sentinels() -> Result<(), Failed> {
    let mut trio = RedisSentinels::start(&[])?;
    let first = trio.master().ok_or("no master")?;
    trio.node_at(first).ok_or("no such node")?.stop()?;
    soon(|| trio.master().is_some_and(|master| master != first));
    let second = trio.master().ok_or("no master")?;
    soon(|| {
        trio.nodes().iter().any(|node| node.address() == second && node.command(&["SET", "a", "b"]).is_ok())
    });
    Ok(())
}

fn cluster() -> Result<(), Failed> {
    let mut cluster = RedisCluster::start(&[])?;
    let first = cluster.master_of(0, None).ok_or("no master")?;
    cluster.node_at(first).ok_or("no such node")?.kill()?;
    soon(|| cluster.master_of(0, Some(first)).is_some_and(|master| master != first));
    Ok(())
}

fn slots() -> Result<(), Failed> {
    let cluster = RedisCluster::start(&[])?;
    // The slot of `{06S}` is 0.
    let (from, to) =
        (cluster.master_of(0, None).ok_or("no master")?, cluster.master_of(16_383, None).ok_or("no master")?);
    let node = |address| cluster.nodes().iter().find(|node| node.address() == address).ok_or("no such node");
    for number in 0..250 {
        node(from)?.command(&["SET", &format!("{{06S}}{number}"), "kept"])?;
    }
    cluster.move_slots(0..=0, to)?;
    assert_eq!(cluster.master_of(0, None), Some(to));
    assert_eq!(node(to)?.command(&["GET", "{06S}249"])?, "kept");
    assert_eq!(node(from)?.command(&["DBSIZE"])?, "0");
    Ok(())
}

/// Each question takes a while itself.
fn soon(mut is_so: impl FnMut() -> bool) {
    let is_so_by_then = (0..2_000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        is_so()
    });
    assert!(is_so_by_then);
}
