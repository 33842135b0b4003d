//! The command `create-table` against a local DynamoDB.

use crate::DynamoDbTest;
use crate::local::{LocalDynamoDb, free_port};
use crate::proxy::{Mode, Proxy};
use crate::subject::{Suite, dynamodb_settings};
use crate::support::{Service, born, get, program, put, raw, run};
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use std::thread;
use std::time::{Duration, Instant};

pub const TESTS: &[DynamoDbTest] = &[
    ("create_table_makes_a_table_that_the_service_can_use", makes_a_table),
    ("create_table_whose_first_answer_is_lost_has_made_the_table", first_answer_lost),
    ("create_table_refuses_a_table_with_another_key", another_key),
    ("create_table_without_credentials_says_so_in_seconds", no_credentials),
    ("create_table_waits_for_an_endpoint_that_comes_up_later", waits_for_the_endpoint),
    ("create_table_waits_for_a_table_that_is_not_known_everywhere_yet", waits_for_the_description),
];

fn makes_a_table(suite: &Suite, local: &LocalDynamoDb) {
    let (endpoint, table) = (local.endpoint(), format!("{}-made", suite.table));
    let settings = dynamodb_settings(&endpoint, &table);

    let (code, out, error) = run(&["create-table"], &settings);
    assert_eq!((code, out), (0, format!("table {table} created\n")), "{error}");
    let service = Service::start(&settings);
    assert_eq!(raw(service.address, &put("ada", &born("1990-12-10"))).status, 204);

    let (code, out, error) = run(&["create-table"], &settings);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(error, format!("backend-cloud-app: table {table} exists already; use --if-not-exists to accept that\n"));

    let (code, out, error) = run(&["create-table", "--if-not-exists"], &settings);
    assert_eq!((code, out, error), (0, format!("table {table} exists\n"), String::new()));
    assert_eq!(raw(service.address, &get("/hello/ada")).status, 200, "the table was made anew");
}

fn first_answer_lost(suite: &Suite, local: &LocalDynamoDb) {
    let (proxy, table) = (Proxy::start(local.address), format!("{}-lost", suite.table));
    proxy.lose_answer_to("CreateTable");
    let (code, out, log) = run(&["create-table"], &dynamodb_settings(&proxy.endpoint(), &table));
    assert_eq!((code, out), (0, format!("table {table} created\n")), "{log}");
    assert!(log.contains("waiting for DynamoDB: "), "the answer was not lost: {log}");
}

fn another_key(suite: &Suite, local: &LocalDynamoDb) {
    let (endpoint, table) = (local.endpoint(), format!("{}-other", suite.table));
    let part = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap();
    let id =
        AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::N).build().unwrap();
    let client = suite.client();
    let request = client.create_table().table_name(&table).key_schema(part).attribute_definitions(id);
    suite.runtime.block_on(request.billing_mode(BillingMode::PayPerRequest).send()).expect("it is made");
    let (code, out, error) = run(&["create-table", "--if-not-exists"], &dynamodb_settings(&endpoint, &table));
    assert_eq!((code, out.as_str()), (1, ""));
    let refusal = format!("table {table} has the key id (N), not username (S); set another DYNAMODB_TABLE");
    assert_eq!(error, format!("backend-cloud-app: {refusal}\n"));
}

fn no_credentials(suite: &Suite, local: &LocalDynamoDb) {
    let (endpoint, started) = (local.endpoint(), Instant::now());
    let settings = [
        ("DYNAMODB_ENDPOINT", endpoint.as_str()),
        ("DYNAMODB_TABLE", &suite.table),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let (code, out, error) = run(&["create-table", "--if-not-exists"], &settings);
    assert_eq!((code, out.as_str(), error.lines().count()), (1, "", 1), "{error}");
    assert!(error.contains("no credentials found in chain"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

fn waits_for_the_endpoint(suite: &Suite, local: &LocalDynamoDb) {
    let port = free_port();
    let (endpoint, table) = (format!("http://127.0.0.1:{port}"), format!("{}-later", suite.table));
    let mut command = program(&["create-table", "--request-timeout", "2s"], &dynamodb_settings(&endpoint, &table));
    let started = Instant::now();
    let mut child = command.spawn().expect("the program starts");
    // First nobody listens, then somebody who never answers.
    thread::sleep(Duration::from_millis(1200));
    let proxy = Proxy::listen(port, local.address);
    proxy.set(Mode::BlackHole);
    thread::sleep(Duration::from_millis(1200));
    assert_eq!(child.try_wait().expect("the child can be asked"), None, "it gave up after {:?}", started.elapsed());
    proxy.set(Mode::Pass);
    let output = child.wait_with_output().expect("it ends");
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{log}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("table {table} created\n"));
    assert!(log.contains("waiting for DynamoDB: "), "{log}");
}

/// Amazon says that `DescribeTable` may not find a table just after it was made.
fn waits_for_the_description(suite: &Suite, local: &LocalDynamoDb) {
    let proxy = Proxy::start(local.address);
    let not_found = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"not found"}"#;
    proxy.set(Mode::AnswerTo("DescribeTable", 400, not_found.to_owned()));
    let (endpoint, table) = (proxy.endpoint(), format!("{}-described", suite.table));
    let mut child = program(&["create-table"], &dynamodb_settings(&endpoint, &table)).spawn().expect("it starts");
    thread::sleep(Duration::from_millis(1200));
    assert_eq!(child.try_wait().expect("the child can be asked"), None, "it did not wait");
    proxy.set(Mode::Pass);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("table {table} created\n"));
}
