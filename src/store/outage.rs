//! Logs why the store fails: once for each reason and minute, not for every request that meets it.

use super::StoreError;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// After this long the same reason is logged again.
const REPEAT_AFTER: Duration = Duration::from_mins(1);

/// The most reasons that are logged within that time.
const MAX_REASONS: usize = 8;

/// What has been logged lately.
#[derive(Debug, Default)]
pub struct OutageLog(Mutex<Vec<(String, Instant)>>);

impl OutageLog {
    /// Logs the error, unless that has been done within the last minute.
    pub fn report(&self, error: &StoreError) {
        if !self.is_news(&error.to_string(), Instant::now()) {
            return;
        }
        match error {
            StoreError::Unavailable(_) => tracing::error!("{error}"),
            // Each request that meets it has an error line of its own.
            StoreError::Failed(_) | StoreError::Unreadable => tracing::warn!("{error}"),
        }
    }

    fn is_news(&self, reason: &str, now: Instant) -> bool {
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        logged.retain(|(_, when)| now.duration_since(*when) < REPEAT_AFTER);
        let news = logged.len() < MAX_REASONS && logged.iter().all(|(known, _)| known != reason);
        if news {
            logged.push((reason.to_owned(), now));
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_news_when_it_changes_or_a_minute_later() {
        let (log, start) = (OutageLog::default(), Instant::now());
        let at = |seconds, reason: &str| log.is_news(reason, start + Duration::from_secs(seconds));
        let said = [at(0, "timeout"), at(1, "timeout"), at(2, "refused"), at(3, "timeout"), at(59, "refused")];
        assert_eq!(said, [true, false, true, false, false]);
        assert_eq!([at(60, "timeout"), at(61, "timeout"), at(62, "refused")], [true, false, true]);
    }

    #[test]
    fn reasons_that_never_repeat_are_bounded() {
        let (log, start) = (OutageLog::default(), Instant::now());
        let said = (0..1000).filter(|request: &u32| log.is_news(&format!("request {request} failed"), start)).count();
        assert_eq!(said, MAX_REASONS);
    }
}
