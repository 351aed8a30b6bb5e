//! Prints the OpenAPI document as it is published: without anything that only one operator knows.

use std::io::{self, Write as _};

use anyhow::Context as _;
use runtime::config::{Environment, Settings};

fn main() -> anyhow::Result<()> {
    let settings = Settings::load(&Environment::default()).context("the defaults are wrong")?;
    let document = creditors_web::openapi::document(&settings.web)?;
    writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&document)?)?;
    Ok(())
}
