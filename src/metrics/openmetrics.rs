//! `OpenMetrics` 1.0, made from the Prometheus text format, which differs in four things.

/// The media type.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whether an `Accept` header asks for it, as Prometheus' does. Whoever takes either gets it.
#[must_use]
pub fn is_accepted(accept: &str) -> bool {
    accept.split(',').any(|range| range.trim_start().starts_with("application/openmetrics-text"))
}

/// Rewrites a page: a counter's family has no `_total`, a bucket's bound is a float, no line is blank, and the end is marked.
pub fn from_text(text: &str) -> String {
    let mut page = String::with_capacity(text.len() + 64);
    for line in text.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("# ") {
            Some(comment) => page.extend(["# ", &comment.replacen("_total ", " ", 1)]),
            None => page.push_str(&with_float_bound(line)),
        }
        page.push('\n');
    }
    page + "# EOF\n"
}

/// `le="5"` as `le="5.0"`.
fn with_float_bound(line: &str) -> String {
    let Some((labels, bound, rest)) = line
        .split_once("le=\"")
        .and_then(|(labels, bound)| bound.split_once('"').map(|(bound, rest)| (labels, bound, rest)))
        .filter(|(_, bound, _)| bound.bytes().all(|byte| byte.is_ascii_digit()))
    else {
        return line.to_owned();
    };
    format!("{labels}le=\"{bound}.0\"{rest}")
}
