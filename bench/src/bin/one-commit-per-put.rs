//! The baseline of durable writes: the same redb file, table and durability as the service's, but each PUT has a commit of
//! its own: `one-commit-per-put <port> <directory>`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use redb::{Database, TableDefinition};
use serde::Deserialize;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

const USERS: TableDefinition<&str, &str> = TableDefinition::new("users");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Birth {
    date_of_birth: String,
}

async fn remember(
    State(database): State<Arc<Database>>,
    Path(username): Path<String>,
    Json(birth): Json<Birth>,
) -> StatusCode {
    let committed = spawn_blocking(move || commit(&database, &username, &birth.date_of_birth)).await;
    match committed {
        Ok(Ok(())) => StatusCode::NO_CONTENT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn commit(database: &Database, username: &str, date_of_birth: &str) -> Result<(), redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_two_phase_commit(true);
    transaction.open_table(USERS)?.insert(username, date_of_birth)?;
    Ok(transaction.commit()?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let (port, directory) = (words.next().expect("a port"), words.next().expect("a directory"));
    std::fs::create_dir_all(&directory)?;
    let database = Database::builder().set_cache_size(8 * 1024 * 1024).create(format!("{directory}/users.redb"))?;
    let router = Router::new()
        .route("/health", get(|| async { "OK" }))
        .route("/hello/{username}", put(remember))
        .with_state(Arc::new(database));
    Ok(axum::serve(TcpListener::bind(format!("127.0.0.1:{port}")).await?, router).await?)
}
