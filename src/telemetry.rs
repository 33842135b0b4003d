//! The log: one line an event, on standard error, for people or as JSON.

use crate::config::{LogConfig, LogFormat};
use crate::panics;
use std::io::{self, IsTerminal};
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// How many lines wait to be written while whoever reads them stalls: some 4 MB at most. Then new ones are dropped, as the
/// service must not stop for its log.
const QUEUE: usize = 8192;

/// The running log. When this is dropped, the lines that wait are written, for which they get about a second.
pub struct Log {
    dropped: ErrorCounter,
    _writer: WorkerGuard,
}

impl Log {
    /// Counts the lines that were dropped.
    pub fn dropped(&self) -> impl Fn() -> usize + Send + Sync + 'static {
        let dropped = self.dropped.clone();
        move || dropped.dropped_lines()
    }
}

/// Starts logging for the whole process, also of panics.
///
/// `LOG_LEVEL` is for this service's own events. Libraries log warnings at most: at finer levels the AWS SDK writes out
/// requests, and those hold birth dates. What the SDK warns of is in the store's errors, which are logged once.
///
/// # Errors
///
/// [`TryInitError`] if the process logs already.
pub fn init(config: LogConfig) -> Result<Log, TryInitError> {
    let levels = Targets::new()
        .with_target("backend_cloud_app", config.level)
        .with_target("aws_", LevelFilter::OFF)
        .with_default(config.level.min(LevelFilter::WARN));
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(QUEUE).finish(io::stderr());
    let log = Log { dropped: writer.error_counter(), _writer: guard };
    let terminal = io::stderr().is_terminal();
    let default_format = if terminal { LogFormat::Text } else { LogFormat::Json };
    let lines = fmt::layer().with_writer(writer);
    let lines = match config.format.unwrap_or(default_format) {
        LogFormat::Text => lines.with_ansi(terminal).with_target(false).boxed(),
        LogFormat::Json => {
            lines.json().flatten_event(true).with_target(false).with_current_span(false).with_span_list(false).boxed()
        }
    };
    tracing_subscriber::registry().with(lines.with_filter(levels)).try_init()?;
    panics::log_uncaught();
    Ok(log)
}
