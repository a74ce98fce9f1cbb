//! The vectors, where they lie. Without them a test fails: that it was not run must not look as if it had passed.

use std::fs;

use serde_json::Value;

/// The file `name`, beside the repository.
pub(crate) fn read(name: &str) -> Value {
    let path = format!("{}/../../shared/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("the vectors `{name}` are not beside the repository: {error}"));
    serde_json::from_str(&text).unwrap()
}
