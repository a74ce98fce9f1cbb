use askama::Template;

use crate::{Comparison, chart::Chart};

/// The style sheet of [`Comparison::to_html_section`], for a site to serve under its own policy.
///
/// Every rule is for what is inside of an element of class `comparison`. Light or dark is as the page around it says by `color-scheme`.
pub const STYLE: &str = include_str!("../../templates/comparison.css");

impl Comparison {
    /// The figures, the plots and what they mean, for a page of a site's own: one element of class `comparison`, with headings from `h2` on.
    ///
    /// There is no script in it, no style and no `style` attribute, so a site's policy may refuse them; [`STYLE`] is the style sheet that goes with it.
    ///
    /// # Example
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), portcullis_compare::CompareError> {
    /// use portcullis_compare::{Settings, compare};
    ///
    /// let comparison = compare(&Settings::default().with_rounds(3), |_progress| {}).await?;
    /// assert!(comparison.to_html_section().contains(r#"<tr data-row="EdDSA">"#));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn to_html_section(&self) -> String {
        Section { comparison: self, charts: Chart::all(&self.rows) }.to_string()
    }
}

#[derive(Template)]
#[template(path = "section.html")]
struct Section<'a> {
    comparison: &'a Comparison,
    charts: Vec<Chart>,
}
