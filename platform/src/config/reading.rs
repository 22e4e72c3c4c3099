//! Turns the text of one variable into a value, and collects everything that is wrong instead of stopping at the first mistake.

use std::fmt;

use super::variables::{VARIABLES, Variable};

/// One thing wrong with the environment: which variable, what was found there, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub variable: &'static str,
    pub found: String,
    pub cure: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: found {}; {}", self.variable, self.found, self.cure)
    }
}

/// Reads variables by name from `lookup` and remembers the problems met.
pub struct Reader<'a, Lookup> {
    lookup: &'a Lookup,
    pub problems: Vec<Problem>,
}

impl<'a, Lookup: Fn(&str) -> Option<String>> Reader<'a, Lookup> {
    pub fn new(lookup: &'a Lookup) -> Self {
        Reader { lookup, problems: Vec::new() }
    }

    /// The value of `name` passed through `parse`, whose error says what would have been right.
    /// `None` means that a problem has been noted; it never means "absent".
    pub fn read<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let variable = variable(name);
        let text = self.text(variable)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(cure) => {
                self.note(variable, describe(variable, &text), cure);
                None
            }
        }
    }

    fn text(&mut self, variable: &'static Variable) -> Option<String> {
        // An empty variable counts as absent: that is how templates and shells leave out a value.
        let given = |name: &str| (self.lookup)(name).filter(|text| !text.is_empty());
        let direct = given(variable.name);
        let file_name = format!("{}_FILE", variable.name);
        let file = if variable.secret { given(&file_name) } else { None };
        match (direct, file) {
            (Some(_), Some(_)) => {
                self.note(variable, format!("a value here and one in {file_name}"), "keep only one of the two".into());
                None
            }
            (Some(text), None) => Some(text),
            (None, Some(path)) => match std::fs::read_to_string(&path) {
                Ok(text) => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
                Err(error) => {
                    let cure = format!("make {file_name} name a file this process can read");
                    self.note(variable, format!("{path:?}, which cannot be read ({error})"), cure);
                    None
                }
            },
            (None, None) => match variable.default {
                Some(default) => Some(default.to_owned()),
                None => {
                    let or_file = if variable.secret { format!(" (or {file_name})") } else { String::new() };
                    let cure = format!("set {}{or_file}: {} [{}]", variable.name, variable.help, variable.unit);
                    self.note(variable, "nothing".into(), cure);
                    None
                }
            },
        }
    }

    fn note(&mut self, variable: &'static Variable, found: String, cure: String) {
        self.problems.push(Problem { variable: variable.name, found, cure });
    }
}

fn variable(name: &str) -> &'static Variable {
    VARIABLES.iter().find(|variable| variable.name == name).expect("every variable that is read stands in VARIABLES")
}

/// A secret is described by its length only: enough to see an empty file or a truncated paste.
fn describe(variable: &Variable, text: &str) -> String {
    if variable.secret { format!("a secret of {} characters", text.chars().count()) } else { format!("{text:?}") }
}
