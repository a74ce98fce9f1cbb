use portcullis::require::LocalPath;
use url::Url;

/// Any text as the place to go to after a login: what is taken for a path of this site is one to browsers.
pub fn next(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(path) = LocalPath::parse(text) else { return };
    assert_eq!(path.as_str(), text);
    for site in ["https://shop.example/login", "http://127.0.0.1:8080/a/b?c#d"] {
        let site = Url::parse(site).expect("a URL");
        let leads_to = site.join(path.as_str()).expect("a path is a reference");
        assert_eq!(leads_to.origin(), site.origin(), "{text:?} leads to {leads_to}");
    }
}
