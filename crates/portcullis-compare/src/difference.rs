use crate::{Kind, Row, shown};

/// Where the differences between `rows` come from: the format, the algorithm, or whoever wrote the code.
pub(crate) fn between(rows: &[Row]) -> Vec<String> {
    let find = |name: &str| rows.iter().find(|row| row.name == name);
    let mut all = Vec::new();
    if let (Some(jwt), Some(paseto)) = (find("EdDSA"), find("v4.public")) {
        all.push(format!(
            "EdDSA and v4.public verify by the same Ed25519 code and the same claims policy, so what is between them is the formats' own: {}. Almost all of the time is the signature's.",
            beside(jwt, paseto)
        ));
    }
    if let (Some(jwt), Some(paseto)) = (find("ES384"), find("v3.public")) {
        all.push(format!(
            "ES384 and v3.public are the same curve and the same code: {}. That ES256 is faster than both is the implementation's doing: its curve has assembler of its own.",
            beside(jwt, paseto)
        ));
    }
    if let (Some(jwt), Some(paseto)) = (find("HS256"), find("v4.local")) {
        all.push(format!(
            "HS256 and v4.local share no algorithm: {}. v4.local also encrypts. SHA-256 is assembler that uses a processor's own instructions where it has them, XChaCha20 and BLAKE2b are vectorised Rust: much of the difference is the implementation's, and not the format's.",
            beside(jwt, paseto)
        ));
    }
    if let (Some(rsa), Some(eddsa)) = (find("RS256"), find("EdDSA")) {
        all.push(format!(
            "RS256 and PS256 take {} as long to issue as EdDSA, and are longer: that is RSA, in whichever format.",
            times(rsa.issue_ns, eddsa.issue_ns)
        ));
    }
    if let (Some(session), Some(shared)) = (find("session in memory"), find("HS256")) {
        all.push(format!(
            "A session in memory takes {} as long to verify as HS256: it looks a record up and checks no signature. Its servers share no memory, though; with a store behind a network, each request waits for it.",
            times(session.verify_ns, shared.verify_ns)
        ));
    }
    if let Some(memory) = find("session in memory") {
        for row in rows.iter().filter(|row| row.kind == Kind::Session && row.name != memory.name) {
            all.push(format!(
                "What {} takes beyond a session in memory ({}) is that store and the way to it.",
                row.name,
                shown::duration_ns(row.verify_ns.saturating_sub(memory.verify_ns))
            ));
        }
    }
    all
}

/// What is between two rows, as far as it can be told from chance.
fn beside(jwt: &Row, paseto: &Row) -> String {
    let is_chance = jwt.verify_ns.abs_diff(paseto.verify_ns) <= jwt.spread + paseto.spread;
    let bytes = match paseto.bytes.cmp(&jwt.bytes) {
        std::cmp::Ordering::Less => format!("{} is {} bytes shorter", paseto.name, jwt.bytes - paseto.bytes),
        std::cmp::Ordering::Equal => String::from("they are equally long"),
        std::cmp::Ordering::Greater => {
            format!("{} is {} bytes longer", paseto.name, paseto.bytes - jwt.bytes)
        }
    };
    if is_chance {
        return format!("{bytes}, and there is no difference in time that could be told from chance");
    }
    let ratio = times(paseto.verify_ns, jwt.verify_ns);
    if paseto.verify_ns > jwt.verify_ns {
        format!("{bytes}, and takes {ratio} as long to verify")
    } else {
        format!("{bytes}, and is verified in {ratio} the time")
    }
}

fn times(one: u64, other: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a ratio is shown with two digits behind the point")]
    let ratio = one as f64 / other.max(1) as f64;
    if ratio < 10.0 { format!("{ratio:.2} times") } else { format!("{ratio:.0} times") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_ed25519(jwt: (usize, u64), paseto: (usize, u64)) -> String {
        let rows = [
            Row::example("EdDSA", Kind::Jwt, jwt.0, jwt.1),
            Row::example("v4.public", Kind::Paseto, paseto.0, paseto.1),
        ];
        let [difference] = &between(&rows)[..] else { panic!("one sentence") };
        difference.clone()
    }

    #[test]
    fn what_is_within_the_spreads_is_called_chance() {
        for (jwt, paseto, said) in [
            ((500, 40_000), (516, 40_020), "16 bytes longer, and there is no difference in time"),
            ((500, 40_020), (500, 40_000), "equally long, and there is no difference in time"),
            ((500, 40_000), (490, 40_021), "10 bytes shorter, and takes 1.00 times as long"),
            ((500, 40_000), (516, 80_000), "16 bytes longer, and takes 2.00 times as long to verify"),
            ((500, 40_000), (516, 10_000), "16 bytes longer, and is verified in 0.25 times the time"),
        ] {
            let difference = of_ed25519(jwt, paseto);
            assert!(difference.contains(said), "{said}: {difference}");
            assert!(difference.contains("the same Ed25519 code"), "{difference}");
        }
    }

    #[test]
    fn what_a_store_takes_is_told_for_each() {
        let rows = [
            Row::example("session in memory", Kind::Session, 72, 1_000),
            Row::example("session in redis://db", Kind::Session, 72, 90_000),
        ];
        let differences = between(&rows);
        assert_eq!(differences.len(), 1, "{differences:?}");
        assert!(
            differences[0].contains("redis://db") && differences[0].contains("89.0 µs"),
            "{differences:?}"
        );
    }

    #[test]
    fn nothing_is_said_of_what_was_not_measured() {
        assert!(between(&[]).is_empty());
    }
}
