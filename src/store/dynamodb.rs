//! The DynamoDB store: one table, key `username` (S), attribute `dateOfBirth` (S).
//!
//! Serving calls `GetItem` and `PutItem` and nothing else, so that a role needs no more than those two. Making the table
//! ([`DynamoDb::create_table`]) and moving records (`bulk`) belong to commands of their own.

mod bulk;
mod connect;
mod create_table;
mod http_client;

pub use connect::ConnectError;
pub use create_table::{CreateTableError, TableState};

use super::{BoxError, Store, StoreError, StoreFuture};
use crate::birthday::DateOfBirth;
use crate::causes;
use crate::config::{DynamoDbConfig, without_password};
use crate::username::Username;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::get_item::{GetItemError, GetItemOutput};
use aws_sdk_dynamodb::types::AttributeValue;
use connect::Connection;
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::time::timeout;

const KEY: &str = "username";
const DATE_OF_BIRTH: &str = "dateOfBirth";

/// Not a username, so that nobody's record is read to see whether the table answers.
const PROBE_KEY: &str = "-";

/// How long the first call may keep the start waiting.
const FIRST_CALL_TIMEOUT: Duration = Duration::from_secs(1);

/// Birth dates in a DynamoDB table.
pub struct DynamoDb {
    /// Replaced after a timeout: see [`DynamoDb::reset_client`].
    client: RwLock<Arc<Client>>,
    endpoint: String,
    region: String,
    table: String,
}

impl DynamoDb {
    /// Connects to the table. Credentials come from where the AWS SDK looks: environment, profile (also SSO, login and
    /// `credential_process`), web identity (IRSA), pod identity, instance.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] if no call can ever succeed with this configuration. A store that is down is none.
    pub async fn connect(config: &DynamoDbConfig) -> Result<Self, ConnectError> {
        let Connection { client, endpoint, region } = connect::connect(config).await?;
        let table = config.table.clone();
        let store = Self { client: RwLock::new(Arc::new(client)), endpoint, region, table };
        // What is wrong with the configuration of credentials shows only when they are used.
        if let Ok(Err(error)) =
            timeout(FIRST_CALL_TIMEOUT, send_get_item(&store.client(), &store.table, PROBE_KEY)).await
            && let Some(error @ CredentialsError::InvalidConfiguration(_)) = credentials_error(&error)
        {
            return Err(ConnectError::Credentials(causes::in_one_line(error)));
        }
        Ok(store)
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
            let config = timed_out.config().to_builder().http_client(http_client::for_url(&self.endpoint));
            *current = Arc::new(Client::from_conf(config.build()));
        }
    }

    async fn get_item(&self, key: &str) -> Result<Option<HashMap<String, AttributeValue>>, StoreError> {
        let client = self.client();
        let answer = send_get_item(&client, &self.table, key).await;
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

/// Where it is, for people.
impl fmt::Display for DynamoDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {} at {}, {}", self.table, without_password(&self.endpoint), self.region)
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

async fn send_get_item(client: &Client, table: &str, key: &str) -> Result<GetItemOutput, SdkError<GetItemError>> {
    client
        .get_item()
        .table_name(table)
        .key(KEY, AttributeValue::S(key.to_owned()))
        .projection_expression(DATE_OF_BIRTH)
        .consistent_read(true)
        .send()
        .await
}

/// Why there are no credentials, if that is why the call failed.
fn credentials_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CredentialsError> {
    causes::of(error).find_map(|cause| cause.downcast_ref())
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
        // Not sent, not answered, or answered with half a response. There may be credentials later.
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
    credentials_error(error).map_or_else(|| causes::in_one_line(error), |error| causes::in_one_line(error))
}
