use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::{self, Command, Output, Stdio},
    sync::LazyLock,
};

/// An environment of Python with all of `requirements.txt`.
pub(crate) fn python() -> Result<&'static Path, String> {
    static MADE: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
        // An environment is for one Python, and needs it for as long as it lives.
        let which =
            run(Command::new("python3").args(["-c", "import sys; print(sys.version, sys.executable)"]))?;
        made_once("python", &[REQUIREMENTS, &which], |own| {
            let requirements = own.join("requirements.txt");
            write(&requirements, REQUIREMENTS)?;
            run(Command::new("python3").args(["-m", "venv"]).arg(own))?;
            let mut pip = Command::new(own.join("bin/python"));
            // Wheels alone: nothing is built here, and nothing of the packages runs before it is asked.
            pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]);
            pip.args(["--require-hashes", "--only-binary=:all:", "--no-deps", "--retries=2", "--timeout=20"]);
            run(pip.arg("--requirement").arg(requirements))
        })
    });
    MADE.as_deref().map_err(Clone::clone)
}

/// A directory from which JavaScript imports all of `package-lock.json`.
pub(crate) fn node() -> Result<&'static Path, String> {
    static MADE: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
        made_once("node", &[PACKAGE, PACKAGE_LOCK], |own| {
            write(&own.join("package.json"), PACKAGE)?;
            write(&own.join("package-lock.json"), PACKAGE_LOCK)?;
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
            // By itself it would wait for minutes.
            npm.args(["--fetch-retries=2", "--fetch-retry-mintimeout=2000", "--fetch-timeout=20000"]);
            run(npm.current_dir(own))
        })
    });
    MADE.as_deref().map_err(Clone::clone)
}

/// A directory of the target directory that holds what `make` puts there, which follows from `inputs`.
///
/// Several processes may make it at once, each its own; the first that is ready gives it its name, so whoever sees the name sees all of it.
fn made_once(
    name: &str,
    inputs: &[&str],
    make: impl FnOnce(&Path) -> Result<String, String>,
) -> Result<PathBuf, String> {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop");
    let mut hasher = DefaultHasher::new();
    inputs.hash(&mut hasher);
    let made = parent.join(format!("{name}-{:016x}", hasher.finish()));
    if made.is_dir() {
        return Ok(made);
    }
    let own = parent.join(format!("{name}-by-{}", process::id()));
    fs::create_dir_all(&own).map_err(|error| format!("no room in {}: {error}", own.display()))?;
    let result = make(&own).and_then(|_| match fs::rename(&own, &made) {
        Err(error) if !made.is_dir() => Err(format!("{} cannot be kept: {error}", made.display())),
        _ => Ok(made),
    });
    // It is there still if something failed or another process was first.
    drop(fs::remove_dir_all(own));
    result
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

/// Answers what `command` printed.
fn run(command: &mut Command) -> Result<String, String> {
    match command.stdin(Stdio::null()).output() {
        Ok(Output { status, stdout, .. }) if status.success() => {
            Ok(String::from_utf8_lossy(&stdout).into_owned())
        }
        Ok(Output { status, stderr, .. }) => Err(format!(
            "{command:?} ({status}); is there a network? What is fetched once is kept\n{}",
            String::from_utf8_lossy(&stderr)
        )),
        Err(error) => Err(format!("{command:?} cannot start: {error}")),
    }
}

const PACKAGE: &str = include_str!("package.json");
const PACKAGE_LOCK: &str = include_str!("package-lock.json");
const REQUIREMENTS: &str = include_str!("requirements.txt");
