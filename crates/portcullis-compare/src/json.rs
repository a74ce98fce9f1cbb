use serde::Serialize;

use crate::{Comparison, Questions, Recommendation};

impl Comparison {
    /// The comparison as one JSON object, with the recommendations that the answers to `questions` leave open: `{"portcullis":…,"rows":[{"name":…},…],"differences":[…],"recommendations":[…]}`. Its
    /// schema is `docs/compare.schema.json` in the repository; names in it stay.
    #[must_use]
    pub fn to_json(&self, questions: Questions) -> String {
        #[derive(Serialize)]
        struct Document<'a> {
            #[serde(flatten)]
            comparison: &'a Comparison,
            recommendations: Vec<Recommendation>,
        }
        let document = Document { comparison: self, recommendations: questions.recommendations().collect() };
        // Texts and whole numbers are always written.
        serde_json::to_string(&document).unwrap_or_default()
    }
}
