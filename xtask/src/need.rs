use crate::host::{Distribution, Supply};

/// A program some tests start.
#[derive(Debug, PartialEq)]
pub(crate) struct Need {
    /// The names it goes by; any of them will do.
    pub(crate) programs: &'static [&'static str],
    debian: &'static str,
    ubuntu: &'static str,
    elsewhere: &'static str,
}

pub(crate) static NEEDS: [Need; 4] = [
    Need {
        programs: &["chromium", "google-chrome", "chromium-browser"],
        debian: "chromium",
        ubuntu: "chromium-browser",
        elsewhere: "Fedora: dnf install chromium; Arch: pacman -S chromium; \
                    others: https://googlechromelabs.github.io/chrome-for-testing/",
    },
    Need {
        programs: &["chromedriver"],
        debian: "chromium-driver",
        ubuntu: "chromium-chromedriver",
        elsewhere: "Fedora: dnf install chromedriver; Arch: comes with chromium; \
                    others: https://googlechromelabs.github.io/chrome-for-testing/, in the browser's version",
    },
    Need { programs: &["curl"], debian: "curl", ubuntu: "curl", elsewhere: "https://curl.se/download.html" },
    Need {
        programs: &["npm"],
        debian: "npm",
        ubuntu: "npm",
        elsewhere: "Fedora: dnf install nodejs-npm; Arch: pacman -S npm; others: https://nodejs.org/en/download",
    },
];

impl Need {
    fn package(&self, distribution: Distribution) -> &'static str {
        match distribution {
            Distribution::Debian => self.debian,
            Distribution::Ubuntu => self.ubuntu,
        }
    }
}

/// What to do about missing programs.
#[derive(Debug, PartialEq)]
pub(crate) enum Remedy {
    Nothing,
    Install(Vec<&'static str>),
    /// Only the caller can help: what is missing and how to get it.
    Tell(String),
}

/// The needs none of whose programs `works`.
pub(crate) fn missing(needs: &[Need], works: impl Fn(&'static str) -> bool) -> Vec<&Need> {
    needs.iter().filter(|need| !need.programs.iter().any(|program| works(program))).collect()
}

/// Decides what to do about what is missing.
pub(crate) fn remedy(missing: &[&Need], supply: Supply) -> Remedy {
    if missing.is_empty() {
        return Remedy::Nothing;
    }
    match supply {
        Supply::Apt(distribution) => {
            Remedy::Install(missing.iter().map(|need| need.package(distribution)).collect())
        }
        Supply::AptForRoot(_) | Supply::Unknown => Remedy::Tell(advice(missing, supply)),
    }
}

/// Says by name what is missing and how to get it.
pub(crate) fn advice(missing: &[&Need], supply: Supply) -> String {
    let mut text = String::from("the tests that need these programs will be ignored, or fail with CI=true:");
    for need in missing {
        let how = match supply {
            Supply::Apt(distribution) => format!("apt-get install {}", need.package(distribution)),
            Supply::AptForRoot(distribution) => {
                format!("sudo apt-get install {}", need.package(distribution))
            }
            Supply::Unknown => need.elsewhere.to_owned(),
        };
        text.push_str(&format!("\n  {}: none on the PATH that starts. {how}", need.programs.join(" or ")));
    }
    text
}

/// The first name of each, for one line of the summary.
pub(crate) fn names(needs: &[&Need]) -> String {
    let names: Vec<&str> = needs.iter().filter_map(|need| need.programs.first().copied()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing_with(present: &[&str]) -> Vec<&'static Need> {
        missing(&NEEDS, |program| present.contains(&program))
    }

    #[test]
    fn installs_what_is_missing_and_nothing_else() {
        use Distribution::{Debian, Ubuntu};
        use Remedy::{Install, Nothing};

        let rows = [
            (&[] as &[&str], Debian, Install(vec!["chromium", "chromium-driver", "curl", "npm"])),
            (&[], Ubuntu, Install(vec!["chromium-browser", "chromium-chromedriver", "curl", "npm"])),
            (&["curl", "npm"], Debian, Install(vec!["chromium", "chromium-driver"])),
            (&["curl", "google-chrome", "npm"], Debian, Install(vec!["chromium-driver"])),
            (&["curl", "chromium", "chromedriver"], Debian, Install(vec!["npm"])),
            (&["curl", "chromium-browser", "chromedriver", "npm"], Ubuntu, Nothing),
            (&["curl", "chromium", "chromedriver", "npm"], Debian, Nothing),
        ];
        for (present, distribution, expected) in rows {
            assert_eq!(remedy(&missing_with(present), Supply::Apt(distribution)), expected, "{present:?}");
        }
    }

    #[test]
    fn tells_who_cannot_install_what_is_missing_and_how_to_get_it() {
        let rows = [
            (Supply::AptForRoot(Distribution::Debian), "sudo apt-get install chromium-driver"),
            (Supply::AptForRoot(Distribution::Ubuntu), "sudo apt-get install chromium-chromedriver"),
            (Supply::Unknown, "dnf install chromedriver"),
        ];
        for (supply, how) in rows {
            let Remedy::Tell(text) = remedy(&missing_with(&["curl", "google-chrome", "npm"]), supply) else {
                panic!("{supply:?} must tell");
            };
            assert!(text.contains("\n  chromedriver: "), "{text}");
            assert!(text.contains(how), "{text}");
            assert!(!text.contains("curl: ") && !text.contains("chromium or"), "{text}");
        }
    }

    #[test]
    fn tells_nothing_when_nothing_is_missing() {
        let missing = missing_with(&["chromium", "chromedriver", "curl", "npm"]);
        assert_eq!(remedy(&missing, Supply::Unknown), Remedy::Nothing);
    }

    #[test]
    fn names_each_by_its_first_name() {
        assert_eq!(names(&missing_with(&["curl"])), "chromium, chromedriver, npm");
    }
}
