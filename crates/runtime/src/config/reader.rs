//! Reads variables of known type and notes every problem.

use std::net::IpAddr;
use std::time::Duration;

use ::config::Config;
use chrono::TimeDelta;

use super::parse::{self, Malformed};
use super::{ConfigError, Environment, Kind, Problem, Secret, SecretUrl, Variable, catalogue};

/// Gives typed values. A value that is not allowed is noted as a [`Problem`] and replaced by a meaningless one, so that
/// the reading can go on and find the other problems: [`Reader::finish`] then refuses the whole.
pub(super) struct Reader {
    config: Config,
    problems: Vec<Problem>,
}

impl Reader {
    /// Collects the declared variables, defaults first. Undeclared ones are not looked at.
    pub(super) fn new(environment: &Environment) -> Result<Self, ConfigError> {
        let mut builder = Config::builder();
        let mut set = ::config::Map::new();
        let mut problems = Vec::new();
        for variable in catalogue() {
            if let Some(default) = variable.default {
                builder = builder.set_default(variable.key(), default)?;
            }
            if let Some(text) = environment.get(variable.name) {
                set.insert(variable.name.to_owned(), text.to_owned());
            } else if environment.is_garbled(variable.name) {
                let allowed = format!("{}, in UTF-8", variable.kind);
                problems.push(Problem { variable: variable.name, held: None, allowed });
            }
        }
        let config = builder.add_source(::config::Environment::default().source(Some(set))).build()?;
        Ok(Self { config, problems })
    }

    /// The value if everything that was read is allowed.
    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigError> {
        if self.problems.is_empty() { Ok(value) } else { Err(ConfigError::Invalid(self.problems)) }
    }

    /// Notes that a variable's value does not fit to another one.
    pub(super) fn refuse(&mut self, variable: &Variable, allowed: impl Into<String>) {
        let text = self.raw(variable).unwrap_or_default();
        self.problems.push(Problem::saying(variable, &text, allowed));
    }

    /// The text as set, or the default, or nothing.
    pub(super) fn raw(&self, variable: &Variable) -> Option<String> {
        self.config.get_string(&variable.key()).ok()
    }

    fn optional<T>(&mut self, variable: &Variable, parse: impl FnOnce(&str) -> Result<T, Malformed>) -> Option<T> {
        let text = self.raw(variable)?;
        let parsed = parse(&text);
        if parsed.is_err() {
            self.problems.push(Problem::of(variable, &text));
        }
        parsed.ok()
    }

    pub(super) fn text(&self, variable: &Variable) -> String {
        self.raw(variable).unwrap_or_default()
    }

    /// `None` for the empty text too.
    pub(super) fn optional_text(&self, variable: &Variable) -> Option<String> {
        self.raw(variable).filter(|text| !text.is_empty())
    }

    pub(super) fn secret(&self, variable: &Variable) -> Secret<String> {
        Secret::new(self.text(variable))
    }

    /// `None` only if it is not set: an empty secret is one too.
    pub(super) fn optional_secret(&self, variable: &Variable) -> Option<Secret<String>> {
        self.raw(variable).map(Secret::new)
    }

    pub(super) fn url(&self, variable: &Variable) -> SecretUrl {
        SecretUrl::new(self.text(variable))
    }

    /// `None` for the empty text too.
    pub(super) fn optional_url(&self, variable: &Variable) -> Option<SecretUrl> {
        self.optional_text(variable).map(SecretUrl::new)
    }

    pub(super) fn optional_int<T: TryFrom<i64>>(&mut self, variable: &Variable) -> Option<T> {
        let Kind::Int(min, max) = variable.kind else { return self.mistyped(variable) };
        self.optional(variable, |text| {
            let number = parse::int(text)?;
            if !(min..=max).contains(&number) {
                return Err(Malformed);
            }
            T::try_from(number).or(Err(Malformed))
        })
    }

    pub(super) fn int<T: TryFrom<i64> + Default>(&mut self, variable: &Variable) -> T {
        self.optional_int(variable).unwrap_or_default()
    }

    pub(super) fn float(&mut self, variable: &Variable) -> f64 {
        let Kind::Float(min, max) = variable.kind else { return self.mistyped(variable).unwrap_or_default() };
        let in_range = |number: &f64| (min..=max).contains(number);
        let parsed = self.optional(variable, |text| parse::float(text).ok().filter(in_range).ok_or(Malformed));
        parsed.unwrap_or_default()
    }

    /// A span of time that cannot be negative, from a number of `unit`s.
    pub(super) fn duration(&mut self, variable: &Variable, unit: Duration) -> Duration {
        let number = self.float(variable);
        if let Ok(duration) = Duration::try_from_secs_f64(number * unit.as_secs_f64()) {
            return duration;
        }
        self.refuse(variable, "a number that is not negative and not that large");
        Duration::ZERO
    }

    /// A span of time of either sign, from a number of `unit`s, to the microsecond.
    pub(super) fn span(&mut self, variable: &Variable, unit: Duration) -> TimeDelta {
        let microseconds = self.float(variable) * unit.as_secs_f64() * 1e6;
        #[expect(clippy::cast_possible_truncation, reason = "the limits of the variables keep far away from 2⁶³")]
        TimeDelta::microseconds(microseconds.round() as i64)
    }

    pub(super) fn boolean(&self, variable: &Variable) -> bool {
        parse::boolean(&self.text(variable))
    }

    /// `None` if it is malformed, so that it is not compared with another one.
    pub(super) fn id(&mut self, variable: &Variable) -> Option<i64> {
        self.optional(variable, parse::id)
    }

    pub(super) fn routing_key(&mut self, variable: &Variable) -> String {
        self.optional(variable, |text| parse::routing_key(text).map(str::to_owned)).unwrap_or_default()
    }

    pub(super) fn address(&mut self, variable: &Variable) -> IpAddr {
        let parsed = self.optional(variable, |text| text.trim().parse().or(Err(Malformed)));
        parsed.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST))
    }

    /// The words that were chosen among those of the declaration; none if what is there is not allowed.
    pub(super) fn words(&mut self, variable: &Variable) -> Vec<&'static str> {
        let chosen = match variable.kind {
            Kind::Word(words) => self.optional(variable, |text| Ok(vec![parse::word(text, words)?])),
            Kind::WordAnyCase(words) => self.optional(variable, |text| Ok(vec![parse::word_any_case(text, words)?])),
            Kind::Words(words) => self.optional(variable, |text| parse::words(text, words)),
            _ => self.mistyped(variable),
        };
        chosen.unwrap_or_default()
    }

    /// A declaration of another type than the one it is read as: refused at every start, so never delivered.
    fn mistyped<T>(&mut self, variable: &Variable) -> Option<T> {
        self.refuse(variable, "(this variable is declared as another type than it is used)");
        None
    }
}
