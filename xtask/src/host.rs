use std::fs;

use crate::command_line::CommandLine;

/// Where programs come from on this machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Supply {
    /// apt-get, and we may use it.
    Apt(Distribution),
    /// apt-get, but only root may use it.
    AptForRoot(Distribution),
    /// Something xtask does not drive.
    Unknown,
}

/// The two name the browser's packages differently.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Distribution {
    Debian,
    Ubuntu,
}

impl Supply {
    /// Looks at the machine.
    pub(crate) fn here() -> Self {
        let Ok(os_release) = fs::read_to_string("/etc/os-release") else {
            return Self::Unknown;
        };
        let Some(distribution) = Distribution::of(&os_release) else {
            return Self::Unknown;
        };
        if !CommandLine::new("apt-get", &["--version"]).succeeds() {
            return Self::Unknown;
        }
        match CommandLine::new("id", &["-u"]).output() {
            Ok(uid) if uid.trim() == "0" => Self::Apt(distribution),
            _ => Self::AptForRoot(distribution),
        }
    }
}

impl Distribution {
    /// Reads os-release(5): `ID`, and `ID_LIKE` for those derived from one of the two.
    fn of(os_release: &str) -> Option<Self> {
        let names: Vec<&str> = os_release
            .lines()
            .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
            .flat_map(|value| value.trim_matches(['"', '\'']).split_whitespace())
            .collect();
        if names.contains(&"ubuntu") {
            Some(Self::Ubuntu)
        } else if names.contains(&"debian") {
            Some(Self::Debian)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_distributions_apart() {
        let rows = [
            ("debian", "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n", Some(Distribution::Debian)),
            ("ubuntu", "ID=ubuntu\nID_LIKE=debian\n", Some(Distribution::Ubuntu)),
            ("derived", "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", Some(Distribution::Ubuntu)),
            ("derived", "ID='kali'\nID_LIKE='debian'\n", Some(Distribution::Debian)),
            ("another", "ID=fedora\nVERSION_ID=42\n", None),
            ("only the name", "PRETTY_NAME=\"not debian\"\nID=arch\n", None),
            ("empty", "", None),
        ];
        for (name, os_release, expected) in rows {
            assert_eq!(Distribution::of(os_release), expected, "{name}");
        }
    }
}
