//! The log: one line an event, on standard error, for people or as JSON.

use crate::config::{LogConfig, LogFormat};
use std::io::{self, IsTerminal};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// Starts logging for the whole process.
///
/// `LOG_LEVEL` is for this service's own events. Libraries log warnings at most: at finer levels the AWS SDK writes out
/// requests, and those hold birth dates.
///
/// # Errors
///
/// [`TryInitError`] if the process logs already.
pub fn init(config: LogConfig) -> Result<(), TryInitError> {
    let levels =
        Targets::new().with_target("backend_cloud_app", config.level).with_default(config.level.min(LevelFilter::WARN));
    let terminal = io::stderr().is_terminal();
    let default_format = if terminal { LogFormat::Text } else { LogFormat::Json };
    let lines = fmt::layer().with_writer(io::stderr);
    let lines = match config.format.unwrap_or(default_format) {
        LogFormat::Text => lines.with_ansi(terminal).with_target(false).boxed(),
        LogFormat::Json => {
            lines.json().flatten_event(true).with_target(false).with_current_span(false).with_span_list(false).boxed()
        }
    };
    tracing_subscriber::registry().with(lines.with_filter(levels)).try_init()
}
