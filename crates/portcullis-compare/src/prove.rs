use crate::{
    CompareError,
    contender::{Entry, Presented},
};

/// A credential that its layer accepts, and refuses with any one letter changed.
///
/// # Errors
///
/// The layer refuses its own credential, or accepts a changed one: neither may be measured.
pub(crate) async fn prove(entry: &Entry) -> Result<Presented, CompareError> {
    let presented = entry.contender.credential().await?;
    if !entry.contender.accepts(&presented).await? {
        return Err(CompareError::refused(&entry.name, "the layer refuses what was made for it"));
    }
    for at in 0..presented.letters() {
        let changed = presented
            .changed_at(at)
            .ok_or_else(|| CompareError::refused(&entry.name, "it cannot be changed"))?;
        if entry.contender.accepts(&changed).await? {
            return Err(CompareError::Accepted { row: entry.name.clone(), at });
        }
    }
    Ok(presented)
}
