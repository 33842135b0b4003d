//! The commands and their exit codes.

use crate::support::prelude::*;

/// The endpoint and region in the start line, with files of profiles as people write them.
#[test]
fn the_start_line_names_the_store_that_is_used_and_no_password() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".aws")).unwrap();
    let profiles = "[profile far]\nregion = us-west-2\n[profile own]\nendpoint_url = http://127.0.0.1:9/own\n\
                    [profile both]\nservices = mine\n[services mine]\ndynamodb =\n  endpoint_url = http://127.0.0.1:9/mine\n";
    fs::write(home.path().join(".aws/config"), profiles).unwrap();
    let common = [("STORE", "dynamodb"), ("HOME", path(&home)), ("AWS_EC2_METADATA_DISABLED", "true")];
    for (settings, place) in [
        ("", "https://dynamodb.eu-west-1.amazonaws.com, eu-west-1"),
        ("AWS_PROFILE=far", "https://dynamodb.us-west-2.amazonaws.com, us-west-2"),
        ("AWS_PROFILE=far AWS_DEFAULT_REGION=cn-north-1", "https://dynamodb.cn-north-1.amazonaws.com.cn, cn-north-1"),
        ("AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-2", "https://dynamodb.us-east-2.amazonaws.com, us-east-2"),
        ("AWS_USE_FIPS_ENDPOINT=true AWS_REGION=us-east-1", "https://dynamodb-fips.us-east-1.amazonaws.com, us-east-1"),
        ("AWS_PROFILE=own", "http://127.0.0.1:9/own, eu-west-1"),
        ("AWS_PROFILE=both", "http://127.0.0.1:9/mine, eu-west-1"),
        ("AWS_ENDPOINT_URL=http://ada:secret@127.0.0.1:9", "http://127.0.0.1:9, eu-west-1"),
        ("AWS_ENDPOINT_URL=http://x AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8", "http://127.0.0.1:8, eu-west-1"),
        ("AWS_ENDPOINT_URL_DYNAMODB=http://x DYNAMODB_ENDPOINT=http://127.0.0.1:9", "http://127.0.0.1:9, eu-west-1"),
    ] {
        let settings: Vec<_> = settings.split(' ').filter_map(|setting| setting.split_once('=')).collect();
        let service = Service::start(&[&common[..], &settings].concat());
        let log = service.log();
        assert!(log.contains(&format!("table users at {place} (STORE=dynamodb)")), "{settings:?}: {log}");
        assert!(!log.contains("secret"), "{log}");
    }
    let service = Service::start(&[("DATA_DIR", path(&home))]);
    assert!(service.log().contains(&format!("{}/users.redb (STORE=embedded)", path(&home))), "{}", service.log());
    for arguments in [&["--dynamodb-endpoint", "ftp://ada:secret@x"][..], &["--dynamodb-endpoint", "ada:secret@x:8000"]]
    {
        let (code, _, error) = run(arguments, &[]);
        assert!(code == 64 && !error.contains("secret"), "{error}");
    }
}

/// A stand-in for a proxy, which shows what it is asked and connects nobody.
#[test]
fn https_proxy_and_no_proxy_count_for_aws() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let settings = |no_proxy| {
        let proxies = [("HTTPS_PROXY", url.as_str()), ("NO_PROXY", no_proxy)];
        [&dynamodb_settings("https://127.0.0.1:9", "users")[..], &proxies].concat()
    };
    proxy.set_nonblocking(true).unwrap();
    // The start asks the store, so the proxy is asked before the service listens, or is not asked.
    let service = Service::start(&settings("amazonaws.com"));
    let (mut stream, _) = proxy.accept().expect("the proxy is asked");
    stream.set_nonblocking(false).unwrap();
    let mut request = [0; 1024];
    let length = stream.read(&mut request).unwrap();
    let request = String::from_utf8_lossy(&request[..length]);
    assert!(request.starts_with("CONNECT 127.0.0.1:9 HTTP/1.1\r\n"), "{request}");
    drop(service);
    // What its retries have left in the queue.
    while proxy.accept().is_ok() {}
    let service = Service::start(&settings("127.0.0.1"));
    assert_eq!(service.get("/hello/ada").status, 503);
    assert!(proxy.accept().is_err(), "the proxy was asked");
}

#[test]
fn output_into_a_closed_pipe_or_a_full_disk_is_one_line_and_an_exit_status() {
    let service = Service::embedded(&[]);
    let url = service.url("");
    let closed = || Some((Stdio::from(std::io::pipe().unwrap().1), "Broken pipe (os error 32)"));
    // Linux has a device for it.
    let full =
        || Some((File::options().write(true).open("/dev/full").ok()?.into(), "No space left on device (os error 28)"));
    for arguments in [&["--help"][..], &["--version"], &["openapi"], &["smoke", &url]] {
        for (output, reason) in [closed(), full()].into_iter().flatten() {
            let ended = program(arguments, &[]).stdout(output).output().unwrap();
            let expected = format!("backend-cloud-app: cannot write to standard output: {reason}\n");
            assert_eq!(String::from_utf8(ended.stderr).unwrap(), expected, "{arguments:?}");
            assert_eq!(ended.status.code(), Some(1), "{arguments:?}");
        }
    }
    for (output, _) in [closed(), full()].into_iter().flatten() {
        assert_eq!(program(&["--port", "x"], &[]).stderr(output).status().unwrap().code(), Some(64));
    }
}

#[test]
fn a_command_line_or_setting_that_is_wrong_is_told_in_a_line_and_exits_64() {
    for (arguments, beginning) in [
        (&["--port", "eighty"][..], "backend-cloud-app: PORT=\"eighty\" is not allowed; "),
        (&["frobnicate"], ""),
        (&["smoke"], ""),
    ] {
        let (code, out, error) = run(arguments, &[]);
        assert_eq!((code, out.as_str()), (64, ""), "{arguments:?}");
        assert!(error.starts_with(beginning), "{error}");
    }
}

#[test]
fn help_and_version_exit_0() {
    let (code, out, _) = run(&["--help"], &[]);
    assert_eq!(code, 0);
    for word in ["serve", "healthcheck", "create-table", "export", "import", "smoke", "openapi", "--drain-timeout"] {
        assert!(out.contains(word), "{word} is missing in {out}");
    }
    assert_eq!(run(&["--version"], &[]).1, format!("backend-cloud-app {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_taken_port_stops_the_start_with_one_line_and_exit_1() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let directory = tempfile::tempdir().unwrap();
    let (code, _, error) = run(&["--port", &port, "--bind-address", "127.0.0.1", "--data-dir", path(&directory)], &[]);
    assert!(error.starts_with(&format!("backend-cloud-app: cannot listen on 127.0.0.1:{port}: ")), "{error}");
    assert_eq!((code, error.lines().count()), (1, 1), "{error}");
}

#[test]
fn healthcheck_exits_0_if_the_server_is_alive_and_1_if_not() {
    let mut service = Service::embedded(&[]);
    let port = service.address().port().to_string();
    assert_eq!(run(&["healthcheck"], &[("PORT", &port)]), (0, String::new(), String::new()));
    assert_eq!(run(&["healthcheck", "--port", &port, "--bind-address", "127.0.0.1"], &[]).0, 0);
    service.signal("KILL");
    service.wait();
    let (code, _, err) = run(&["healthcheck"], &[("PORT", &port)]);
    assert_eq!((code, err.lines().count()), (1, 1), "{err}");
}

#[test]
fn smoke_passes_against_the_service_a_line_a_check_and_fails_against_anything_else() {
    let service = Service::embedded(&[]);
    let (code, out, error) = run(&["smoke", &service.url("/")], &[]);
    assert_eq!(code, 0, "{out}{error}");
    assert!(out.lines().count() >= 8 && out.lines().all(|line| line.starts_with("ok ")), "{out}");
    let (code, out, error) = run(&["smoke", "http://127.0.0.1:1"], &[]);
    assert!(code == 1 && out.lines().all(|line| line.starts_with("FAIL ")), "{out}");
    assert!(error.contains("does not keep its contract"), "{error}");
}
