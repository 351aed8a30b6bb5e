//! The `--help` text of the variables.

use std::fmt::Write;

use super::{Section, Variable};

/// Names, types, defaults and meanings of the variables of these sections, as shown by `--help`.
pub fn help(sections: &[Section]) -> String {
    let mut text = String::from("Environment variables:\n");
    for section in sections {
        for variable in section.variables() {
            describe(variable, &mut text);
        }
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
