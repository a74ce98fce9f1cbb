/// How far a comparison has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// How many steps are done.
    pub done: u64,
    /// How many there are.
    pub of: u64,
    /// The row whose turn it is.
    pub row: &'a str,
}
