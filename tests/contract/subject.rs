//! What the tests are about: the service on one of its stores.

use crate::local::LocalDynamoDb;
use crate::prelude::*;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::Client;
use aws_smithy_http_client::Builder;
use backend_cloud_app::config::DynamoDbConfig;
use backend_cloud_app::store::DynamoDb;
use std::path::PathBuf;
use std::sync::OnceLock;
use tokio::runtime::Runtime;

const REGION: &str = "eu-west-1";

/// What all tests of a run share.
pub struct Suite {
    pub runtime: Runtime,
    pub dynamodb: Result<LocalDynamoDb, String>,
    /// A table of this run's own, as the database may be somebody else's too.
    pub table: String,
    directory: TempDir,
    services: [OnceLock<Service>; 2],
    names: AtomicUsize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Embedded,
    DynamoDb,
}

pub struct Subject {
    pub suite: Arc<Suite>,
    pub backend: Backend,
}

impl Suite {
    pub fn new(dynamodb: Result<LocalDynamoDb, String>) -> Self {
        let table = format!("contract-{}", std::process::id());
        if let Ok(LocalDynamoDb { address, .. }) = &dynamodb {
            create_table(&format!("http://{address}"), &table);
        }
        Self {
            runtime: Runtime::new().expect("a runtime"),
            dynamodb,
            table,
            directory: TempDir::new().expect("a temporary directory"),
            services: [const { OnceLock::new() }; 2],
            names: AtomicUsize::new(0),
        }
    }

    pub fn dynamodb(&self) -> SocketAddr {
        self.dynamodb.as_ref().expect("a test that needs it runs only where it is").address
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.dynamodb())
    }

    /// A username that no other test uses.
    pub fn username(&self) -> String {
        crate::support::username(self.names.fetch_add(1, Ordering::Relaxed)) + "name"
    }

    pub fn client(&self) -> Client {
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(Region::new(REGION))
            .http_client(Builder::new().build_http())
            .endpoint_url(self.endpoint());
        Client::new(&self.runtime.block_on(config.load()))
    }

    /// Writes an item as somebody else than the service may have done.
    pub fn put_item(&self, table: &str, username: &str, date_of_birth: Option<AttributeValue>) {
        let key = AttributeValue::S(username.to_owned());
        let request = self.client().put_item().table_name(table).item("username", key);
        let request = date_of_birth.into_iter().fold(request, |request, value| request.item("dateOfBirth", value));
        self.runtime.block_on(request.send()).expect("the item is written");
    }

    pub fn directory(&self) -> PathBuf {
        TempDir::new_in(self.directory.path()).expect("a temporary directory").keep()
    }
}

pub fn create_table(endpoint: &str, table: &str) {
    let outcome = run(&["create-table"], &dynamodb_settings(endpoint, table));
    assert_eq!(outcome.0, 0, "{outcome:?}");
}

/// The real program, one for all tests that need nothing special.
impl Server for Subject {
    fn address(&self) -> SocketAddr {
        self.service().address()
    }
}

impl Subject {
    pub fn service(&self) -> &Service {
        self.suite.services[self.backend as usize].get_or_init(|| self.start(&self.suite.directory()))
    }

    /// The real program; an embedded store is in `directory`.
    pub fn start(&self, directory: &Path) -> Service {
        if self.backend == Backend::Embedded {
            return Service::start(&[("DATA_DIR", directory.to_str().expect("a path in UTF-8"))]);
        }
        Service::start(&dynamodb_settings(&self.suite.endpoint(), &self.suite.table))
    }

    pub fn with_clock(&self, directory: &Path, clock: Clock) -> InProcess {
        if self.backend == Backend::Embedded {
            return InProcess::start(Arc::new(Embedded::open(directory).expect("a store")), clock, &[]);
        }
        let config = DynamoDbConfig {
            endpoint: Some(self.suite.endpoint()),
            table: self.suite.table.clone(),
            region: Some(REGION.to_owned()),
            request_timeout: Duration::from_secs(5),
        };
        let store = self.suite.runtime.block_on(DynamoDb::connect(&config)).expect("a configuration that can work");
        InProcess::start(Arc::new(store), clock, &[])
    }
}
