//! The command line: one command, and a flag for each setting.

use crate::config::{SETTINGS, Setting};
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use std::ffi::OsString;
use std::path::PathBuf;

/// What the process is to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Serve until a signal comes.
    Serve,
    /// Ask the server on this machine whether it is alive.
    Healthcheck,
    /// Make the DynamoDB table.
    CreateTable {
        /// An existing table is fine.
        if_not_exists: bool,
    },
    /// Write all records as JSON lines.
    Export {
        /// To this file, else to standard output.
        file: Option<PathBuf>,
    },
    /// Read records as JSON lines.
    Import {
        /// From this file, else from standard input.
        file: Option<PathBuf>,
    },
    /// Check the contract of a running service.
    Smoke {
        /// Its address, such as `http://localhost:8888`.
        base_url: String,
    },
    /// Print the description of the interface.
    Openapi,
}

/// A command line that has been understood.
#[derive(Debug)]
pub struct Cli {
    /// What to do.
    pub command: Command,
    matches: ArgMatches,
}

impl Cli {
    /// Understands a command line, its first word being the program.
    ///
    /// # Errors
    ///
    /// clap's: also for `--help` and `--version`, whose text it holds.
    pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let matches = command().try_get_matches_from(words)?;
        let command = match matches.subcommand() {
            Some(("healthcheck", _)) => Command::Healthcheck,
            Some(("create-table", given)) => Command::CreateTable { if_not_exists: given.get_flag("if-not-exists") },
            Some(("export", given)) => Command::Export { file: given.get_one("file").cloned() },
            Some(("import", given)) => Command::Import { file: given.get_one("file").cloned() },
            Some(("smoke", given)) => {
                Command::Smoke { base_url: given.get_one("base-url").cloned().unwrap_or_default() }
            }
            Some(("openapi", _)) => Command::Openapi,
            _ => Command::Serve,
        };
        Ok(Self { command, matches })
    }

    /// The value of a setting's flag, before or after the command.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<OsString> {
        let after = self.matches.subcommand().and_then(|(_, given)| given.get_one::<OsString>(name));
        after.or_else(|| self.matches.get_one(name)).cloned()
    }
}

fn command() -> clap::Command {
    let command = |name: &'static str, about: &'static str| clap::Command::new(name).about(about);
    clap::Command::new("backend-cloud-app")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A birthday greeting service: PUT and GET /hello/<username>")
        .after_help("Exit status: 0 done, 1 failed, 64 a setting or the command line is wrong.")
        .args(SETTINGS.iter().map(flag))
        .subcommand(command("serve", "Serve until SIGTERM or SIGINT (the default)"))
        .subcommand(command("healthcheck", "Ask the server on this machine whether it is alive: exit 0 or 1"))
        .subcommand(
            command("create-table", "Make the DynamoDB table and wait until it is active").arg(
                Arg::new("if-not-exists")
                    .long("if-not-exists")
                    .action(ArgAction::SetTrue)
                    .help("Accept a table that exists"),
            ),
        )
        .subcommand(
            command("export", "Write all records of the store as JSON lines")
                .arg(file("Where to write them [default: standard output]")),
        )
        .subcommand(
            command("import", "Read records as JSON lines into the store; may be repeated")
                .arg(file("Where to read them [default: standard input]")),
        )
        .subcommand(
            command("smoke", "Check the contract of a running service, a line each: exit 0 or 1")
                .arg(Arg::new("base-url").required(true).help("Its address, such as http://localhost:8888")),
        )
        .subcommand(command("openapi", "Print the OpenAPI description"))
}

fn file(help: &'static str) -> Arg {
    Arg::new("file").value_parser(value_parser!(PathBuf)).help(help)
}

fn flag(setting: &Setting) -> Arg {
    let Setting { variable, default, allowed, help } = setting;
    Arg::new(setting.flag())
        .long(setting.flag())
        .global(true)
        .value_name(*variable)
        .value_parser(value_parser!(OsString))
        .help(format!("{help}: {allowed} [default: {default}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Cli {
        Cli::parse(line.split(' ').map(OsString::from)).unwrap()
    }

    #[test]
    fn clap_finds_nothing_wrong_with_the_definition() {
        command().debug_assert();
    }

    #[test]
    fn the_default_command_is_serve() {
        assert_eq!(parse("backend-cloud-app").command, Command::Serve);
        assert_eq!(parse("backend-cloud-app serve").command, Command::Serve);
    }

    #[test]
    fn a_flag_may_stand_before_or_after_the_command() {
        for line in
            ["backend-cloud-app --port 1 serve", "backend-cloud-app serve --port 1", "backend-cloud-app --port 1"]
        {
            assert_eq!(parse(line).flag("port"), Some(OsString::from("1")), "{line}");
        }
        assert_eq!(parse("backend-cloud-app").flag("port"), None);
    }

    #[test]
    fn every_command_has_its_arguments() {
        let if_not_exists = parse("backend-cloud-app create-table --if-not-exists").command;
        assert_eq!(if_not_exists, Command::CreateTable { if_not_exists: true });
        assert_eq!(parse("backend-cloud-app export").command, Command::Export { file: None });
        let import = parse("backend-cloud-app import users.jsonl").command;
        assert_eq!(import, Command::Import { file: Some(PathBuf::from("users.jsonl")) });
        let smoke = parse("backend-cloud-app smoke http://localhost:1").command;
        assert_eq!(smoke, Command::Smoke { base_url: "http://localhost:1".to_owned() });
    }
}
