//! Credentials from each source that the AWS SDK documents: real files of profiles and caches; behind them, stand-ins for the
//! HTTP of IAM Identity Center, STS and the container agent. They show that a source is asked and its answer used, not that
//! AWS would give that answer.

use crate::prelude::*;
use std::os::unix::fs::PermissionsExt;

const CONFIG: &str = "
[profile static]
aws_access_key_id = local
aws_secret_access_key = local
[profile process]
credential_process = HOME/process
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = developer
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
[profile login]
login_session = arn:aws:iam::123456789012:user/ada
[profile role]
role_arn = arn:aws:iam::123456789012:role/service
source_profile = static
[profile container]
role_arn = arn:aws:iam::123456789012:role/service
credential_source = EcsContainer
[profile loop]
role_arn = arn:aws:iam::123456789012:role/service
source_profile = loop-back
[profile loop-back]
role_arn = arn:aws:iam::123456789012:role/service
source_profile = loop
[profile orphan]
role_arn = arn:aws:iam::123456789012:role/service
source_profile = nowhere
[profile far]
region = FAR AWAY
[profile elsewhere]
endpoint_url = elsewhere
";

const PROCESS: &str = r#"#!/bin/sh
echo '{"Version":1,"AccessKeyId":"local","SecretAccessKey":"local"}'"#;

/// What `aws sso login` and `aws login` leave; the names are hashes of the session's.
const SSO_CACHE: (&str, &str) = (
    ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
    r#"{"startUrl":"https://corp.awsapps.com/start","region":"eu-west-1","accessToken":"token","expiresAt":"2999-01-01T00:00:00Z"}"#,
);
const LOGIN_CACHE: (&str, &str) = (
    ".aws/login/cache/397b11bbda6668a5a8d17d42c91036373f4a376627089c204bef61ce0ae993c2.json",
    r#"{"accessToken":{"accessKeyId":"local","secretAccessKey":"local","sessionToken":"local","accountId":"123456789012","expiresAt":"2999-01-01T00:00:00Z"},"tokenType":"aws_sigv4","refreshToken":"refresh","clientId":"arn:aws:signin:::devtools/same-device","dpopKey":"key"}"#,
);

const OF_SSO: &str = r#"{"roleCredentials":{"accessKeyId":"local","secretAccessKey":"local","sessionToken":"local","expiration":32472144000000}}"#;
pub const OF_AGENT: &str =
    r#"{"AccessKeyId":"local","SecretAccessKey":"local","Token":"local","Expiration":"2999-01-01T00:00:00Z"}"#;

fn of_sts(action: &str) -> String {
    format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
         <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/service/s</Arn><AssumedRoleId>A:s</AssumedRoleId>\
         </AssumedRoleUser><Credentials><AccessKeyId>local</AccessKeyId><SecretAccessKey>local</SecretAccessKey>\
         <SessionToken>local</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>\
         </{action}Result></{action}Response>"
    )
}

fn write_home(home: &Path) {
    let config = CONFIG.replace("HOME", home.to_str().expect("a path in UTF-8"));
    let process = ("process", PROCESS);
    for (path, content) in [(".aws/config", config.as_str()), process, ("token", "jwt"), SSO_CACHE, LOGIN_CACHE] {
        let file = home.join(path);
        fs::create_dir_all(file.parent().expect("it has one")).unwrap();
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o700)).unwrap();
    }
}

pub fn credentials_come_from_every_source_that_the_sdk_documents(subject: &Subject) {
    let (suite, directory) = (&subject.suite, subject.suite.directory());
    write_home(&directory);
    let (home, endpoint) = (directory.to_str().expect("a path in UTF-8"), suite.endpoint());
    let (token, name) = (format!("{home}/token"), suite.username());
    let answers = [OF_SSO.to_owned(), OF_AGENT.to_owned(), of_sts("AssumeRole"), of_sts("AssumeRoleWithWebIdentity")];
    let stand_ins = answers.map(|body| Proxy::stand_in(Mode::Answer(200, body)));
    let [sso, agent, sts, web_identity] = stand_ins.each_ref().map(Proxy::endpoint);
    let sources: &[&[(&str, &str)]] = &[
        &[("AWS_PROFILE", "static")],
        &[("AWS_PROFILE", "process")],
        &[("AWS_PROFILE", "sso"), ("AWS_ENDPOINT_URL_SSO", &sso)],
        &[("AWS_PROFILE", "login")],
        &[("AWS_PROFILE", "role"), ("AWS_ENDPOINT_URL_STS", &sts)],
        &[("AWS_PROFILE", "container"), ("AWS_ENDPOINT_URL_STS", &sts), ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &agent)],
        &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &agent)],
        &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", &token),
            ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/service"),
            ("AWS_ENDPOINT_URL_STS", &web_identity),
        ],
    ];
    for source in sources {
        let machine = [("HOME", home), ("PATH", "/usr/bin:/bin"), ("AWS_EC2_METADATA_DISABLED", "true")];
        let store = [("DYNAMODB_ENDPOINT", endpoint.as_str()), ("DYNAMODB_TABLE", &suite.table)];
        let service = Service::start(&[&machine[..], &store, source].concat());
        let answers = [service.put(&name, "1990-12-10"), service.get(&format!("/hello/{name}"))];
        assert_eq!(answers.map(|answer| answer.status), [204, 200], "{source:?}: {}", service.log());
    }
}

pub fn credentials_that_can_never_work_stop_the_start_with_one_line(subject: &Subject) {
    let directory = subject.suite.directory();
    write_home(&directory);
    for (profile, reason) in [
        ("nowhere", "the AWS profile \"nowhere\" is in no AWS config file; set AWS_PROFILE"),
        ("orphan", "the AWS profile \"nowhere\" is in no AWS config file; set AWS_PROFILE"),
        ("loop", "the AWS credentials are not usable: "),
        ("far", "region \"FAR AWAY\" of the AWS profile is not an AWS region name; set AWS_REGION"),
        (
            "elsewhere",
            "endpoint \"elsewhere\" of AWS_ENDPOINT_URL or the AWS profile is not an http:// or https:// URL; ",
        ),
    ] {
        let settings = [
            ("HOME", directory.to_str().expect("a path in UTF-8")),
            ("AWS_PROFILE", profile),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("STORE", "dynamodb"),
            if profile == "elsewhere" { ("LOG_LEVEL", "info") } else { ("AWS_ENDPOINT_URL", "http://127.0.0.1:9") },
        ];
        let (code, error) = Service::refusal(&mut program(&[], &settings));
        assert!(error.starts_with(&format!("backend-cloud-app: {reason}")), "{profile}: {error}");
        assert_eq!((code, error.lines().count()), (1, 1), "{profile}: {error}");
    }
}
