//! The service on a real file system that is read-only, full or lacks a CA bundle, and where the resolver hangs:
//! in a mount namespace of its own.
//!
//! Where no mount namespace is to be had these tests are reported as ignored; with `MOUNT_NAMESPACE=required` they fail.

#[path = "../support/mod.rs"]
mod support;

use libtest_mimic::Arguments;
use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::ExitCode;
use support::prelude::*;

/// A test: its name, what it needs besides a mount namespace, and what it does.
type NamespaceTest = (&'static str, fn() -> Result<(), String>, fn(&Namespace));

const NOTHING: fn() -> Result<(), String> = || Ok(());

const TESTS: [NamespaceTest; 5] = [
    ("a_read_only_or_full_disk_stops_the_start_with_one_clear_line", NOTHING, read_only_or_full),
    ("a_disk_that_fills_up_refuses_puts_and_serves_gets_and_takes_puts_again_once_there_is_space", NOTHING, fills_up),
    ("a_process_that_has_stopped_does_not_wait_for_a_dns_look_up", || name_server().map(drop), stops_in_a_look_up),
    ("the_parents_of_a_new_data_dir_are_synced", strace, parents_are_synced),
    ("without_a_ca_bundle_http_works_and_https_is_refused_in_one_line", NOTHING, no_ca_bundle),
];

fn main() -> ExitCode {
    let trial = |(name, needs, test): NamespaceTest| {
        trial(name.to_owned(), "MOUNT_NAMESPACE", move || needs().and_then(|()| Namespace::find()), test)
    };
    libtest_mimic::run(&Arguments::from_args(), TESTS.map(trial).into()).exit_code()
}

fn strace() -> Result<(), String> {
    let works = Command::new("strace").args(["-o", "/dev/null", "true"]).status().is_ok_and(|status| status.success());
    works.then_some(()).ok_or_else(|| "strace does not work here".to_owned())
}

const NAME_SERVER: &str = "127.9.9.9";

fn name_server() -> Result<UdpSocket, String> {
    UdpSocket::bind((NAME_SERVER, 53)).map_err(|error| format!("{NAME_SERVER}:53: {error}"))
}

fn read_only_or_full(namespace: &Namespace) {
    let read_only = "Read-only file system (os error 30)";
    for (holds_a_store, mount, reason) in [
        (false, "mount -t tmpfs -o ro none .", read_only),
        (true, "mount --bind . . && cd \"$PWD\" && mount -o remount,bind,ro .", read_only),
        (false, "mount -t tmpfs -o size=4k none .", "No space left on device (os error 28)"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        if holds_a_store {
            Service::start(&[("DATA_DIR", path(&directory))]).stop();
        }
        let (code, error) = Service::refusal(&mut namespace.service(mount, path(&directory)));
        let file = format!("{}/users.redb", path(&directory));
        let expected = format!("cannot open {file}: {reason}; DATA_DIR must name a directory that can be written\n");
        assert_eq!((code, error), (1, format!("backend-cloud-app: {expected}")), "{mount}");
    }
}

fn fills_up(namespace: &Namespace) {
    let directory = tempfile::tempdir().unwrap();
    let mut service = Service::spawn(&mut namespace.service("mount -t tmpfs -o size=4m none .", path(&directory)));
    for number in 0..100 {
        assert_eq!(service.put_record(number).status, 204);
    }
    // The service's own view of its directory, which is not there outside its namespace.
    let ballast = PathBuf::from(format!("/proc/{}/root{}/ballast", service.id(), path(&directory)));
    let full = io::copy(&mut io::repeat(1), &mut File::create(&ballast).unwrap()).unwrap_err();
    assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    let is_taken = |number: usize| {
        let answer = service.put_record(number);
        assert!(answer.status == 204 || answer.is_unavailable(), "{answer:?}");
        answer.status == 204
    };
    let first = (100..100_000).find(|number| !is_taken(*number)).expect("the disk fills up");
    for number in (0..first).cycle().take(200) {
        assert!(!is_taken(first), "the disk is full");
        assert_eq!(service.get_record(number).status, 200, "reads go on: {}", service.log());
    }

    fs::remove_file(&ballast).unwrap();
    // A second is enough, unless the machine is busy.
    within(Duration::from_secs(3), "a PUT is taken again", || is_taken(first).then_some(()));
    assert!(is_taken(first));
    for number in 0..=first {
        assert_eq!(service.get_record(number).status, 200, "record {number}");
    }
    let log = service.stop();
    assert!(!log.contains("panic"), "{log}");
}

fn stops_in_a_look_up(namespace: &Namespace) {
    // A name server that never answers; the resolver gives it five seconds, twice.
    let _server = name_server().expect("it was to be had just now");
    let directory = tempfile::tempdir().unwrap();
    let resolver = directory.path().join("resolv.conf");
    fs::write(&resolver, format!("nameserver {NAME_SERVER}\n")).unwrap();
    let setup = format!("mount --bind {} /etc/resolv.conf", resolver.display());
    let settings = dynamodb_settings("http://dynamodb.example:8000", "users");
    let mut service = Service::spawn(&mut namespace.program(&setup, &[], &settings));
    let started = Instant::now();
    let log = service.stop();
    assert!(log.contains("stopped"), "{log}");
    assert!(started.elapsed() < Duration::from_secs(3), "it ended {:?} after SIGTERM", started.elapsed());
}

/// What the kernel was asked to sync, as strace saw it. The port is taken, so that the program ends.
fn parents_are_synced(_: &Namespace) {
    let directory = tempfile::tempdir().unwrap();
    let (data, trace) = (directory.path().join("a/b/c"), directory.path().join("trace"));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-e", "trace=fsync", "-o", trace.to_str().unwrap(), PROGRAM, "--bind-address=127.0.0.1"]);
    command.args([format!("--port={}", taken.local_addr().unwrap().port()), format!("--data-dir={}", data.display())]);
    command.stderr(Stdio::null()).status().expect("it was there just now");
    let trace = fs::read_to_string(trace).unwrap();
    for synced in [directory.path(), &directory.path().join("a"), &directory.path().join("a/b"), &data] {
        assert!(trace.contains(&format!("<{}>)", synced.display())), "{} is not synced: {trace}", synced.display());
    }
}

fn no_ca_bundle(namespace: &Namespace) {
    let hide = "for place in /etc/ssl /etc/pki /usr/share/ca-certificates /usr/local/share /usr/lib/ssl; do \
                test ! -d $place || mount -t tmpfs none $place; done";
    let run = |arguments: &[&str], settings: &[(&str, &str)]| {
        let settings = [&[("SSL_CERT_FILE", "/no-cert-file.crt")], settings].concat();
        let output = namespace.program(hide, arguments, &settings).output().expect("it runs");
        (output.status.code(), String::from_utf8(output.stderr).expect("text"))
    };
    // Credentials are looked for at an http URL as well, where nobody listens.
    let nobody = "http://127.0.0.1:9";
    let settings = [
        ("SSL_CERT_FILE", "/no-cert-file.crt"),
        ("DYNAMODB_ENDPOINT", nobody),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", nobody),
    ];
    let service = Service::spawn(&mut namespace.program(hide, &[], &settings));
    assert!(service.get("/hello/ada").is_unavailable());
    assert!(!service.log().contains("panic"), "{}", service.log());
    let (port, url) = (service.address().port().to_string(), service.url(""));
    assert_eq!(run(&["healthcheck"], &[("PORT", &port)]), (Some(0), String::new()));
    // It asks, and finds a service whose store is missing.
    let (code, error) = run(&["smoke", &url], &[]);
    assert_eq!((code, error), (Some(1), format!("backend-cloud-app: smoke: {url} does not keep its contract\n")));

    let refusal = "backend-cloud-app: no CA certificates found for https; set SSL_CERT_FILE\n";
    for (arguments, settings) in [
        (&["smoke", "https://127.0.0.1:9"][..], [("STORE", "embedded")]),
        (&["serve"], [("DYNAMODB_ENDPOINT", "https://127.0.0.1:9")]),
        (&["create-table"], [("STORE", "dynamodb")]),
    ] {
        assert_eq!(run(arguments, &settings), (Some(1), refusal.to_owned()), "{arguments:?}");
    }
}

/// The way to a mount namespace on this machine: as root, or as root of a user namespace.
struct Namespace(&'static [&'static str]);

impl Namespace {
    fn find() -> Result<Self, String> {
        let ways: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];
        let works = |way: &&[&str]| {
            let mut trial = Command::new("unshare");
            trial.args(*way).args(["sh", "-c", "mount -t tmpfs none /tmp"]).stderr(Stdio::null());
            trial.status().is_ok_and(|status| status.success())
        };
        ways.into_iter().find(works).map(Self).ok_or_else(|| "unshare --mount does not work here".to_owned())
    }

    /// The program in a namespace of its own, after `setup`.
    fn program(&self, setup: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new("unshare");
        command.args(self.0).args(["sh", "-c", &format!("{setup} && exec env -i \"$@\""), "sh"]);
        command.args(LOOPBACK.iter().chain(settings).map(|(variable, value)| format!("{variable}={value}")));
        command.arg(PROGRAM).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The service with `mount` done in `directory`, its `DATA_DIR`.
    fn service(&self, mount: &str, directory: &str) -> Command {
        self.program(&format!("cd {directory} && {mount}"), &[], &[("DATA_DIR", directory)])
    }
}
