//! The DynamoDB store: one table, key `username` (S), attribute `dateOfBirth` (S).
//!
//! It calls `GetItem` and `PutItem` and nothing else, so that a role needs no more than those two. Tables are made by
//! [`DynamoDb::create_table`], which is a command of its own.

mod http_client;

use super::{BoxError, Store, StoreError, StoreFuture};
use crate::birthday::DateOfBirth;
use crate::causes;
use crate::config::DynamoDbConfig;
use crate::tls::{NoCaCertificates, ca_certificates};
use crate::username::Username;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const KEY: &str = "username";
const DATE_OF_BIRTH: &str = "dateOfBirth";

/// Not a username, so that nobody's record is read to see whether the table answers.
const PROBE_KEY: &str = "-";

/// How long [`DynamoDb::create_table`] waits for the endpoint and the table together.
const CREATE_TABLE_TIMEOUT: Duration = Duration::from_mins(2);

/// How long it waits between two questions.
const CREATE_TABLE_POLL_INTERVAL: Duration = Duration::from_millis(500);

/// The retry quota and its refill per second. A long fault empties the quota; the SDK refills its own only with successes,
/// so it would stay empty long after the fault.
const RETRY_TOKENS: u16 = 500;

/// Birth dates in a DynamoDB table.
pub struct DynamoDb {
    /// Replaced after a timeout: see [`DynamoDb::reset_client`].
    client: RwLock<Arc<Client>>,
    endpoint: Option<String>,
    table: String,
}

impl DynamoDb {
    /// Makes the client; nothing is sent yet. Credentials come from where the AWS SDK looks: environment, profile, web
    /// identity (IRSA), pod identity, instance.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] if no call can ever succeed with this configuration.
    pub async fn connect(config: &DynamoDbConfig) -> Result<Self, ConnectError> {
        let endpoint = config.endpoint.as_deref().unwrap_or("https:");
        if endpoint.starts_with("https:") {
            ca_certificates()?;
        }
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(Region::new(config.region.clone()))
            // For credentials, which are not asked for where the table is.
            .http_client(http_client::for_any_url())
            .timeout_config(timeout_config(config.request_timeout))
            .retry_config(retry_config(config.request_timeout))
            // It watches long bodies; these have a hundred bytes and a deadline of their own.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Some(endpoint) = &config.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        let tokens = TokenBucket::builder().capacity(RETRY_TOKENS.into()).refill_rate(RETRY_TOKENS.into()).build();
        let client = aws_sdk_dynamodb::config::Builder::from(&loader.load().await)
            .http_client(http_client::for_url(endpoint))
            .retry_partition(RetryPartition::custom("store").token_bucket(tokens).build());
        Ok(Self {
            client: RwLock::new(Arc::new(Client::from_conf(client.build()))),
            endpoint: config.endpoint.clone(),
            table: config.table.clone(),
        })
    }

    fn client(&self) -> Arc<Client> {
        Arc::clone(&self.client.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces a client that got no answer in time. A network that lost its packets may have broken the idle connections
    /// too. Each of those would cost a later request one of its attempts.
    fn reset_client(&self, timed_out: &Arc<Client>) {
        let mut current = self.client.write().unwrap_or_else(PoisonError::into_inner);
        // Of many calls that fail together, the first has done it.
        if Arc::ptr_eq(&current, timed_out) {
            let config = timed_out
                .config()
                .to_builder()
                .http_client(http_client::for_url(self.endpoint.as_deref().unwrap_or("https:")));
            *current = Arc::new(Client::from_conf(config.build()));
        }
    }

    /// Makes the table, waiting first for the endpoint to answer and then for the table to be active.
    ///
    /// # Errors
    ///
    /// [`CreateTableError`] if the table exists and `if_not_exists` is not set, if DynamoDB refuses, or if it takes more
    /// than two minutes.
    pub async fn create_table(&self, if_not_exists: bool) -> Result<TableState, CreateTableError> {
        let deadline = Instant::now() + CREATE_TABLE_TIMEOUT;
        let made = loop {
            match self.send_create_table().await {
                Ok(()) => break TableState::Created,
                Err(error) if error.code() == Some("ResourceInUseException") => break TableState::Existing,
                Err(error) if !is_transient(&error) || Instant::now() >= deadline => return Err(self.failure(&error)),
                Err(error) => tracing::info!("waiting for DynamoDB: {}", describe(&error)),
            }
            sleep(CREATE_TABLE_POLL_INTERVAL).await;
        };
        if matches!(made, TableState::Existing) && !if_not_exists {
            return Err(CreateTableError::Exists(self.table.clone()));
        }
        loop {
            match self.client().describe_table().table_name(&self.table).send().await {
                Ok(answer) => {
                    if answer.table().and_then(|table| table.table_status()) == Some(&TableStatus::Active) {
                        return Ok(made);
                    }
                    tracing::info!("waiting for table {} to be active", self.table);
                }
                // Descriptions are eventually consistent: a new table may not be known everywhere yet.
                Err(error) if !is_transient(&error) && error.code() != Some("ResourceNotFoundException") => {
                    return Err(self.failure(&error));
                }
                Err(error) => tracing::info!("waiting for DynamoDB: {}", describe(&error)),
            }
            if Instant::now() >= deadline {
                return Err(CreateTableError::NotActive(self.table.clone()));
            }
            sleep(CREATE_TABLE_POLL_INTERVAL).await;
        }
    }

    async fn send_create_table(
        &self,
    ) -> Result<(), SdkError<aws_sdk_dynamodb::operation::create_table::CreateTableError>> {
        let key = KeySchemaElement::builder().attribute_name(KEY).key_type(KeyType::Hash).build();
        let attribute =
            AttributeDefinition::builder().attribute_name(KEY).attribute_type(ScalarAttributeType::S).build();
        self.client()
            .create_table()
            .table_name(&self.table)
            .key_schema(key.expect("name and type are given"))
            .attribute_definitions(attribute.expect("name and type are given"))
            .billing_mode(BillingMode::PayPerRequest)
            .send()
            .await
            .map(drop)
    }

    fn failure<E>(&self, error: &SdkError<E>) -> CreateTableError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        CreateTableError::Refused { table: self.table.clone(), cause: describe(error) }
    }

    async fn get_item(&self, key: &str) -> Result<Option<HashMap<String, AttributeValue>>, StoreError> {
        let client = self.client();
        let answer = client
            .get_item()
            .table_name(&self.table)
            .key(KEY, AttributeValue::S(key.to_owned()))
            .projection_expression(DATE_OF_BIRTH)
            .consistent_read(true)
            .send()
            .await;
        answer.map(|output| output.item).map_err(|error| self.store_error(&client, &error))
    }

    fn store_error<E>(&self, client: &Arc<Client>, error: &SdkError<E>) -> StoreError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        if matches!(error, SdkError::TimeoutError(_)) {
            self.reset_client(client);
        }
        let cause: BoxError = describe(error).into();
        if is_transient(error) { StoreError::Unavailable(cause) } else { StoreError::Failed(cause) }
    }
}

impl Store for DynamoDb {
    fn get<'a>(&'a self, username: &'a Username) -> StoreFuture<'a, Option<DateOfBirth>> {
        Box::pin(async {
            let Some(item) = self.get_item(&username.key()).await? else { return Ok(None) };
            let Some(AttributeValue::S(stored)) = item.get(DATE_OF_BIRTH) else { return Err(StoreError::Unreadable) };
            DateOfBirth::parse_stored(stored).map(Some).map_err(|_| StoreError::Unreadable)
        })
    }

    fn put<'a>(&'a self, username: &'a Username, born: DateOfBirth) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let client = self.client();
            let answer = client
                .put_item()
                .table_name(&self.table)
                .item(KEY, AttributeValue::S(username.key().into_owned()))
                .item(DATE_OF_BIRTH, AttributeValue::S(born.to_string()))
                .send()
                .await;
            answer.map(drop).map_err(|error| self.store_error(&client, &error))
        })
    }

    fn check(&self) -> StoreFuture<'_, ()> {
        Box::pin(async { self.get_item(PROBE_KEY).await.map(drop) })
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

/// Whether the same call may succeed later without anybody changing the table or the permissions.
fn is_transient<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    match error {
        SdkError::ServiceError(refusal) => {
            let transient_code = matches!(
                refusal.err().code(),
                Some(
                    "ProvisionedThroughputExceededException"
                        | "RequestLimitExceeded"
                        | "ThrottlingException"
                        | "ExpiredTokenException"
                        | "InternalServerError"
                        | "ServiceUnavailable"
                )
            );
            transient_code || refusal.raw().status().is_server_error()
        }
        // Not sent, not answered, or answered with half a response. A call that could not be built had no credentials.
        _ => true,
    }
}

/// The error and its causes in one line, for the log.
fn describe<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let (Some(code), message) = (error.code(), error.message()) {
        return format!("{code}: {}", message.unwrap_or("no message"));
    }
    causes::in_one_line(error)
}

/// Why no call can succeed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The endpoint is an `https:` one, and the system has no CA bundle.
    #[error(transparent)]
    NoCaCertificates(#[from] NoCaCertificates),
}

/// What [`DynamoDb::create_table`] found or did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableState {
    /// It was made.
    Created,
    /// It was there.
    Existing,
}

/// Why a table could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CreateTableError {
    /// The table is there.
    #[error("table {0} exists already; use --if-not-exists to accept that")]
    Exists(String),
    /// DynamoDB refused or could not be reached.
    #[error("cannot create table {table}: {cause}")]
    Refused {
        /// The table.
        table: String,
        /// What DynamoDB or the connection said.
        cause: String,
    },
    /// DynamoDB took too long.
    #[error("table {0} was not active within {timeout:?}; run create-table again", timeout = CREATE_TABLE_TIMEOUT)]
    NotActive(String),
}
