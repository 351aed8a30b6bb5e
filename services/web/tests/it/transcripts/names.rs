//! Values that differ from run to run, and have names: `<captured:NAME>`, `<captured:NAME+K>`.

use std::collections::HashMap;

use super::exact::Exact;

const BEGIN: &str = "<captured:";

/// The values found so far.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<String, Exact>);

/// A name, and what is to be added to its value.
#[derive(Clone, Copy)]
struct Reference<'a> {
    name: &'a str,
    plus: Option<i128>,
}

impl<'a> Reference<'a> {
    /// The whole text is a placeholder.
    fn whole(text: &'a str) -> Option<Self> {
        let inner = text.strip_prefix(BEGIN)?.strip_suffix('>')?;
        (!inner.contains('>')).then(|| Self::new(inner))
    }

    fn new(inner: &'a str) -> Self {
        let sum = inner.rsplit_once('+').and_then(|(name, plus)| Some((name, plus.parse().ok()?)));
        sum.map_or(Self { name: inner, plus: None }, |(name, plus)| Self { name, plus: Some(plus) })
    }
}

impl Names {
    /// Gives values to the names in `expected` that have none yet.
    pub(crate) fn bind(&mut self, expected: &Exact, actual: &Exact) {
        match (expected, actual) {
            (Exact::Text(text), actual) => {
                if let Some(Reference { name, plus: None }) = Reference::whole(text)
                    && !matches!(actual, Exact::Array(_) | Exact::Object(_))
                {
                    self.0.entry(name.to_owned()).or_insert_with(|| actual.clone());
                }
            }
            (Exact::Array(expected), Exact::Array(actual)) => {
                expected.iter().zip(actual).for_each(|(expected, actual)| self.bind(expected, actual));
            }
            (Exact::Object(expected), Exact::Object(actual)) => {
                for (name, expected) in expected {
                    actual.get(name).into_iter().for_each(|actual| self.bind(expected, actual));
                }
            }
            _ => {}
        }
    }

    /// The value of a text that is a placeholder as a whole. `None`: it is not.
    pub(crate) fn whole(&self, text: &str) -> Option<Result<Exact, String>> {
        Reference::whole(text).map(|reference| self.value(reference))
    }

    /// The integer with that name.
    pub(crate) fn number(&self, name: &str) -> Option<i128> {
        self.0.get(name)?.integer()
    }

    /// The value with all placeholders replaced, also those that are parts of strings.
    pub(crate) fn fill(&self, value: &Exact) -> Result<Exact, String> {
        Ok(match value {
            Exact::Text(text) => match self.whole(text) {
                Some(value) => value?,
                None => Exact::Text(self.fill_text(text)?),
            },
            Exact::Array(items) => Exact::Array(items.iter().map(|item| self.fill(item)).collect::<Result<_, _>>()?),
            Exact::Object(members) => {
                let filled = members.iter().map(|(name, member)| Ok((name.clone(), self.fill(member)?)));
                Exact::Object(filled.collect::<Result<_, String>>()?)
            }
            other => other.clone(),
        })
    }

    /// The text with all placeholders replaced by the texts of their values.
    pub(crate) fn fill_text(&self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(BEGIN) {
            let (inner, after) = after.split_once('>').ok_or_else(|| format!("{text} has no end"))?;
            filled.push_str(before);
            match self.value(Reference::new(inner))? {
                Exact::Text(text) => filled.push_str(&text),
                other => filled.push_str(&other.to_string()),
            }
            rest = after;
        }
        Ok(filled + rest)
    }

    fn value(&self, Reference { name, plus }: Reference<'_>) -> Result<Exact, String> {
        let value = self.0.get(name).ok_or_else(|| format!("nothing is known of {name}"))?;
        let Some(plus) = plus else { return Ok(value.clone()) };
        let number = value.integer().ok_or_else(|| format!("{name} is {value}, which is no integer"))?;
        Ok(Exact::Number((number + plus).to_string()))
    }
}
