use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Mutex,
};

/// As much of a browser as the tests need: it keeps the session's cookie and the balancer's, and follows nothing.
pub(crate) struct Browser {
    address: String,
    cookie: Mutex<Option<String>>,
    node_cookie: Mutex<Option<String>>,
}

impl Browser {
    pub(crate) fn new(address: &str) -> Self {
        Self { address: address.to_owned(), cookie: Mutex::new(None), node_cookie: Mutex::new(None) }
    }

    /// Another browser with the same cookie, as it is now: a request of it is on its way while this one goes on.
    pub(crate) fn fork(&self) -> Self {
        self.at(&self.address)
    }

    /// The same at another address, as a balancer would have it.
    pub(crate) fn at(&self, address: &str) -> Self {
        let (cookie, node_cookie) = (Mutex::new(self.cookie()), Mutex::new(self.node_cookie()));
        Self { address: address.to_owned(), cookie, node_cookie }
    }

    /// That of the balancer.
    pub(crate) fn node_cookie(&self) -> Option<String> {
        self.node_cookie.lock().unwrap().clone()
    }

    pub(crate) fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    /// A connection without a request.
    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "Accept: text/html\r\n", "")
    }

    pub(crate) fn post(&self, path: &str, form: &str) -> Answer {
        self.send("POST", path, "Content-Type: application/x-www-form-urlencoded\r\n", form)
    }

    pub(crate) fn log_in(&self, username: &str, password: &str) -> Answer {
        self.post("/login", &format!("username={username}&password={password}"))
    }

    pub(crate) fn send(&self, method: &str, path: &str, fields: &str, body: &str) -> Answer {
        let cookies = [self.cookie(), self.node_cookie()].into_iter().flatten();
        let cookie: String = cookies.map(|cookie| format!("Cookie: {cookie}\r\n")).collect();
        let (address, cookie, length) = (&self.address, cookie, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{cookie}{fields}Content-Length: \
             {length}\r\n\r\n{body}"
        );
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let answer = Answer::parse(&text);
        for set in answer.fields("set-cookie") {
            let pair = set.split(';').next().unwrap().to_owned();
            let deleted = pair.ends_with('=');
            let jar = if pair.starts_with("gatehouse-node=") { &self.node_cookie } else { &self.cookie };
            *jar.lock().unwrap() = (!deleted).then_some(pair);
        }
        answer
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    fields: Vec<(String, String)>,
}

impl Answer {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let fields = lines.map(|line| line.split_once(": ").unwrap());
        Self {
            status: status.parse().unwrap(),
            body: body.to_owned(),
            fields: fields.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect(),
        }
    }

    /// The one field called `name`.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.fields(name);
        let value = values.next();
        assert!(values.next().is_none(), "two fields {name} in {self:?}");
        value
    }

    /// All fields called `name`.
    pub(crate) fn fields(&self, name: &str) -> impl Iterator<Item = &str> {
        let fields = self.fields.iter().filter(move |(known, _)| known == name);
        fields.map(|(_, value)| value.as_str())
    }

    /// Status and where it leads to.
    pub(crate) fn way(&self) -> (u16, Option<&str>) {
        (self.status, self.field("location"))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}
