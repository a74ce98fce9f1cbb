//! What was measured, drawn: one plot for each quantity, one line for each row.

mod draw;
mod label;
mod paint;
mod scale;

pub(crate) use draw::Chart;
