//! The HTTP clients of the AWS SDK. TLS, with the CA bundle that it needs, is set up only for `https:` URLs: a local store
//! has no certificate, and reading the bundle takes most of the start. The proxy of the environment counts for `https:` too.

use crate::tls::{NoCaCertificates, ca_certificates};
use aws_sdk_dynamodb::config::http::HttpRequest;
use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Builder, Connector, tls};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use std::sync::{Arc, LazyLock};

/// A client without connections, for URLs like this one. An `https:` one needs a CA bundle.
pub(super) fn for_url(url: &str) -> SharedHttpClient {
    if url.starts_with("https:") { https() } else { Builder::new().build_http() }
}

/// A client for credentials, whose URLs are known only when they are called.
pub(super) fn for_any_url() -> SharedHttpClient {
    SharedHttpClient::new(ByScheme(Arc::new(Clients {
        http: Builder::new().build_http(),
        https: LazyLock::new(|| ca_certificates().map(|()| https())),
    })))
}

fn https() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build()
    })
}

/// One client for each scheme.
#[derive(Debug)]
struct Clients {
    http: SharedHttpClient,
    https: LazyLock<Result<SharedHttpClient, NoCaCertificates>>,
}

/// Chooses the client by the scheme of each request.
#[derive(Debug)]
struct ByScheme(Arc<Clients>);

impl HttpClient for ByScheme {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let (settings, components) = (settings.clone(), components.clone());
        SharedHttpConnector::new(ByRequest { clients: Arc::clone(&self.0), settings, components })
    }
}

/// [`ByScheme`] for one call.
#[derive(Debug)]
struct ByRequest {
    clients: Arc<Clients>,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for ByRequest {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client =
            if request.uri().starts_with("https:") { self.clients.https.as_ref() } else { Ok(&self.clients.http) };
        match client {
            Ok(client) => client.http_connector(&self.settings, &self.components).call(request),
            Err(error) => HttpConnectorFuture::ready(Err(ConnectorError::user((*error).into()))),
        }
    }
}
