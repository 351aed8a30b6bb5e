//! The `--help` text of the variables.

use std::fmt::Write;

use super::{Section, Variable};

/// Names, types, defaults and meanings of the variables of these sections, as shown by `--help`. What developers need
/// has an effect everywhere.
pub fn help(sections: &[Section]) -> String {
    let mut text = String::from("Environment variables:\n");
    let everywhere = [Section::Development].into_iter().filter(|section| !sections.contains(section));
    for section in sections.iter().copied().chain(everywhere) {
        section.listed().for_each(|variable| describe(variable, &mut text));
    }
    text
}

fn describe(variable: &Variable, text: &mut String) {
    let default = match variable.default {
        None => String::new(),
        Some("") => ", default empty".into(),
        Some(default) => format!(", default {default}"),
    };
    let Variable { name, kind, meaning, .. } = variable;
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  {name} ({}{default})\n          {meaning}", kind.name());
}
