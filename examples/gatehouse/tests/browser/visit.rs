use std::{rc::Rc, time::Duration};

use fantoccini::{Client, Locator, cookies::Cookie, error::CmdError, wd::WindowHandle};
use serde_json::{Value, json};
use tokio::time;

use crate::{
    driver::{Driver, Profile},
    server::Server,
};

/// Somebody's visit: the browser, and the server it is at.
///
/// Nothing here sleeps but [`Visit::until`], which looks again and again and gives up at its deadline.
pub(crate) struct Visit {
    browser: Client,
    driver: Driver,
    origin: &'static str,
    /// The program, unless the trial has a server of its own.
    server: Option<Rc<Server>>,
}

impl Visit {
    /// A name and not an address, so that a cookie for this host alone can be told from one for a domain.
    pub(crate) const ORIGIN: &str = "https://gatehouse.test";
    /// Where the hostile page is, if the server was told to have one.
    pub(crate) const OTHER_SITE: &str = "wolf.example";
    /// There it is too: of one registered domain with the shop, so of the same site, and yet another origin.
    pub(crate) const SAME_SITE: &str = "wolf.gatehouse.test";

    pub(crate) fn new(
        browser: Client,
        driver: Driver,
        origin: &'static str,
        server: Option<Rc<Server>>,
    ) -> Self {
        Self { browser, driver, origin, server }
    }

    /// Closes the browser as somebody does who will come back, and gives what it keeps for then.
    pub(crate) async fn close(self) -> Rc<Profile> {
        let profile = self.driver.profile();
        self.browser.close().await.unwrap();
        profile
    }

    /// Goes to `path` by the address bar.
    pub(crate) async fn open(&self, path: &str) {
        self.open_at(self.origin, path).await;
    }

    pub(crate) async fn open_at(&self, origin: &str, path: &str) {
        self.browser.goto(&format!("{origin}{path}")).await.unwrap();
    }

    /// Clicks on what leads to another page, and waits until that is there.
    pub(crate) async fn follow(&self, css: &str) {
        self.run("window.left = true").await;
        self.click(css).await;
        self.arrive().await;
    }

    /// Clicks on what leads nowhere else.
    pub(crate) async fn click(&self, css: &str) {
        self.browser.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
    }

    /// Waits until the page that was marked as left is gone and another is there.
    pub(crate) async fn arrive(&self) {
        self.until("window.left === undefined && document.readyState === 'complete'").await;
    }

    pub(crate) async fn back(&self) {
        self.browser.back().await.unwrap();
    }

    pub(crate) async fn type_into(&self, css: &str, text: &str) {
        let field = self.browser.find(Locator::Css(css)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub(crate) async fn log_in(&self, username: &str, password: &str) {
        self.open("/login").await;
        self.fill_in_login(username, password).await;
    }

    /// On the login page.
    pub(crate) async fn fill_in_login(&self, username: &str, password: &str) {
        self.type_into("[name=username]", username).await;
        self.type_into("[name=password]", password).await;
        self.follow("main form button").await;
    }

    pub(crate) async fn add(&self, item: &str) {
        self.open("/").await;
        self.follow(&format!("form[action='/cart/{item}'] button")).await;
    }

    pub(crate) async fn log_out(&self) {
        self.open("/").await;
        self.follow("form[action='/logout'] button").await;
    }

    /// The value of a JavaScript expression on the page.
    pub(crate) async fn value(&self, expression: &str) -> Value {
        self.run(&format!("return {expression}")).await
    }

    /// Path and query of the page.
    pub(crate) async fn place(&self) -> Value {
        self.value("location.pathname + location.search").await
    }

    /// The status that the page came with.
    pub(crate) async fn status(&self) -> Value {
        self.value("performance.getEntriesByType('navigation')[0].responseStatus").await
    }

    /// All that a visitor can read on the page.
    pub(crate) async fn text(&self) -> String {
        let text = self.value("document.body.innerText").await;
        text.as_str().unwrap().to_owned()
    }

    /// What the server says of the cart.
    pub(crate) async fn cart(&self) -> Value {
        self.json("/api/cart").await
    }

    /// Who the server takes the browser for.
    pub(crate) async fn subject(&self) -> Option<String> {
        self.open("/api/me").await;
        if self.status().await == 401 {
            return None;
        }
        let me: Value = serde_json::from_str(&self.text().await).unwrap();
        Some(me["subject"].as_str().unwrap().to_owned())
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        self.open(path).await;
        serde_json::from_str(&self.text().await).unwrap()
    }

    /// The one cookie of the page's host, as the browser stored it.
    pub(crate) async fn cookie(&self) -> Option<Cookie<'static>> {
        let mut cookies = self.browser.get_all_cookies().await.unwrap();
        let cookie = cookies.pop();
        assert!(cookies.is_empty(), "more than {cookie:?}: {cookies:?}");
        cookie
    }

    /// Stores the session cookie with another value.
    ///
    /// Not by `Client::add_cookie`: that always names a domain, and the browser refuses a domain under this prefix.
    pub(crate) async fn plant(&self, value: &str) {
        let cookie = json!({
            "name": "__Host-Http-sid",
            "value": value,
            "path": "/",
            "secure": true,
            "httpOnly": true,
            "sameSite": "Lax",
        });
        self.command("cookie", &json!({ "cookie": cookie })).await;
        assert_eq!(self.cookie().await.unwrap().value(), value);
    }

    /// Shows pages as on a computer that is set to `scheme`, `light` or `dark`.
    pub(crate) async fn prefer(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        let emulate = json!({ "cmd": "Emulation.setEmulatedMedia", "params": { "features": features } });
        self.command("goog/cdp/execute", &emulate).await;
        assert_eq!(
            self.value(&format!("matchMedia('(prefers-color-scheme: {scheme})').matches")).await,
            true
        );
    }

    pub(crate) async fn tab(&self) -> WindowHandle {
        self.browser.window().await.unwrap()
    }

    /// Opens a tab and goes there.
    pub(crate) async fn new_tab(&self) -> WindowHandle {
        let tab = self.browser.new_window(true).await.unwrap().handle;
        self.go_to_tab(&tab).await;
        tab
    }

    /// The tabs that are open besides this one.
    pub(crate) async fn other_tabs(&self) -> Vec<WindowHandle> {
        let own = self.tab().await;
        self.browser.windows().await.unwrap().into_iter().filter(|tab| *tab != own).collect()
    }

    /// Closes this tab and goes to `next`.
    pub(crate) async fn close_tab(&self, next: &WindowHandle) {
        self.browser.close_window().await.unwrap();
        self.go_to_tab(next).await;
    }

    pub(crate) async fn go_to_tab(&self, tab: &WindowHandle) {
        self.browser.switch_to_window(tab.clone()).await.unwrap();
    }

    /// Has the page of this tab run `script`, which leads to another page, once [`Visit::go`] is called in whatever tab.
    pub(crate) async fn at_go(&self, script: &str) {
        self.run(&format!(
            "window.left = true; \
             window.channel = new BroadcastChannel('go'); \
             window.channel.onmessage = () => {{ {script} }}"
        ))
        .await;
    }

    /// Tells all tabs at once: a driver's own commands go to one tab after the other, and wait for what it loads.
    pub(crate) async fn go(&self) {
        self.run("new BroadcastChannel('go').postMessage('go')").await;
    }

    /// How many requests have come to the server, whether answered or not.
    pub(crate) fn requests(&self) -> usize {
        let server = self.server.as_ref().expect("the program writes a log");
        server.log().matches("received frame=Headers").count()
    }

    /// Waits for a request after the first `seen`.
    pub(crate) async fn until_asked_again(&self, seen: usize) {
        let asked = poll(async || self.requests() > seen).await;
        assert!(asked, "no request came");
    }

    /// Waits until a JavaScript expression holds on the page.
    pub(crate) async fn until(&self, expression: &str) {
        let script = format!("return !!({expression})");
        let holds = poll(async || match self.browser.execute(&script, Vec::new()).await {
            Ok(holds) => holds == true,
            // One page has gone, and the next is not there yet.
            Err(CmdError::Standard(_)) => false,
            Err(error) => panic!("{error}"),
        });
        if !holds.await {
            panic!("not so: {expression}\nat {}:\n{}", self.place().await, self.text().await);
        }
    }

    /// The value that a script hands to its last argument, whenever it does.
    pub(crate) async fn value_later(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.browser.execute_async(script, arguments).await.unwrap()
    }

    /// Sends the driver a command that `Client` cannot.
    async fn command(&self, name: &str, body: &Value) {
        let session = self.browser.session_id().await.unwrap().unwrap();
        let path = format!("/session/{session}/{name}");
        let status = self.driver.send("POST", &path, &body.to_string()).unwrap();
        assert!(status.starts_with("HTTP/1.1 200"), "{name}: {status}");
    }

    /// What the browser has complained of since this was asked last: what the policy refused, what was not found, what a script threw.
    pub(crate) async fn complaints(&self) -> Value {
        let session = self.browser.session_id().await.unwrap().unwrap();
        let kind = json!({ "type": "browser" }).to_string();
        self.driver.value("POST", &format!("/session/{session}/se/log"), &kind).unwrap()
    }

    pub(crate) async fn run(&self, script: &str) -> Value {
        self.browser.execute(script, Vec::new()).await.unwrap()
    }
}

/// Whether it came true in time.
async fn poll(mut is_so: impl AsyncFnMut() -> bool) -> bool {
    let until_so = async {
        while !is_so().await {
            time::sleep(PAUSE).await;
        }
    };
    time::timeout(LONGEST_WAIT, until_so).await.is_ok()
}

const LONGEST_WAIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);
