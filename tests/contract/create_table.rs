//! The command `create-table` against a local DynamoDB.

use crate::local::free_port;
use crate::prelude::*;
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};

pub fn create_table_makes_a_table_that_the_service_can_use(subject: &Subject) {
    let (endpoint, table) = (subject.suite.endpoint(), format!("{}-made", subject.suite.table));
    let settings = dynamodb_settings(&endpoint, &table);
    assert_created(run(&["create-table"], &settings), &table);
    let service = Service::start(&settings);
    assert_eq!(service.put("ada", "1990-12-10").status, 204);

    let (code, out, error) = run(&["create-table"], &settings);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(error, format!("backend-cloud-app: table {table} exists already; use --if-not-exists to accept that\n"));

    let outcome = run(&["create-table", "--if-not-exists"], &settings);
    assert_eq!(outcome, (0, format!("table {table} exists\n"), String::new()));
    assert_eq!(service.get("/hello/ada").status, 200, "the table was made anew");
}

pub fn create_table_whose_first_answer_is_lost_has_made_the_table(subject: &Subject) {
    let (proxy, table) = (Proxy::start(subject.suite.dynamodb()), format!("{}-lost", subject.suite.table));
    proxy.set(Mode::LoseAnswerTo("CreateTable"));
    let log = assert_created(run(&["create-table"], &dynamodb_settings(&proxy.endpoint(), &table)), &table);
    assert!(log.contains("waiting for DynamoDB: "), "the answer was not lost: {log}");
}

pub fn create_table_refuses_a_table_with_another_key(subject: &Subject) {
    let (suite, table) = (&subject.suite, format!("{}-other", subject.suite.table));
    let part = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap();
    let id = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::N);
    let client = suite.client();
    let request = client.create_table().table_name(&table).key_schema(part).attribute_definitions(id.build().unwrap());
    suite.runtime.block_on(request.billing_mode(BillingMode::PayPerRequest).send()).expect("it is made");
    let outcome = run(&["create-table", "--if-not-exists"], &dynamodb_settings(&suite.endpoint(), &table));
    let refusal = format!("table {table} has the key id (N), not username (S); set another DYNAMODB_TABLE");
    assert_eq!(outcome, (1, String::new(), format!("backend-cloud-app: {refusal}\n")));
}

pub fn create_table_without_credentials_says_so_in_seconds(subject: &Subject) {
    let (endpoint, started) = (subject.suite.endpoint(), Instant::now());
    let of_store = [("DYNAMODB_ENDPOINT", endpoint.as_str()), ("DYNAMODB_TABLE", &subject.suite.table)];
    let settings = [&of_store[..], &[("AWS_EC2_METADATA_DISABLED", "true")]].concat();
    let (code, out, error) = run(&["create-table", "--if-not-exists"], &settings);
    assert_eq!((code, out.as_str(), error.lines().count()), (1, "", 1), "{error}");
    assert!(error.contains("no credentials found in chain"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

pub fn create_table_waits_for_an_endpoint_that_comes_up_later_and_until_the_table_is_known(subject: &Subject) {
    let (port, table) = (free_port(), format!("{}-later", subject.suite.table));
    let endpoint = format!("http://127.0.0.1:{port}");
    let settings = [&dynamodb_settings(&endpoint, &table)[..], &[("REQUEST_TIMEOUT", "2s")]].concat();
    let mut child = program(&["create-table"], &settings).spawn().expect("the program starts");
    // First nobody listens, then somebody who never answers.
    assert_waits(&mut child);
    let proxy = Proxy::listen(port, subject.suite.dynamodb());
    proxy.set(Mode::BlackHole);
    assert_waits(&mut child);
    // Amazon says that `DescribeTable` may not find a table just after it was made.
    let not_found = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"not found"}"#;
    proxy.set(Mode::AnswerTo("DescribeTable", 400, not_found.to_owned()));
    let client = subject.suite.client();
    let described = || subject.suite.runtime.block_on(client.describe_table().table_name(&table).send()).ok();
    until("the table is made", described);
    assert_waits(&mut child);
    proxy.set(Mode::Pass);
    let log = assert_created(outcome(child), &table);
    assert!(log.contains("waiting for DynamoDB: "), "{log}");
}

fn assert_waits(child: &mut Child) {
    thread::sleep(Duration::from_millis(1200));
    assert_eq!(child.try_wait().expect("the child can be asked"), None, "it did not wait");
}

/// Gives the log.
fn assert_created((code, out, log): (i32, String, String), table: &str) -> String {
    assert_eq!((code, out), (0, format!("table {table} created\n")), "{log}");
    log
}
