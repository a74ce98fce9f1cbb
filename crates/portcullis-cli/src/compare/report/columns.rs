use std::fmt;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// Text in columns, the last of which is wrapped, two spaces in.
pub(super) struct Columns(Table);

impl Columns {
    /// No wider than `width`.
    pub(super) fn new(width: u16) -> Self {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width.saturating_sub(INDENT));
        Self(table)
    }

    pub(super) fn push<const N: usize>(&mut self, cells: [&str; N]) {
        self.0.add_row(cells);
    }

    /// Figures stand under each other: all columns but the first end where the longest ends.
    pub(super) fn align_figures(&mut self) {
        for column in self.0.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, line) in self.0.lines().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{:1$}{2}", "", usize::from(INDENT) - 1, line.trim_end())?;
        }
        Ok(())
    }
}

const INDENT: u16 = 2;
