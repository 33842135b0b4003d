//! `export` and `import`: between any two stores, repeated, cut short, throttled, and of lines that are no records.

use crate::prelude::*;

/// More than a page of the embedded store, and than a chunk of an import.
const RECORDS: usize = 1500;

/// A store: its directory, or its table at an endpoint.
struct At {
    place: String,
    endpoint: Option<String>,
}

impl At {
    fn embedded(subject: &Subject) -> Self {
        Self { place: subject.suite.directory().display().to_string(), endpoint: None }
    }

    fn table(subject: &Subject, endpoint: &str, name: &str) -> Self {
        let place = format!("{}-{name}", subject.suite.table);
        create_table(endpoint, &place);
        Self { place, endpoint: Some(endpoint.to_owned()) }
    }

    fn settings(&self) -> Vec<(&str, &str)> {
        match &self.endpoint {
            None => vec![("DATA_DIR", &self.place)],
            Some(endpoint) => dynamodb_settings(endpoint, &self.place).into(),
        }
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        run(arguments, &self.settings())
    }

    fn exported(&self) -> String {
        self.run(&["export"]).1
    }

    fn transfer(&self, command: &str, file: &Path, records: usize) {
        let (code, out, log) = self.run(&[command, file.to_str().expect("a path in UTF-8")]);
        assert_eq!((code, out.as_str()), (0, ""), "{log}");
        assert!(log.contains(&format!("{command}ed {records} records")), "{log}");
    }

    /// Starts a command that has read `input` of its standard input, or is still reading.
    fn start(&self, command: &str, input: &str) -> Child {
        let mut child = program(&[command], &self.settings()).stdin(Stdio::piped()).spawn().expect("it starts");
        // Who does not read its input does not get it.
        let _ = child.stdin.as_mut().expect("it is piped").write_all(input.as_bytes());
        child
    }
}

fn line(username: &str, born: &str) -> String {
    format!("{{\"username\":\"{username}\",\"dateOfBirth\":\"{born}\"}}\n")
}

fn lines(records: usize) -> String {
    (0..records).map(|number| line(&username(number), &birth_date(number))).collect()
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

pub fn every_record_moves_from_any_store_to_any_store(subject: &Subject) {
    let (folder, endpoint) = (subject.suite.directory(), subject.suite.endpoint());
    let (given, moved) = (folder.join("given"), folder.join("moved"));
    fs::write(&given, lines(RECORDS)).unwrap();
    let [table, second_table] = ["one", "two"].map(|name| At::table(subject, &endpoint, name));
    let [first, second, third] = [(); 3].map(|()| At::embedded(subject));
    first.transfer("import", &given, RECORDS);
    let mut from = &first;
    for to in [&table, &second_table, &second, &third] {
        from.transfer("export", &moved, RECORDS);
        assert_eq!(sorted(&fs::read_to_string(&moved).unwrap()), sorted(&lines(RECORDS)));
        // It may be repeated.
        to.transfer("import", &moved, RECORDS);
        to.transfer("import", &moved, RECORDS);
        from = to;
    }
    // To standard output, and from standard input, in another spelling and the last of two.
    let (code, out, log) = from.run(&["export"]);
    assert_eq!((code, out.lines().count()), (0, RECORDS), "{log}");
    for at in [&table, from] {
        let input = line("Zz", "1990-12-10") + "\n" + &line("ZZ", "1991-12-10");
        assert_eq!(outcome(at.start("import", &input)).0, 0);
        assert!(at.exported().contains(&line("zz", "1991-12-10")));
    }
}

pub fn import_ends_at_a_line_that_is_no_record_and_names_its_number_only(subject: &Subject) {
    let file = subject.suite.directory().join("lines");
    let long = " ".repeat(16 * 1024) + &line("secretname", "1990-12-10");
    let no_record = "is not a JSON object with the texts username and dateOfBirth";
    for (bad, reason) in [
        ("secretname\n", no_record),
        ("[\"secretname\"]\n", no_record),
        ("{\"username\":\"secretname\"}\n", no_record),
        ("{\"username\":\"secretname\",\"dateOfBirth\":1990}\n", no_record),
        ("{\"username\":\"secretname\",\"dateOfBirth\":\"1990-12-1", no_record),
        (&line("secretname1", "1990-12-10"), "has a username that is not 1 to 2048 ASCII letters"),
        (&line("secretname", "10.12.1990"), "has a dateOfBirth that is not a date written YYYY-MM-DD"),
        (&line("secretname", "9990-12-10"), "has a dateOfBirth that is not in the past"),
        (&long, "is longer than 16384 bytes"),
    ] {
        let at = At::embedded(subject);
        let [ada, grace, alan] = ["ada", "grace", "alan"].map(|name| line(name, "1990-12-10"));
        fs::write(&file, format!("{ada}\n{grace}{bad}{alan}")).unwrap();
        let ended = at.run(&["import", file.to_str().expect("a path in UTF-8")]);
        let expected = format!("backend-cloud-app: line 4 {reason}; imported the 2 records before it\n");
        assert_eq!(ended, (1, String::new(), expected));
        assert_eq!(at.exported(), ada + &grace);
    }
}

pub fn import_that_is_killed_and_run_again_loses_nothing(subject: &Subject) {
    let (at, folder) = (At::embedded(subject), subject.suite.directory());
    let (given, moved) = (folder.join("given"), folder.join("moved"));
    fs::write(&given, lines(3 * RECORDS)).unwrap();
    // It waits for the rest of its input when it is killed.
    let mut child = at.start("import", &lines(2 * RECORDS));
    let last = username(RECORDS / 2);
    let written = |file: Vec<u8>| file.windows(last.len()).any(|window| window == last.as_bytes());
    let file = Path::new(&at.place).join("users.redb");
    until("the half is written", || fs::read(&file).is_ok_and(written).then_some(()));
    child.kill().unwrap();
    child.wait().unwrap();
    let (_, out, log) = at.run(&["export"]);
    assert!((1000..3 * RECORDS).contains(&out.lines().count()), "{} {log}", out.lines().count());
    at.transfer("import", &given, 3 * RECORDS);
    at.transfer("export", &moved, 3 * RECORDS);
    assert_eq!(sorted(&fs::read_to_string(&moved).unwrap()), sorted(&lines(3 * RECORDS)));
    assert!(!folder.join("moved.partial").exists());
}

pub fn export_beside_a_running_service_or_without_a_store_says_so_and_ends(subject: &Subject) {
    let at = At::embedded(subject);
    let assert_refused = |command: &str, why: &str| {
        let error = format!("backend-cloud-app: cannot open {}/users.redb: {why}\n", &at.place);
        assert_eq!(at.run(&[command]), (1, String::new(), error));
    };
    assert_refused("export", "there is no such file; DATA_DIR must name the directory of a store");
    let _service = Service::start(&at.settings());
    for command in ["export", "import"] {
        assert_refused(command, "another process uses it; stop that one or set another DATA_DIR");
    }
}

pub fn export_writes_the_original_records_and_counts_those_that_cannot_be_read(subject: &Subject) {
    let at = At::table(subject, &subject.suite.endpoint(), "original");
    for (name, stored) in
        [("ada", "19901210"), ("grace", "1990-W50-1"), ("alan", "1990-12-10"), ("eve", "soon"), ("-", "1990-12-10")]
    {
        subject.suite.put_item(&at.place, name, Some(AttributeValue::S(stored.to_owned())));
    }
    subject.suite.put_item(&at.place, "nemo", None);
    let (code, out, error) = at.run(&["export"]);
    let expected = ["ada", "alan", "grace"].map(|name| line(name, "1990-12-10")).concat();
    assert_eq!(sorted(&out), sorted(&expected));
    let left_out = "exported 3 records; left out 3 whose username or date of birth cannot be read";
    assert_eq!((code, error), (1, format!("backend-cloud-app: {left_out}\n")));
    // A file that has not all records does not get its name.
    let file = subject.suite.directory().join("users");
    assert_eq!(at.run(&["export", file.to_str().unwrap()]).0, 1);
    assert!(!file.exists());
}

/// Stand-in: the answers are as Amazon documents them.
pub fn throttling_is_waited_for_and_unprocessed_items_are_sent_again(subject: &Subject) {
    let proxy = Proxy::start(subject.suite.dynamodb());
    let at = At::table(subject, &proxy.endpoint(), "throttled");
    let item = r#"{"username":{"S":"ada"},"dateOfBirth":{"S":"1990-12-10"}}"#;
    let unprocessed = format!(r#"{{"UnprocessedItems":{{"{}":[{{"PutRequest":{{"Item":{item}}}}}]}}}}"#, &at.place);
    let refusal =
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"full"}"#;
    for (command, operation, status, body) in [
        ("import", "BatchWriteItem", 200, unprocessed.as_str()),
        ("import", "BatchWriteItem", 400, refusal),
        ("export", "Scan", 400, refusal),
    ] {
        proxy.set(Mode::AnswerTo(operation, status, body.to_owned()));
        let mut child = at.start(command, &line("ada", "1990-12-10"));
        drop(child.stdin.take());
        thread::sleep(Duration::from_secs(2));
        assert_eq!(child.try_wait().unwrap(), None, "{operation} {status} is not waited for");
        proxy.set(Mode::Pass);
        let (code, _, log) = outcome(child);
        assert_eq!(code, 0, "{log}");
        assert_eq!(at.exported(), line("ada", "1990-12-10"), "after {operation} {status}");
    }
}
