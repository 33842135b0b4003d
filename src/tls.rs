//! Whether TLS can be had at all.

/// The system has no CA certificates, so no server can be trusted.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("no CA certificates found for https; set SSL_CERT_FILE")]
pub struct NoCaCertificates;

/// Checks that there is a CA bundle: the AWS SDK only warns where there is none, and panics in a debug build.
pub(crate) fn ca_certificates() -> Result<(), NoCaCertificates> {
    if rustls_native_certs::load_native_certs().certs.is_empty() { Err(NoCaCertificates) } else { Ok(()) }
}
