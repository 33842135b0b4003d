//! `export` and `import`: between any two stores, repeated, cut short, throttled, and of lines that are no records.

use crate::local::LocalDynamoDb;
use crate::proxy::{Mode, Proxy};
use crate::subject::{Suite, dynamodb_settings};
use crate::support::{Service, birth_date, program, run, username};
use crate::{DynamoDbTest, EmbeddedTest};
use aws_sdk_dynamodb::types::AttributeValue;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

pub const EMBEDDED_TESTS: &[EmbeddedTest] = &[
    ("import_ends_at_a_line_that_is_no_record_and_names_its_number_only", bad_lines),
    ("import_that_is_killed_and_run_again_loses_nothing", killed),
    ("export_beside_a_running_service_or_without_a_store_says_so_and_ends", refused),
];

pub const TESTS: &[DynamoDbTest] = &[
    ("every_record_moves_from_any_store_to_any_store", any_to_any),
    ("export_writes_the_original_records_and_counts_those_that_cannot_be_read", original_table),
    ("throttling_is_waited_for_and_unprocessed_items_are_sent_again", throttled),
];

/// More than a page of the embedded store, and than a chunk of an import.
const RECORDS: usize = 1500;

type Settings = Vec<(String, String)>;

fn embedded(suite: &Suite) -> Settings {
    owned(&[("STORE", "embedded"), ("DATA_DIR", &suite.directory().display().to_string())])
}

/// A table of its own.
fn dynamodb(suite: &Suite, endpoint: &str, name: &str) -> Settings {
    let table = format!("{}-{name}", suite.table);
    assert_eq!(run(&["create-table"], &dynamodb_settings(endpoint, &table)).0, 0);
    owned(&dynamodb_settings(endpoint, &table))
}

fn transfer(command: &str, file: &Path, settings: &Settings) -> (i32, String, String) {
    run(&[command, file.to_str().expect("a path in UTF-8")], &borrowed(settings))
}

fn owned(settings: &[(&str, &str)]) -> Settings {
    settings.iter().map(|&(variable, value)| (variable.to_owned(), value.to_owned())).collect()
}

fn borrowed(settings: &Settings) -> Vec<(&str, &str)> {
    settings.iter().map(|(variable, value)| (variable.as_str(), value.as_str())).collect()
}

fn assert_transferred(command: &str, file: &Path, settings: &Settings, records: usize) {
    let (code, out, log) = transfer(command, file, settings);
    assert_eq!((code, out.as_str()), (0, ""), "{log}");
    assert!(log.contains(&format!("{command}ed {records} records")), "{log}");
}

fn line(username: &str, born: &str) -> String {
    format!("{{\"username\":\"{username}\",\"dateOfBirth\":\"{born}\"}}\n")
}

fn lines(records: usize) -> Vec<String> {
    (0..records).map(|number| line(&username(number), &birth_date(number))).collect()
}

fn sorted(file: &Path) -> Vec<String> {
    let mut lines: Vec<_> = fs::read_to_string(file).unwrap().split_inclusive('\n').map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

fn any_to_any(suite: &Suite, local: &LocalDynamoDb) {
    let (folder, endpoint) = (suite.directory(), local.endpoint());
    let (given, moved) = (folder.join("given"), folder.join("moved"));
    let mut expected = lines(RECORDS);
    fs::write(&given, expected.concat()).unwrap();
    expected.sort_unstable();
    let [table, second_table] = ["one", "two"].map(|name| dynamodb(suite, &endpoint, name));
    let [first, second, third] = [(); 3].map(|()| embedded(suite));
    assert_transferred("import", &given, &first, RECORDS);
    let mut from = &first;
    for to in [&table, &second_table, &second, &third] {
        assert_transferred("export", &moved, from, RECORDS);
        assert_eq!(sorted(&moved), expected);
        // It may be repeated.
        for _ in 0..2 {
            assert_transferred("import", &moved, to, RECORDS);
        }
        from = to;
    }
    // To standard output, and from standard input, in another spelling and the last of two.
    let (code, out, log) = run(&["export"], &borrowed(from));
    assert_eq!((code, out.lines().count()), (0, RECORDS), "{log}");
    for settings in [&table, from] {
        let mut child = import_of_input(settings);
        let input = line("Zz", "1990-12-10") + "\n" + &line("ZZ", "1991-12-10");
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        assert!(child.wait_with_output().unwrap().status.success());
        assert!(run(&["export"], &borrowed(settings)).1.contains(&line("zz", "1991-12-10")));
    }
}

fn import_of_input(settings: &Settings) -> Child {
    program(&["import"], &borrowed(settings)).stdin(Stdio::piped()).spawn().expect("the program starts")
}

fn bad_lines(suite: &Suite) {
    let file = suite.directory().join("lines");
    let long = " ".repeat(16 * 1024) + &line("secretname", "1990-12-10");
    for (bad, reason) in [
        ("secretname\n", "is not a JSON object with the texts username and dateOfBirth"),
        ("[\"secretname\"]\n", "is not a JSON object with the texts username and dateOfBirth"),
        ("{\"username\":\"secretname\"}\n", "is not a JSON object with the texts username and dateOfBirth"),
        (
            "{\"username\":\"secretname\",\"dateOfBirth\":1990}\n",
            "is not a JSON object with the texts username and dateOfBirth",
        ),
        (
            "{\"username\":\"secretname\",\"dateOfBirth\":\"1990-12-1",
            "is not a JSON object with the texts username and dateOfBirth",
        ),
        (&line("secretname1", "1990-12-10"), "has a username that is not 1 to 2048 ASCII letters"),
        (&line("secretname", "10.12.1990"), "has a dateOfBirth that is not a date written YYYY-MM-DD"),
        (&line("secretname", "9990-12-10"), "has a dateOfBirth that is not in the past"),
        (&long, "is longer than 16384 bytes"),
    ] {
        let settings = embedded(suite);
        fs::write(
            &file,
            line("ada", "1990-12-10") + "\n" + &line("grace", "1990-12-11") + bad + &line("alan", "1990-12-12"),
        )
        .unwrap();
        let (code, out, error) = transfer("import", &file, &settings);
        let expected = format!("backend-cloud-app: line 4 {reason}; imported the 2 records before it\n");
        assert_eq!((code, out.as_str(), error), (1, "", expected));
        assert_eq!(run(&["export"], &borrowed(&settings)).1, line("ada", "1990-12-10") + &line("grace", "1990-12-11"));
    }
}

fn killed(suite: &Suite) {
    let (settings, folder) = (embedded(suite), suite.directory());
    let (given, moved) = (folder.join("given"), folder.join("moved"));
    fs::write(&given, lines(3 * RECORDS).concat()).unwrap();
    // It waits for the rest of its input when it is killed.
    let mut child = import_of_input(&settings);
    child.stdin.as_mut().unwrap().write_all(lines(2 * RECORDS).concat().as_bytes()).unwrap();
    let written = || {
        fs::read(Path::new(&settings[1].1).join("users.redb")).is_ok_and(|file| {
            let last = username(RECORDS / 2);
            file.windows(last.len() + 10).any(|window| window.starts_with(last.as_bytes()))
        })
    };
    while !written() {
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let (_, out, log) = run(&["export"], &borrowed(&settings));
    assert!((1000..3 * RECORDS).contains(&out.lines().count()), "{} {log}", out.lines().count());
    assert_transferred("import", &given, &settings, 3 * RECORDS);
    assert_transferred("export", &moved, &settings, 3 * RECORDS);
    assert_eq!(sorted(&moved), sorted(&given));
    assert!(!folder.join("moved.partial").exists());
}

fn refused(suite: &Suite) {
    let settings = embedded(suite);
    let data = settings[1].1.clone();
    let (code, out, error) = run(&["export"], &borrowed(&settings));
    let missing =
        format!("cannot open {data}/users.redb: there is no such file; DATA_DIR must name the directory of a store");
    assert_eq!((code, out.as_str(), error), (1, "", format!("backend-cloud-app: {missing}\n")));
    let _service = Service::start(&borrowed(&settings));
    for command in ["export", "import"] {
        let (code, out, error) = run(&[command], &borrowed(&settings));
        let used =
            format!("cannot open {data}/users.redb: another process uses it; stop that one or set another DATA_DIR");
        assert_eq!((code, out.as_str(), error), (1, "", format!("backend-cloud-app: {used}\n")));
    }
}

fn original_table(suite: &Suite, local: &LocalDynamoDb) {
    let settings = dynamodb(suite, &local.endpoint(), "original");
    let table = &settings[1].1;
    for (name, stored) in
        [("ada", "19901210"), ("grace", "1990-W50-1"), ("alan", "1990-12-10"), ("eve", "soon"), ("-", "1990-12-10")]
    {
        suite.put_item_into(table, name, Some(AttributeValue::S(stored.to_owned())));
    }
    suite.put_item_into(table, "nemo", None);
    let (code, out, error) = run(&["export"], &borrowed(&settings));
    let mut exported: Vec<_> = out.split_inclusive('\n').collect();
    exported.sort_unstable();
    assert_eq!(exported.concat(), ["ada", "alan", "grace"].map(|name| line(name, "1990-12-10")).concat());
    let left_out = "exported 3 records; left out 3 whose username or date of birth cannot be read";
    assert_eq!((code, error), (1, format!("backend-cloud-app: {left_out}\n")));
}

/// Stand-in: the answers are as Amazon documents them, and come from a proxy.
fn throttled(suite: &Suite, local: &LocalDynamoDb) {
    let proxy = Proxy::start(local.address);
    let settings = dynamodb(suite, &proxy.endpoint(), "throttled");
    let table = &settings[1].1;
    let unprocessed = format!(
        r#"{{"UnprocessedItems":{{"{table}":[{{"PutRequest":{{"Item":{{"username":{{"S":"ada"}},"dateOfBirth":{{"S":"1990-12-10"}}}}}}}}]}}}}"#
    );
    let refusal =
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"full"}"#;
    for (command, operation, status, body) in [
        ("import", "BatchWriteItem", 200, unprocessed.as_str()),
        ("import", "BatchWriteItem", 400, refusal),
        ("export", "Scan", 400, refusal),
    ] {
        proxy.set(Mode::AnswerTo(operation, status, body.to_owned()));
        let mut child = program(&[command], &borrowed(&settings)).stdin(Stdio::piped()).spawn().expect("it starts");
        // Who does not read its input does not get it.
        let _ = child.stdin.take().unwrap().write_all(line("ada", "1990-12-10").as_bytes());
        thread::sleep(Duration::from_secs(2));
        assert_eq!(child.try_wait().unwrap(), None, "{operation} {status} is not waited for");
        proxy.set(Mode::Pass);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(run(&["export"], &borrowed(&settings)).1, line("ada", "1990-12-10"), "after {operation} {status}");
    }
}
