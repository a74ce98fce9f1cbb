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

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use async_trait::async_trait;
    use http::HeaderName;

    use super::*;
    use crate::{Facts, Kind, contender::Contend};

    /// A contender whose layer accepts what its function does.
    struct Gate(fn(&Presented) -> bool);

    #[async_trait]
    impl Contend for Gate {
        async fn credential(&self) -> Result<Presented, CompareError> {
            Ok(Presented::new(HeaderName::from_static("authorization"), "Bearer ", "abcdef").unwrap())
        }

        async fn accepts(&self, presented: &Presented) -> Result<bool, CompareError> {
            Ok(self.0(presented))
        }

        async fn issue(&self, _: u32) -> Result<Duration, CompareError> {
            panic!("nothing is timed before it is proved")
        }

        async fn verify(&self, _: &Presented, _: u32) -> Result<Duration, CompareError> {
            panic!("nothing is timed before it is proved")
        }

        async fn trips(&self) -> Result<u32, CompareError> {
            panic!("nothing is counted before it is proved")
        }

        fn in_flight(&self) -> usize {
            1
        }

        async fn tidy(&self) -> Result<(), CompareError> {
            Ok(())
        }

        async fn end(&self) -> Result<(), CompareError> {
            Ok(())
        }
    }

    async fn proved(accepts: fn(&Presented) -> bool) -> Result<Presented, CompareError> {
        let entry = Entry {
            name: String::from("a row"),
            kind: Kind::Session,
            facts: Facts::of_session_in_memory(),
            contender: Arc::new(Gate(accepts)),
        };
        prove(&entry).await
    }

    fn is_unchanged(presented: &Presented) -> bool {
        presented.request().headers()["authorization"] == "Bearer abcdef"
    }

    #[tokio::test]
    async fn what_is_refused_only_when_changed_is_proved() {
        assert!(proved(is_unchanged).await.is_ok());
    }

    #[tokio::test]
    async fn what_is_accepted_although_its_last_letter_was_changed_is_not_measured() {
        let error = proved(|presented| {
            presented.request().headers()["authorization"].as_bytes().starts_with(b"Bearer abcde")
        });
        assert!(matches!(error.await, Err(CompareError::Accepted { at: 5, .. })));
        assert!(matches!(proved(|_| true).await, Err(CompareError::Accepted { at: 0, .. })));
    }

    #[tokio::test]
    async fn what_its_own_layer_refuses_is_not_measured() {
        assert!(matches!(proved(|_| false).await, Err(CompareError::Refused { .. })));
    }
}
