use std::{
    env, fmt,
    path::PathBuf,
    process::{Command, Stdio},
};

/// What the trials start beside the server.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    pub(crate) browser: PathBuf,
    pub(crate) driver: PathBuf,
}

/// Why a trial is ignored.
#[derive(Clone, Debug)]
pub(crate) struct Missing(Vec<&'static str>);

impl Programs {
    pub(crate) fn find() -> Result<Self, Missing> {
        let browser = BROWSERS.into_iter().find_map(on_path);
        let driver = on_path(DRIVER);
        match (browser, driver) {
            (Some(browser), Some(driver)) => Ok(Self { browser, driver }),
            (browser, driver) => {
                let absent = [(BROWSERS[0], browser.is_none()), (DRIVER, driver.is_none())];
                let names = absent.into_iter().filter(|(_, absent)| *absent);
                Err(Missing(names.map(|(name, _)| name).collect()))
            }
        }
    }

    /// The same for trials that ask npm for a package.
    pub(crate) fn with_npm(found: &Result<Self, Missing>) -> Result<Self, Missing> {
        match (found.clone(), on_path(NPM)) {
            (found, Some(_)) => found,
            (Ok(_), None) => Err(Missing(vec![NPM])),
            (Err(Missing(names)), None) => Err(Missing([names, vec![NPM]].concat())),
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the browser tests need {}: none on the PATH that starts. `cargo xtask test` installs it on Debian and Ubuntu as \
             root, and says elsewhere how to get it",
            self.0.join(" and ")
        )
    }
}

/// Where the program `name` is, if it starts. The driver wants a path for the browser.
fn on_path(name: &'static str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "a program reads its environment, here and nowhere else")]
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(name)).find(|program| {
        let version =
            Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        version.is_ok_and(|status| status.success())
    })
}

/// The names the browser goes by, as in `xtask`.
const BROWSERS: [&str; 3] = ["chromium", "google-chrome", "chromium-browser"];
const DRIVER: &str = "chromedriver";
const NPM: &str = "npm";
