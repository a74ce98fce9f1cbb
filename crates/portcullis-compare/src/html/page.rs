use askama::Template;

use crate::{
    Comparison, Question, Questions, STYLE,
    chart::Chart,
    html::advice::{Advice, advice},
};

impl Comparison {
    /// One page, whole in itself: no script, and nothing that a browser would load.
    ///
    /// The three questions are answered in the page, and at first as they are in `questions`.
    ///
    /// # Example
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), portcullis_compare::CompareError> {
    /// use portcullis_compare::{Questions, Settings, compare};
    ///
    /// let comparison = compare(&Settings::default().with_rounds(3), |_progress| {}).await?;
    /// let page = comparison.to_html(Questions::default());
    /// assert!(page.starts_with("<!doctype html>"));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn to_html(&self, questions: Questions) -> String {
        let page = Page {
            comparison: self,
            charts: Chart::all(&self.rows),
            questions: questions.asked(),
            advice: advice(self, questions.answers()),
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
