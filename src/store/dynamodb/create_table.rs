//! Makes the table, which is a command of its own.

use super::{DynamoDb, KEY, credentials_error, describe, is_transient};
use aws_config::retry::RetryConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::create_table::CreateTableError as Refusal;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableDescription, TableStatus,
};
use std::error::Error;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long [`DynamoDb::create_table`] waits for the endpoint and the table together.
const TIMEOUT: Duration = Duration::from_mins(2);

/// How long it waits between two calls.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

impl DynamoDb {
    /// Makes the table, waiting first for the endpoint to answer and then for the table to be active.
    ///
    /// # Errors
    ///
    /// [`CreateTableError`] if the table exists and `if_not_exists` is not set or its key is another, if DynamoDB refuses,
    /// if there are no credentials, or if it takes more than two minutes.
    pub async fn create_table(&self, if_not_exists: bool) -> Result<TableState, CreateTableError> {
        let deadline = Instant::now() + TIMEOUT;
        // Asked first, so that a table which appears later is known to be this command's own.
        let state = match self.describe_table(deadline).await? {
            Some(_) => TableState::Existing,
            None => self.send_create_table(deadline).await?,
        };
        if state == TableState::Existing && !if_not_exists {
            return Err(CreateTableError::Exists(self.table.clone()));
        }
        self.wait_until_active(deadline).await?;
        Ok(state)
    }

    async fn send_create_table(&self, deadline: Instant) -> Result<TableState, CreateTableError> {
        let mut may_be_ours = false;
        loop {
            match self.try_create_table().await {
                Ok(()) => return Ok(TableState::Created),
                Err(error) if error.code() == Some("ResourceInUseException") => {
                    return Ok(if may_be_ours { TableState::Created } else { TableState::Existing });
                }
                Err(error) => {
                    self.wait_after(&error, deadline).await?;
                    // The answer may have been lost, not the request.
                    may_be_ours = true;
                }
            }
        }
    }

    /// One attempt: the SDK's own retry would hide that the first one may have worked.
    async fn try_create_table(&self) -> Result<(), SdkError<Refusal>> {
        let key = KeySchemaElement::builder().attribute_name(KEY).key_type(KeyType::Hash).build();
        let attribute =
            AttributeDefinition::builder().attribute_name(KEY).attribute_type(ScalarAttributeType::S).build();
        self.client()
            .create_table()
            .table_name(&self.table)
            .key_schema(key.expect("name and type are given"))
            .attribute_definitions(attribute.expect("name and type are given"))
            .billing_mode(BillingMode::PayPerRequest)
            .customize()
            .config_override(aws_sdk_dynamodb::config::Builder::new().retry_config(RetryConfig::disabled()))
            .send()
            .await
            .map(drop)
    }

    async fn wait_until_active(&self, deadline: Instant) -> Result<(), CreateTableError> {
        loop {
            // Descriptions are eventually consistent: a new table may not be known everywhere yet.
            if let Some(table) = self.describe_table(deadline).await? {
                check_key(&self.table, &table)?;
                if table.table_status() == Some(&TableStatus::Active) {
                    return Ok(());
                }
            }
            if Instant::now() >= deadline {
                return Err(CreateTableError::NotActive(self.table.clone()));
            }
            tracing::info!("waiting for table {} to be active", self.table);
            sleep(POLL_INTERVAL).await;
        }
    }

    async fn describe_table(&self, deadline: Instant) -> Result<Option<TableDescription>, CreateTableError> {
        loop {
            match self.client().describe_table().table_name(&self.table).send().await {
                Ok(answer) => return Ok(answer.table),
                Err(error) if error.code() == Some("ResourceNotFoundException") => return Ok(None),
                Err(error) => self.wait_after(&error, deadline).await?,
            }
        }
    }

    /// Waits before the next attempt, unless there is no use in one.
    async fn wait_after<E>(&self, error: &SdkError<E>, deadline: Instant) -> Result<(), CreateTableError>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let cause = describe(error);
        // The SDK has tried every source of credentials, with retries of its own.
        let fatal = credentials_error(error).is_some() || !is_transient(error);
        if fatal || Instant::now() >= deadline {
            return Err(CreateTableError::Refused { table: self.table.clone(), cause });
        }
        tracing::info!("waiting for DynamoDB: {cause}");
        sleep(POLL_INTERVAL).await;
        Ok(())
    }
}

/// Checks that the table is one for birth dates.
fn check_key(name: &str, table: &TableDescription) -> Result<(), CreateTableError> {
    let type_of = |attribute: &str| {
        let definition = table.attribute_definitions().iter().find(|known| known.attribute_name() == attribute);
        definition.map_or("", |definition| definition.attribute_type().as_str())
    };
    let key: Vec<String> = table
        .key_schema()
        .iter()
        .map(|part| format!("{} ({})", part.attribute_name(), type_of(part.attribute_name())))
        .collect();
    if key == [format!("{KEY} (S)")] {
        Ok(())
    } else {
        Err(CreateTableError::OtherKey { table: name.to_owned(), key: key.join(", ") })
    }
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
    /// The table is there and belongs to something else.
    #[error("table {table} has the key {key}, not {KEY} (S); set another DYNAMODB_TABLE")]
    OtherKey {
        /// The table.
        table: String,
        /// The attributes of its key, with their types.
        key: String,
    },
    /// DynamoDB refused or could not be reached.
    #[error("cannot create table {table}: {cause}")]
    Refused {
        /// The table.
        table: String,
        /// What DynamoDB or the connection said.
        cause: String,
    },
    /// DynamoDB took too long.
    #[error("table {0} was not active within {TIMEOUT:?}; run create-table again")]
    NotActive(String),
}
