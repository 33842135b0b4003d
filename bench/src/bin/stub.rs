//! A DynamoDB endpoint that answers `GetItem` and `PutItem` at once, so that what is measured is the service's own cost:
//! `stub <port>`.

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let target = request.headers().get("x-amz-target").map(|value| value.as_bytes().to_vec()).unwrap_or_default();
    request.into_body().collect().await?;
    let (status, body) = match target.as_slice() {
        b"DynamoDB_20120810.GetItem" => (StatusCode::OK, r#"{"Item":{"dateOfBirth":{"S":"1990-12-10"}}}"#),
        b"DynamoDB_20120810.PutItem" => (StatusCode::OK, "{}"),
        _ => (StatusCode::BAD_REQUEST, r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#),
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, "application/x-amz-json-1.0".parse().expect("a valid value"));
    Ok(response)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).expect("a port");
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}
