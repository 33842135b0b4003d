//! The ceiling: the least axum program that answers a GET with the service's JSON. No store, metrics, limits or time-outs,
//! and the allocator and settings that a new axum program has: `ceiling <port>`.

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use tokio::net::TcpListener;

#[derive(Serialize)]
struct Greeting {
    message: String,
}

async fn greet(Path(username): Path<String>) -> Json<Greeting> {
    Json(Greeting { message: format!("Hello, {username}! Your birthday is in {} day(s)", 15) })
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).expect("a port");
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    axum::serve(listener, Router::new().route("/hello/{username}", get(greet))).await
}
