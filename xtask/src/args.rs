use std::ffi::OsString;

use crate::Failure;

/// The words of a command line that are not yet accounted for.
pub struct Args(Vec<OsString>);

impl Args {
    pub fn new(words: impl Iterator<Item = OsString>) -> Args {
        Args(words.collect())
    }

    /// Was `--name` given?
    pub fn flag(&mut self, name: &str) -> bool {
        let found = self.0.iter().position(|word| word == name);
        found.map(|i| self.0.remove(i)).is_some()
    }

    /// The value after `--name`.
    pub fn value(&mut self, name: &str) -> Result<Option<OsString>, Failure> {
        let Some(i) = self.0.iter().position(|word| word == name) else { return Ok(None) };
        self.0.remove(i);
        if i == self.0.len() {
            return Err(format!("{name} needs a value").into());
        }
        Ok(Some(self.0.remove(i)))
    }

    /// The next word that is not an option, which is called `what`.
    pub fn word(&mut self, what: &str) -> Result<OsString, Failure> {
        if self.0.is_empty() {
            return Err(format!("{what} is missing").into());
        }
        Ok(self.0.remove(0))
    }

    /// Nothing may be left over.
    pub fn end(self) -> Result<(), Failure> {
        match self.0.first() {
            None => Ok(()),
            Some(word) => Err(format!("`{}` is not understood here", word.display()).into()),
        }
    }
}
