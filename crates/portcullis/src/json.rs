//! Reads what a token holds more strictly than JSON parsers do: names that are unique, nesting that is bounded, and no text that two
//! parsers could take for different things. It builds nothing; whoever asks gets slices of the text.

mod names;
mod scanner;
mod text;

pub(crate) use scanner::{JsonError, Value, elements, members};
pub(crate) use text::Text;

#[cfg(test)]
mod tests;
