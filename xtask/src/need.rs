use crate::host::{Distribution, Supply};

/// A program some tests start.
#[derive(Debug, PartialEq)]
pub(crate) struct Need {
    /// The names it goes by; any of them will do.
    pub(crate) programs: &'static [&'static str],
    pub(crate) trial: Trial,
    debian: &'static str,
    ubuntu: &'static str,
    elsewhere: &'static str,
}

/// How a program is tried.
#[derive(Debug, PartialEq)]
pub(crate) struct Trial {
    pub(crate) arguments: &'static [&'static str],
    /// What it does if that succeeds.
    shows: &'static str,
}

pub(crate) static NEEDS: [Need; 8] = [
    Need {
        programs: &["chromium", "google-chrome", "chromium-browser"],
        trial: STARTS,
        debian: "chromium",
        ubuntu: "chromium-browser",
        elsewhere: "Fedora: dnf install chromium; Arch: pacman -S chromium; \
                    others: https://googlechromelabs.github.io/chrome-for-testing/",
    },
    Need {
        programs: &["chromedriver"],
        trial: STARTS,
        debian: "chromium-driver",
        ubuntu: "chromium-chromedriver",
        elsewhere: "Fedora: dnf install chromedriver; Arch: comes with chromium; \
                    others: https://googlechromelabs.github.io/chrome-for-testing/, in the browser's version",
    },
    Need {
        programs: &["curl"],
        trial: STARTS,
        debian: "curl",
        ubuntu: "curl",
        elsewhere: "https://curl.se/download.html",
    },
    Need {
        programs: &["npm"],
        trial: STARTS,
        debian: "npm",
        ubuntu: "npm",
        elsewhere: "Fedora: dnf install nodejs-npm; Arch: pacman -S npm; others: https://nodejs.org/en/download",
    },
    Need {
        programs: &["python3"],
        trial: MAKES_ENVIRONMENTS,
        debian: "python3-venv",
        ubuntu: "python3-venv",
        elsewhere: "Fedora: dnf install python3; Arch: pacman -S python; others: https://www.python.org/downloads/",
    },
    Need {
        programs: &["postgres"],
        trial: STARTS,
        debian: "postgresql",
        ubuntu: "postgresql",
        elsewhere: "Fedora: dnf install postgresql-server; Arch: pacman -S postgresql; others: https://www.postgresql.org/download/",
    },
    Need {
        programs: &["mariadbd"],
        trial: STARTS,
        debian: "mariadb-server",
        ubuntu: "mariadb-server",
        elsewhere: "Fedora: dnf install mariadb-server; Arch: pacman -S mariadb; others: https://mariadb.org/download/",
    },
    Need {
        programs: &["redis-server"],
        trial: STARTS,
        debian: "redis-server",
        ubuntu: "redis-server",
        elsewhere: "Fedora: dnf install redis; Arch: pacman -S valkey, then a link of the older name; others: https://redis.io/downloads/",
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

/// The needs none of whose programs `works` when it is tried.
pub(crate) fn missing(
    needs: &'static [Need],
    works: impl Fn(&'static str, &'static Trial) -> bool,
) -> Vec<&'static Need> {
    needs.iter().filter(|need| !need.programs.iter().any(|program| works(program, &need.trial))).collect()
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
        let Need { programs, trial, .. } = need;
        text.push_str(&format!(
            "\n  {}: none on the PATH that {}. {how}",
            programs.join(" or "),
            trial.shows
        ));
    }
    text
}

/// The first name of each, for one line of the summary.
pub(crate) fn names(needs: &[&Need]) -> String {
    let names: Vec<&str> = needs.iter().filter_map(|need| need.programs.first().copied()).collect();
    names.join(", ")
}

/// Started, not only looked for: Ubuntu's packages are launchers that may have nothing to launch.
const STARTS: Trial = Trial { arguments: &["--version"], shows: "starts" };
/// Debian's python3 alone makes no environment with pip in it.
const MAKES_ENVIRONMENTS: Trial = Trial {
    arguments: &["-c", "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))"],
    shows: "is 3.10 or later and makes environments (venv)",
};

#[cfg(test)]
mod tests {
    use super::*;

    fn missing_with(present: &[&str]) -> Vec<&'static Need> {
        missing(&NEEDS, |program, _| present.contains(&program))
    }

    #[test]
    fn installs_what_is_missing_and_nothing_else() {
        use Distribution::{Debian, Ubuntu};
        use Remedy::{Install, Nothing};

        let rows = [
            (
                &[] as &[&str],
                Debian,
                Install(vec![
                    "chromium",
                    "chromium-driver",
                    "curl",
                    "npm",
                    "python3-venv",
                    "postgresql",
                    "mariadb-server",
                    "redis-server",
                ]),
            ),
            (
                &[],
                Ubuntu,
                Install(vec![
                    "chromium-browser",
                    "chromium-chromedriver",
                    "curl",
                    "npm",
                    "python3-venv",
                    "postgresql",
                    "mariadb-server",
                    "redis-server",
                ]),
            ),
            (
                &["curl", "npm", "python3", "postgres", "mariadbd", "redis-server"],
                Debian,
                Install(vec!["chromium", "chromium-driver"]),
            ),
            (
                &["curl", "google-chrome", "npm", "python3", "postgres", "mariadbd", "redis-server"],
                Debian,
                Install(vec!["chromium-driver"]),
            ),
            (
                &["curl", "chromium", "chromedriver", "postgres", "mariadbd", "redis-server"],
                Debian,
                Install(vec!["npm", "python3-venv"]),
            ),
            (
                &[
                    "curl",
                    "chromium-browser",
                    "chromedriver",
                    "npm",
                    "python3",
                    "postgres",
                    "mariadbd",
                    "redis-server",
                ],
                Ubuntu,
                Nothing,
            ),
            (
                &[
                    "curl",
                    "chromium",
                    "chromedriver",
                    "npm",
                    "python3",
                    "postgres",
                    "mariadbd",
                    "redis-server",
                ],
                Debian,
                Nothing,
            ),
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
            let Remedy::Tell(text) = remedy(
                &missing_with(&[
                    "curl",
                    "google-chrome",
                    "npm",
                    "python3",
                    "postgres",
                    "mariadbd",
                    "redis-server",
                ]),
                supply,
            ) else {
                panic!("{supply:?} must tell");
            };
            assert!(text.contains("\n  chromedriver: "), "{text}");
            assert!(text.contains(how), "{text}");
            assert!(!text.contains("curl: ") && !text.contains("chromium or"), "{text}");
        }
    }

    #[test]
    fn tells_nothing_when_nothing_is_missing() {
        let missing = missing_with(&[
            "chromium",
            "chromedriver",
            "curl",
            "npm",
            "python3",
            "postgres",
            "mariadbd",
            "redis-server",
        ]);
        assert_eq!(remedy(&missing, Supply::Unknown), Remedy::Nothing);
    }

    #[test]
    fn a_python_that_makes_no_environments_counts_as_none() {
        let missing = missing(&NEEDS, |program, trial| program != "python3" || *trial == STARTS);
        assert_eq!(
            remedy(&missing, Supply::Apt(Distribution::Debian)),
            Remedy::Install(vec!["python3-venv"])
        );
        let text = advice(&missing, Supply::Unknown);
        assert!(text.contains("\n  python3: none on the PATH that is 3.10"), "{text}");
    }

    #[test]
    fn names_each_by_its_first_name() {
        assert_eq!(
            names(&missing_with(&["curl"])),
            "chromium, chromedriver, npm, python3, postgres, mariadbd, redis-server"
        );
    }
}
