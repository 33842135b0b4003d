//! What the service does when its disk fails.
