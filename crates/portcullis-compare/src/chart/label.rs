use crate::{Kind, Row};

/// What a row is called in a plot: its name and its kind, as one line that fits.
///
/// A name may hold the whole URL of a store. Of one that is too long the middle is left out: the table has all of it.
pub(crate) fn of(row: &Row) -> String {
    let kind = match row.kind {
        // Its name begins with it.
        Kind::Session => String::new(),
        kind => format!(" · {}", kind.title()),
    };
    format!("{}{kind}", shortened(&row.name))
}

fn shortened(name: &str) -> String {
    let count = name.chars().count();
    if count <= MOST {
        return name.to_owned();
    }
    let half = MOST / 2;
    let head: String = name.chars().take(half).collect();
    let tail: String = name.chars().skip(count - half + 1).collect();
    format!("{head}…{tail}")
}

/// So many letters fit, if they are not all wide ones.
const MOST: usize = 62;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_fits_is_whole_and_of_a_longer_one_both_ends_are() {
        let fits = "session in redis+cluster://a.example:6379,b.example:6379";
        assert_eq!(shortened(fits), fits);
        let long = format!("session in redis+cluster://{}z.example:6379", "a.example:6379,".repeat(9));
        let shown = shortened(&long);
        assert_eq!(shown.chars().count(), MOST);
        assert!(shown.starts_with("session in redis+cluster://a.ex") && shown.ends_with("z.example:6379"));
    }

    #[test]
    fn letters_of_several_bytes_are_not_taken_apart() {
        let shown = shortened(&"ß→日".repeat(40));
        assert_eq!(shown.chars().count(), MOST);
    }
}
