//! A comparison as a page of its own, or as a part of another.

mod advice;
mod cost;
mod page;
mod section;

pub use section::STYLE;

#[cfg(test)]
mod tests;
