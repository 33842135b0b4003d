//! A birthday greeting service: `PUT` and `GET` of `/hello/<username>`, on an embedded store or DynamoDB.
//!
//! The domain ([`username`], [`birthday`]) is pure. [`store`] keeps records, [`http`] speaks the protocol and alone knows
//! status codes, [`server`] owns the connections. Settings, environment and clock are handed in from `main.rs`.

pub mod birthday;
mod causes;
pub mod cli;
pub mod client;
pub mod clock;
pub mod config;
pub mod http;
pub mod metrics;
mod panics;
pub mod server;
pub mod smoke;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod transfer;
pub mod username;
