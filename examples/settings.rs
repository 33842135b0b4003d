//! Prints the table of settings as JSON, for the tests that hold charts and documents in step with it.

use backend_cloud_app::config::SETTINGS;
use serde_json::json;

fn main() {
    let rows: Vec<_> = SETTINGS
        .iter()
        .map(|setting| {
            json!({
                "variable": setting.variable,
                "flag": setting.flag(),
                "default": setting.default,
                "allowed": setting.allowed,
                "help": setting.help,
            })
        })
        .collect();
    println!("{:#}", json!(rows));
}
