//! The promises of the service, one file each, over a real socket.

#[path = "../support/mod.rs"]
mod support;

mod caching;
mod cli;
mod conformance;
mod disk;
mod disk_faults;
mod drain;
mod durability;
mod limits;
mod logs;
mod metrics;
mod openapi;
