//! The session layer, request by request, with a clock that stands still and a store that counts and fails on demand.

#[path = "session/activity.rs"]
mod activity;
#[path = "session/caching.rs"]
mod caching;
#[path = "session/cookies.rs"]
mod cookies;
#[path = "session/cross_origin.rs"]
mod cross_origin;
#[path = "session/devices.rs"]
mod devices;
#[path = "session/everywhere.rs"]
mod everywhere;
#[path = "session/grpc.rs"]
mod grpc;
#[path = "session/identity.rs"]
mod identity;
#[path = "session/lifetimes.rs"]
mod lifetimes;
#[path = "session/limit.rs"]
mod limit;
#[path = "session/login.rs"]
mod login;
#[path = "session/logout.rs"]
mod logout;
#[path = "session/moves.rs"]
mod moves;
#[path = "session/outage.rs"]
mod outage;
#[path = "session/policies.rs"]
mod policies;
#[path = "session/require.rs"]
mod require;
#[path = "session/stored.rs"]
mod stored;
#[path = "session/streams.rs"]
mod streams;
#[path = "session/timeouts.rs"]
mod timeouts;
#[path = "session/timing.rs"]
mod timing;
#[path = "session/together.rs"]
mod together;
#[path = "session/trips.rs"]
mod trips;
#[path = "session/views.rs"]
mod views;
