//! Every setting of the service, as one table: its variable, default, what is allowed, and what it is for.
//!
//! A setting comes from its flag, else from its environment variable, else from the default. A variable that is set to
//! nothing counts as not set, as deployment tools leave such behind. Both sources are handed in; only [`environment`] reads
//! the real one.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::time::Duration;
use tracing_subscriber::filter::LevelFilter;

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The environment variable; the flag is this in kebab-case.
    pub variable: &'static str,
    /// The default as it would be written, or a note in parentheses where it depends on something.
    pub default: &'static str,
    /// The values that are allowed, with their unit.
    pub allowed: &'static str,
    /// What it is for.
    pub help: &'static str,
}

impl Setting {
    /// The long flag without its dashes: `DATA_DIR` is `data-dir`.
    #[must_use]
    pub fn flag(&self) -> String {
        self.variable.to_ascii_lowercase().replace('_', "-")
    }
}

macro_rules! settings {
    ($($name:ident = $default:literal, $allowed:literal, $help:literal;)*) => {
        $(const $name: Setting = Setting { variable: stringify!($name), default: $default, allowed: $allowed, help: $help };)*
        /// All settings, in the order in which the documentation lists them.
        pub const SETTINGS: &[Setting] = &[$($name),*];
    };
}

settings! {
    PORT = "8888", "0 to 65535 (0 takes a free one)", "TCP port to listen on";
    BIND_ADDRESS = "::", "an IP address", "address to listen on; `::` takes IPv4 as well, and the default is 0.0.0.0 where the system has no IPv6";
    STORE = "(dynamodb if DYNAMODB_ENDPOINT or DYNAMODB_TABLE is set, else embedded)", "embedded or dynamodb", "where birth dates are kept";
    DATA_DIR = "./data", "a directory", "directory of the embedded store, made if missing";
    DYNAMODB_ENDPOINT = "(AWS_ENDPOINT_URL or the AWS profile's, else the region's)", "an http:// or https:// URL", "DynamoDB endpoint";
    DYNAMODB_TABLE = "users", "3 to 255 of a-z A-Z 0-9 _ . -", "DynamoDB table";
    AWS_REGION = "(AWS_DEFAULT_REGION, else the AWS profile's, else eu-west-1)", "an AWS region name", "region of the table";
    LOG_LEVEL = "info", "error, warn, info, debug or trace", "least severe level that is logged";
    LOG_FORMAT = "(text on a terminal, else json)", "text or json", "form of a log line";
    REQUEST_TIMEOUT = "5s", "100ms to 5m (units: ms, s, m)", "time for a request, its body and the store together";
    IDLE_TIMEOUT = "35s", "100ms to 60m (units: ms, s, m)", "time for request headers, and for a kept connection between two requests; above the load balancer's own";
    MAX_CONCURRENT_REQUESTS = "1024", "1 to 65536", "requests served at once, beyond which it answers 503; /health, /ready and /metrics do not count";
    MAX_CONNECTIONS = "4096", "4 to 65536", "connections open at once, fewer if the limit of open files is low; at the bound those without a request give way, oldest first, then idle ones";
    CACHE_MAX_AGE = "0s", "0s to 1440m (units: ms, s, m)", "time for which a greeting may be cached, never past midnight UTC; 0s says no-store";
    DRAIN_DELAY = "0s", "0s to 10m (units: ms, s, m)", "time from SIGTERM, with /ready at 503, until no connection is taken any more";
    DRAIN_TIMEOUT = "25s", "0s to 10m (units: ms, s, m)", "time for requests in flight after DRAIN_DELAY";
    REVISION = "unknown", "1 to 64 of a-z A-Z 0-9 . _ + -", "source revision of the image, shown by build_info";
}

/// Where the settings are written: a look-up by flag and one by variable.
pub struct Sources<'a> {
    /// Gives the value of a flag by its name without dashes.
    pub flag: &'a dyn Fn(&str) -> Option<OsString>,
    /// Gives the value of an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
}

/// Reads the environment of the process.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn environment(variable: &str) -> Option<OsString> {
    env::var_os(variable)
}

/// The settings of a process, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen and how to treat requests.
    pub server: ServerConfig,
    /// Where birth dates are kept.
    pub store: StoreConfig,
    /// What is logged.
    pub log: LogConfig,
}

/// Where to listen and how to treat requests.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// `PORT`; 0 takes a free one.
    pub port: u16,
    /// `BIND_ADDRESS`: the first whose family the system has.
    pub bind_addresses: Vec<IpAddr>,
    /// `REQUEST_TIMEOUT`
    pub request_timeout: Duration,
    /// `IDLE_TIMEOUT`
    pub idle_timeout: Duration,
    /// `MAX_CONCURRENT_REQUESTS`
    pub max_concurrent_requests: usize,
    /// `MAX_CONNECTIONS`
    pub max_connections: usize,
    /// `CACHE_MAX_AGE`
    pub cache_max_age: Duration,
    /// `DRAIN_DELAY`
    pub drain_delay: Duration,
    /// `DRAIN_TIMEOUT`
    pub drain_timeout: Duration,
    /// `REVISION`
    pub revision: String,
}

/// Where birth dates are kept: `STORE` and what belongs to it.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// `STORE`
    pub kind: StoreKind,
    /// `DATA_DIR`
    pub data_dir: PathBuf,
    /// `DYNAMODB_*` and `AWS_REGION`
    pub dynamodb: DynamoDbConfig,
}

/// `STORE`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// A local file.
    Embedded,
    /// A DynamoDB table.
    DynamoDb,
}

/// Which table, and how long a call to it may take.
#[derive(Debug, Clone)]
pub struct DynamoDbConfig {
    /// `DYNAMODB_ENDPOINT`; `None` is the one of `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL`, the profile or the region.
    pub endpoint: Option<String>,
    /// `DYNAMODB_TABLE`
    pub table: String,
    /// `AWS_REGION`, else `AWS_DEFAULT_REGION`; `None` is the profile's.
    pub region: Option<String>,
    /// `REQUEST_TIMEOUT`, within which a call has to end, retries included.
    pub request_timeout: Duration,
}

/// What is logged.
#[derive(Debug, Clone, Copy)]
pub struct LogConfig {
    /// `LOG_LEVEL`
    pub level: LevelFilter,
    /// `LOG_FORMAT`; `None` decides by whether the output is a terminal.
    pub format: Option<LogFormat>,
}

/// `LOG_FORMAT`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object a line.
    Json,
}

impl Config {
    /// Reads and checks every setting.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for the first value that is not allowed.
    pub fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let request_timeout = sources.read(REQUEST_TIMEOUT, duration(Duration::from_millis(100), minutes(5)))?;
        let idle_timeout = sources.read(IDLE_TIMEOUT, duration(Duration::from_millis(100), minutes(60)))?;
        let drain = duration(Duration::ZERO, minutes(10));
        Ok(Self {
            server: ServerConfig {
                port: sources.read(PORT, |text| text.parse().ok())?,
                bind_addresses: bind_addresses(sources)?,
                request_timeout,
                idle_timeout,
                max_concurrent_requests: sources.read(MAX_CONCURRENT_REQUESTS, count(1, 65_536))?,
                max_connections: sources.read(MAX_CONNECTIONS, count(4, 65_536))?,
                cache_max_age: sources.read(CACHE_MAX_AGE, duration(Duration::ZERO, minutes(1440)))?,
                drain_delay: sources.read(DRAIN_DELAY, &drain)?,
                drain_timeout: sources.read(DRAIN_TIMEOUT, &drain)?,
                revision: sources.read(REVISION, revision)?,
            },
            store: StoreConfig {
                kind: store_kind(sources)?,
                data_dir: sources.read(DATA_DIR, |text| Some(PathBuf::from(text)))?,
                dynamodb: DynamoDbConfig {
                    endpoint: sources.read_optional(DYNAMODB_ENDPOINT, url)?,
                    table: sources.read(DYNAMODB_TABLE, table_name)?,
                    region: aws_region(sources)?,
                    request_timeout,
                },
            },
            log: LogConfig {
                level: sources.read(LOG_LEVEL, level)?,
                format: sources.read_optional(LOG_FORMAT, |text| match text {
                    "text" => Some(LogFormat::Text),
                    "json" => Some(LogFormat::Json),
                    _ => None,
                })?,
            },
        })
    }
}

impl Sources<'_> {
    fn raw(&self, setting: Setting) -> Option<OsString> {
        let flag = (self.flag)(&setting.flag());
        flag.or_else(|| (self.variable)(setting.variable).filter(|value| !value.is_empty()))
    }

    fn read_optional<T>(&self, setting: Setting, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ConfigError> {
        let Some(raw) = self.raw(setting) else { return Ok(None) };
        let parsed = raw.to_str().and_then(parse);
        parsed.map(Some).ok_or_else(|| {
            let value = without_password(&raw.to_string_lossy());
            ConfigError { variable: setting.variable, setting, value }
        })
    }

    fn read<T>(&self, setting: Setting, parse: impl Fn(&str) -> Option<T>) -> Result<T, ConfigError> {
        match self.read_optional(setting, &parse)? {
            Some(value) => Ok(value),
            None => Ok(parse(setting.default).expect("the default of every setting is allowed")),
        }
    }
}

/// Both families, unless one is asked for.
fn bind_addresses(sources: &Sources) -> Result<Vec<IpAddr>, ConfigError> {
    let stated = sources.read_optional(BIND_ADDRESS, |text| text.parse().ok())?;
    Ok(stated.map_or_else(|| vec![Ipv6Addr::UNSPECIFIED.into(), Ipv4Addr::UNSPECIFIED.into()], |address| vec![address]))
}

/// As the original's environment, which knows no `STORE`, means it: naming an endpoint or a table asks for DynamoDB.
fn store_kind(sources: &Sources) -> Result<StoreKind, ConfigError> {
    let stated = sources.read_optional(STORE, |text| match text {
        "embedded" => Some(StoreKind::Embedded),
        "dynamodb" => Some(StoreKind::DynamoDb),
        _ => None,
    })?;
    let implied = [DYNAMODB_ENDPOINT, DYNAMODB_TABLE].into_iter().any(|setting| sources.raw(setting).is_some());
    Ok(stated.unwrap_or(if implied { StoreKind::DynamoDb } else { StoreKind::Embedded }))
}

/// The AWS SDK takes the first variable only; the AWS command line, Terraform and most other SDKs know the second.
fn aws_region(sources: &Sources) -> Result<Option<String>, ConfigError> {
    if let Some(region) = sources.read_optional(AWS_REGION, region)? {
        return Ok(Some(region));
    }
    let Some(raw) = (sources.variable)("AWS_DEFAULT_REGION").filter(|value| !value.is_empty()) else { return Ok(None) };
    let value = raw.to_string_lossy().into_owned();
    region(&value).map(Some).ok_or(ConfigError { variable: "AWS_DEFAULT_REGION", setting: AWS_REGION, value })
}

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

/// A whole number with its unit, from `least` to `most`.
fn duration(least: Duration, most: Duration) -> impl Fn(&str) -> Option<Duration> {
    move |text| {
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
        let number: u64 = number.parse().ok()?;
        let duration = match unit {
            "ms" => Duration::from_millis(number),
            "s" => Duration::from_secs(number),
            "m" => Duration::from_secs(number.checked_mul(60)?),
            _ => return None,
        };
        (least..=most).contains(&duration).then_some(duration)
    }
}

fn count(least: usize, most: usize) -> impl Fn(&str) -> Option<usize> {
    move |text| text.parse().ok().filter(|count| (least..=most).contains(count))
}

fn revision(text: &str) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
    ((1..=64).contains(&text.len()) && text.bytes().all(allowed)).then(|| text.to_owned())
}

fn level(text: &str) -> Option<LevelFilter> {
    ["error", "warn", "info", "debug", "trace"].contains(&text).then(|| text.parse().ok())?
}

pub(crate) fn url(text: &str) -> Option<String> {
    let uri: axum::http::Uri = text.parse().ok()?;
    let usable = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty());
    usable.then(|| text.to_owned())
}

/// A URL as it may be shown.
#[must_use]
pub fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_at(url.find("://").map_or(0, |colon| colon + 3));
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}{host}{path}")
}

fn table_name(text: &str) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    ((3..=255).contains(&text.len()) && text.bytes().all(allowed)).then(|| text.to_owned())
}

pub(crate) fn region(text: &str) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    ((1..=64).contains(&text.len()) && text.bytes().all(allowed)).then(|| text.to_owned())
}

/// A setting has a value that is not allowed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// Where the value stands.
    variable: &'static str,
    /// Where to set another.
    setting: Setting,
    value: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variable, setting: Setting { variable: other, allowed, .. }, value } = self;
        let flag = self.setting.flag();
        write!(f, "{variable}={value:?} is not allowed; set {other} or --{flag}: {allowed}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(flags: &[(&str, &str)], variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let look_up = |pairs: &[(&str, &str)], name: &str| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        };
        Config::read(&Sources { flag: &|name| look_up(flags, name), variable: &|name| look_up(variables, name) })
    }

    #[test]
    fn with_nothing_set_it_serves_on_8888_from_the_embedded_store() {
        let config = read(&[], &[]).unwrap();
        assert_eq!((config.server.port, config.server.bind_addresses[0].to_string()), (8888, "::".to_owned()));
        assert_eq!(config.store.kind, StoreKind::Embedded);
        assert_eq!(config.server.request_timeout, Duration::from_secs(5));
        assert_eq!(config.server.idle_timeout, Duration::from_secs(35));
    }

    #[test]
    fn a_flag_wins_over_its_variable() {
        let config = read(&[("port", "1")], &[("PORT", "2")]).unwrap();
        assert_eq!(config.server.port, 1);
    }

    #[test]
    fn the_original_environment_means_dynamodb() {
        for variable in [("DYNAMODB_ENDPOINT", "http://localhost:8000"), ("DYNAMODB_TABLE", "users")] {
            assert_eq!(read(&[], &[variable]).unwrap().store.kind, StoreKind::DynamoDb);
            let stated = read(&[], &[variable, ("STORE", "embedded")]).unwrap();
            assert_eq!(stated.store.kind, StoreKind::Embedded);
        }
    }

    #[test]
    fn a_variable_set_to_nothing_is_not_set() {
        let config = read(&[], &[("DYNAMODB_ENDPOINT", ""), ("PORT", "")]).unwrap();
        assert_eq!((config.store.kind, config.server.port), (StoreKind::Embedded, 8888));
    }

    #[test]
    fn a_bad_value_is_named_with_what_is_allowed() {
        let error = read(&[], &[("PORT", "eighty")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"PORT="eighty" is not allowed; set PORT or --port: 0 to 65535 (0 takes a free one)"#
        );
    }

    #[test]
    fn values_outside_their_range_are_refused() {
        for (variable, value) in [
            ("PORT", "65536"),
            ("PORT", "-1"),
            ("BIND_ADDRESS", "localhost"),
            ("STORE", "redis"),
            ("DYNAMODB_ENDPOINT", "localhost:8000"),
            ("DYNAMODB_ENDPOINT", "ftp://x"),
            ("DYNAMODB_TABLE", "ab"),
            ("DYNAMODB_TABLE", "a b c"),
            ("AWS_REGION", "EU WEST"),
            ("LOG_LEVEL", "loud"),
            ("LOG_LEVEL", "INFO"),
            ("LOG_FORMAT", "xml"),
            ("REQUEST_TIMEOUT", "5"),
            ("REQUEST_TIMEOUT", "0s"),
            ("REQUEST_TIMEOUT", "6m"),
            ("REQUEST_TIMEOUT", "1h"),
            ("REQUEST_TIMEOUT", "s"),
            ("IDLE_TIMEOUT", "1.5s"),
            ("IDLE_TIMEOUT", "-1s"),
            ("MAX_CONCURRENT_REQUESTS", "0"),
            ("MAX_CONCURRENT_REQUESTS", "65537"),
            ("MAX_CONNECTIONS", "3"),
            ("CACHE_MAX_AGE", "1441m"),
            ("REVISION", "a b"),
            ("DRAIN_DELAY", "11m"),
            ("DRAIN_TIMEOUT", "99999999999999999999s"),
            ("DRAIN_TIMEOUT", "999999999999999999m"),
        ] {
            let error = read(&[], &[(variable, value)]).unwrap_err();
            assert!(error.to_string().starts_with(&format!("{variable}={value:?} ")), "{error}");
        }
    }

    #[test]
    fn every_default_that_is_a_value_is_allowed() {
        for setting in SETTINGS.iter().filter(|setting| !setting.default.starts_with('(')) {
            assert!(read(&[], &[(setting.variable, setting.default)]).is_ok(), "{setting:?}");
        }
    }
}
