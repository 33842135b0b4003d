//! What a client of DynamoDB is made of: region, endpoint, credentials, timeouts, retries.

use super::http_client;
use crate::config::{self, DynamoDbConfig};
use crate::tls::{NoCaCertificates, ca_certificates};
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{self, ProfileFileRegionProvider};
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::ProvideCredentials;
use aws_sdk_dynamodb::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_sdk_dynamodb::config::retry::{RetryPartition, TokenBucket};
use aws_types::endpoint_config::AccountIdEndpointMode;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::service_config::ServiceConfigKey;
use std::time::Duration;

/// The region where nothing names another.
const DEFAULT_REGION: &str = "eu-west-1";

/// The retry quota and its refill per second. A long fault empties the quota; the SDK refills its own only with successes,
/// so it would stay empty long after the fault.
const RETRY_TOKENS: u16 = 500;

/// A client, and what it calls.
pub(super) struct Connection {
    pub client: Client,
    pub endpoint: String,
    pub region: String,
}

/// Makes the client; nothing is sent yet.
pub(super) async fn connect(config: &DynamoDbConfig) -> Result<Connection, ConnectError> {
    check_profile().await?;
    let sdk = load(config).await;
    let region = sdk.region().map_or(DEFAULT_REGION, Region::as_ref).to_owned();
    if config::region(&region).is_none() {
        return Err(ConnectError::Region(region));
    }
    let endpoint = endpoint(config, &sdk, &region).await?;
    if endpoint.starts_with("https:") {
        ca_certificates()?;
    }
    let tokens = TokenBucket::builder().capacity(RETRY_TOKENS.into()).refill_rate(RETRY_TOKENS.into()).build();
    let mut client = aws_sdk_dynamodb::config::Builder::from(&sdk)
        .http_client(http_client::for_url(&endpoint))
        // The endpoint is known at the start, and does not change with the credentials.
        .account_id_endpoint_mode(AccountIdEndpointMode::Disabled)
        .retry_partition(RetryPartition::custom("store").token_bucket(tokens).build());
    client.set_endpoint_url(config.endpoint.clone().or_else(|| configured_endpoint(&sdk)));
    Ok(Connection { client: Client::from_conf(client.build()), endpoint, region })
}

/// Checks that the AWS profile and those that it refers to are there. The SDK looks for other credentials where one is
/// missing, and a later renewal of those fails.
#[expect(clippy::default_trait_access, reason = "the type's name is in a crate of the SDK's own")]
async fn check_profile() -> Result<(), ConnectError> {
    if EnvironmentVariableCredentialsProvider::new().provide_credentials().await.is_ok() {
        return Ok(());
    }
    // A file that can't be read is reported with the credentials.
    let Ok(profiles) = profile::load(&Fs::real(), &Env::real(), &Default::default(), None).await else {
        return Ok(());
    };
    let mut name = profiles.selected_profile();
    let mut seen = vec!["default"];
    while !seen.contains(&name) {
        let profile = profiles.get_profile(name).ok_or_else(|| ConnectError::Profile(name.to_owned()))?;
        seen.push(name);
        name = profile.get("source_profile").unwrap_or(name);
    }
    Ok(())
}

async fn load(config: &DynamoDbConfig) -> SdkConfig {
    let region = RegionProviderChain::first_try(config.region.clone().map(Region::new))
        .or_else(ProfileFileRegionProvider::new())
        .or_else(Region::new(DEFAULT_REGION));
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(region)
        // For credentials, which are not asked for where the table is.
        .http_client(http_client::for_any_url())
        .timeout_config(timeout_config(config.request_timeout))
        .retry_config(retry_config(config.request_timeout))
        // It watches long bodies; these have a hundred bytes and a deadline of their own.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .load()
        .await
}

/// The endpoint that an AWS variable or profile names.
fn configured_endpoint(sdk: &SdkConfig) -> Option<String> {
    let key =
        ServiceConfigKey::builder().service_id("DynamoDB").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let of_service = sdk.service_config()?.load_config(key.expect("all of it is given"));
    of_service.or_else(|| sdk.endpoint_url().map(str::to_owned))
}

/// The endpoint that is called.
async fn endpoint(config: &DynamoDbConfig, sdk: &SdkConfig, region: &str) -> Result<String, ConnectError> {
    if let Some(endpoint) = &config.endpoint {
        return Ok(endpoint.clone());
    }
    if let Some(endpoint) = configured_endpoint(sdk) {
        return config::url(&endpoint).ok_or_else(|| ConnectError::Endpoint(config::without_password(&endpoint)));
    }
    let params = Params::builder()
        .region(region)
        .set_use_fips(sdk.use_fips())
        .set_use_dual_stack(sdk.use_dual_stack())
        .account_id_endpoint_mode("disabled")
        .build();
    let resolved = match params {
        Ok(params) => DefaultResolver::new().resolve_endpoint(&params).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match resolved {
        Ok(endpoint) => Ok(endpoint.url().to_owned()),
        Err(reason) => Err(ConnectError::NoEndpoint { region: region.to_owned(), reason }),
    }
}

/// All attempts end within nine tenths of the request's time, the rest being for the client's own transfer; an attempt gets a
/// third, so that one that hangs leaves time for another.
fn timeout_config(request_timeout: Duration) -> TimeoutConfig {
    let operation = request_timeout.mul_f64(0.9);
    TimeoutConfig::builder()
        .operation_timeout(operation)
        .operation_attempt_timeout(operation.mul_f64(0.33))
        .connect_timeout(operation.mul_f64(0.2))
        .build()
}

fn retry_config(request_timeout: Duration) -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(request_timeout.mul_f64(0.01))
        .with_max_backoff(request_timeout.mul_f64(0.05))
}

/// Why no call can ever succeed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The endpoint is an `https:` one, and the system has no CA bundle.
    #[error(transparent)]
    NoCaCertificates(#[from] NoCaCertificates),
    /// The region of the profile is none.
    #[error("region {0:?} of the AWS profile is not an AWS region name; set AWS_REGION")]
    Region(String),
    /// The endpoint of an AWS variable or profile is no URL.
    #[error(
        "endpoint {0:?} of AWS_ENDPOINT_URL or the AWS profile is not an http:// or https:// URL; set DYNAMODB_ENDPOINT"
    )]
    Endpoint(String),
    /// The region has no such endpoint.
    #[error("DynamoDB has no endpoint in {region}: {reason}; set DYNAMODB_ENDPOINT")]
    NoEndpoint {
        /// The region.
        region: String,
        /// What the SDK says.
        reason: String,
    },
    /// A profile is in no file.
    #[error("the AWS profile {0:?} is in no AWS config file; set AWS_PROFILE")]
    Profile(String),
    /// Credentials are configured in a way that can't work.
    #[error("the AWS credentials are not usable: {0}")]
    Credentials(String),
}
