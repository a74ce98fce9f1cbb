use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::LazyLock,
    thread,
    time::Duration,
};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::visit::Visit;

/// The text of axe-core, which looks for what keeps people from reading or using a page.
///
/// It comes from npm when a trial first asks for it and stays in the target directory; what is run is what was looked at when its
/// digest was written down here.
static AXE: LazyLock<Result<String, String>> = LazyLock::new(|| cached().map_or_else(download, Ok));

/// Fails with all that axe-core finds on the page, as it looks on a light computer and on a dark one.
pub(crate) async fn assert_accessible(visit: &Visit, page: &str) {
    for scheme in ["light", "dark"] {
        visit.prefer(scheme).await;
        assert_accessible_as_it_is(visit, &format!("{page}, {scheme}")).await;
    }
}

/// The same for a page that does not look as the computer does.
pub(crate) async fn assert_accessible_as_it_is(visit: &Visit, page: &str) {
    let axe = AXE.as_ref().unwrap_or_else(|why| panic!("axe-core {VERSION} is not to be had: {why}"));
    // The driver's scripts are not bound by the page's policy, nor is what they bring along.
    visit.run(axe).await;
    let found = visit.value_later(RUN, Vec::new()).await;
    let Value::Array(rules) = &found["rules"] else {
        panic!("{page}: axe-core did not get to the end: {found}");
    };
    let text: Vec<_> = rules.iter().map(|rule| rule.as_str().unwrap()).collect();
    assert!(text.is_empty(), "{page}:\n{}", text.join("\n"));
    let passes = found["passes"].as_array().unwrap();
    for rule in ["color-contrast", "document-title", "html-has-lang", "landmark-one-main"] {
        assert!(passes.iter().any(|passed| passed == rule), "{page}: {rule} was not looked at: {found}");
    }
}

fn cached() -> Option<String> {
    verified(&directory().join(SCRIPT)).ok()
}

fn download() -> Result<String, String> {
    let own = directory().join(format!("by-{}", std::process::id()));
    fs::create_dir_all(&own).map_err(|error| format!("no room in {}: {error}", own.display()))?;
    let axe = download_into(&own);
    drop(fs::remove_dir_all(own));
    axe
}

/// Tries again if npm fails, as the network may be at fault. A wrong digest stays wrong.
fn download_into(own: &Path) -> Result<String, String> {
    let mut pauses = PAUSES.iter();
    let packed = loop {
        match (npm_pack(own), pauses.next()) {
            (Ok(packed), _) => break packed,
            (Err(_), Some(pause)) => thread::sleep(*pause),
            (Err(why), None) => {
                let tries = PAUSES.len() + 1;
                return Err(format!("npm could not fetch it in {tries} tries; is there a network? {why}"));
            }
        }
    };
    run(Command::new("tar").args(["--extract", "--gzip", "--file"]).arg(packed).arg("--directory").arg(own))?;
    let script = own.join("package").join(SCRIPT);
    let axe = verified(&script)?;
    // Another process may have put the same there meanwhile.
    fs::rename(script, directory().join(SCRIPT)).map_err(|error| format!("it cannot be kept: {error}"))?;
    Ok(axe)
}

fn npm_pack(own: &Path) -> Result<PathBuf, String> {
    let package = format!("axe-core@{VERSION}");
    // By itself it would wait for minutes, longer than a trial may last.
    let in_time = ["--fetch-retries=0", "--fetch-timeout=20000"];
    run(Command::new("npm").args(["pack", "--ignore-scripts", &package]).args(in_time).current_dir(own))?;
    Ok(own.join(format!("axe-core-{VERSION}.tgz")))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output();
    match output {
        Ok(Output { status, .. }) if status.success() => Ok(()),
        Ok(Output { status, stderr, .. }) => {
            Err(format!("{command:?} ({status})\n{}", String::from_utf8_lossy(&stderr)))
        }
        Err(error) => Err(format!("{command:?} cannot start: {error}")),
    }
}

/// The script at `path`, if it is the one we know.
fn verified(path: &Path) -> Result<String, String> {
    let text = File::open(path)
        .and_then(io::read_to_string)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let digest: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    if digest != SHA256 {
        return Err(format!("the SHA-256 of {} is {digest}, not {SHA256}", path.display()));
    }
    Ok(text)
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("axe-core-{VERSION}"))
}

/// All rules that are on by default but the one that wants axe-core in every frame: what is framed is another page. What axe-core cannot
/// decide by itself counts as found, as there is nobody here to look. Of the words in a drawing it cannot tell what is behind them, which
/// here is the ground of whatever the drawing is in, so their contrast with that is asked for instead (WCAG 2.2, 1.4.3).
const RUN: &str = "\
    const done = arguments[arguments.length - 1]; \
    const line = (rule, node) => \
        `${rule.id} (${rule.help}) at ${node.target.join(' ')}: ${node.failureSummary ?? node.any[0]?.message}`; \
    const lines = (rules) => rules.flatMap((rule) => rule.nodes.map((node) => line(rule, node))); \
    const color = (css) => { const color = new axe.commons.color.Color(); color.parseString(css); return color; }; \
    const drawn = (node) => document.querySelector(node.target[0])?.closest('svg[role=img]'); \
    const ground = (element) => { \
        const own = color(getComputedStyle(element).backgroundColor); \
        return own.alpha === 1 ? own : ground(element.parentElement); \
    }; \
    const faint = [...document.querySelectorAll('svg[role=img] text')].flatMap((words) => { \
        const contrast = axe.commons.color.getContrast(ground(words), color(getComputedStyle(words).fill)); \
        return contrast >= 4.5 ? [] : [`the words ${words.textContent} in a drawing have a contrast of ${contrast}`]; \
    }); \
    const undecided = (rules) => rules.map((rule) => \
        rule.id === 'color-contrast' ? { ...rule, nodes: rule.nodes.filter((node) => !drawn(node)) } : rule); \
    axe.run({ iframes: false, rules: { 'frame-tested': { enabled: false } } }).then( \
        ({ violations, incomplete, passes }) => \
            done({ rules: [...lines(violations), ...lines(undecided(incomplete)), ...faint], passes: passes.map((rule) => rule.id) }), \
        (error) => done(String(error)))";
const PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(5)];
const SCRIPT: &str = "axe.min.js";
const SHA256: &str = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c";
const VERSION: &str = "4.14.1";
