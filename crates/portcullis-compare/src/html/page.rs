use askama::Template;

use crate::{
    Answers, Comparison, STYLE,
    chart::Chart,
    html::question::{self, Advice, Question},
};

impl Comparison {
    /// One page, whole in itself: no script, and nothing that a browser would load.
    ///
    /// The three questions are answered in the page; with `answers` they are answered so at first.
    ///
    /// # Example
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), portcullis_compare::CompareError> {
    /// use portcullis_compare::{Settings, compare};
    ///
    /// let comparison = compare(&Settings::default().with_rounds(1), |_progress| {}).await?;
    /// let page = comparison.to_html(None);
    /// assert!(page.starts_with("<!doctype html>"));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn to_html(&self, answers: Option<Answers>) -> String {
        let page = Page {
            comparison: self,
            charts: Chart::all(&self.rows),
            questions: question::all(answers),
            advice: question::advice(self, answers),
            styles: [STYLE, PAGE_STYLE],
        };
        page.to_string()
    }
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    comparison: &'a Comparison,
    charts: Vec<Chart>,
    questions: [Question; 3],
    advice: Vec<Advice<'a>>,
    styles: [&'static str; 2],
}

/// What is around the section: the page itself, the questions and the recommendations.
const PAGE_STYLE: &str = include_str!("../../templates/page.css");
