use super::{Text, names::Names};

/// A JSON value, as a slice of the document.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    String(Text<'a>),
    Number(&'a str),
    Array(&'a str),
    /// An object, `true`, `false` or `null`: nothing that any claim we read may be.
    Other(&'a str),
}

impl<'a> Value<'a> {
    /// The value that `document` is; `None` where it is none, and then nothing was claimed.
    pub(crate) fn of(document: &'a str) -> Option<Self> {
        let mut scanner = Scanner::new(document);
        let value = scanner.value(1).ok()?;
        scanner.end().ok()?;
        Some(value)
    }

    /// As it stands in the document, a string with its quotes.
    pub(crate) const fn raw(self) -> &'a str {
        match self {
            Self::String(text) => text.quoted(),
            Self::Number(raw) | Self::Array(raw) | Self::Other(raw) => raw,
        }
    }

    pub(crate) const fn text(self) -> Option<Text<'a>> {
        match self {
            Self::String(text) => Some(text),
            Self::Number(_) | Self::Array(_) | Self::Other(_) => None,
        }
    }
}

/// Why a text is not what is read here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum JsonError {
    Syntax,
    DuplicateName,
    TooDeep,
}

/// Calls `visit` with each member of the object that `document` is; the whole of it is checked.
pub(crate) fn members<'a, E: From<JsonError>>(
    document: &'a str,
    mut visit: impl FnMut(Text<'a>, Value<'a>) -> Result<(), E>,
) -> Result<(), E> {
    let mut scanner = Scanner::new(document);
    scanner.skip_space();
    scanner.object(1, &mut visit)?;
    scanner.end()?;
    Ok(())
}

/// Calls `visit` with each element of the array that `document` is.
pub(crate) fn elements<'a, E: From<JsonError>>(
    document: &'a str,
    mut visit: impl FnMut(Value<'a>) -> Result<(), E>,
) -> Result<(), E> {
    let mut scanner = Scanner::new(document);
    scanner.skip_space();
    scanner.array(1, &mut visit)?;
    scanner.end()?;
    Ok(())
}

struct Scanner<'a> {
    document: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    const fn new(document: &'a str) -> Self {
        Self { document, at: 0 }
    }

    fn object<E: From<JsonError>>(
        &mut self,
        depth: u8,
        visit: &mut dyn FnMut(Text<'a>, Value<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.open(b'{', depth)?;
        if self.skip(b'}') {
            return Ok(());
        }
        let mut names = Names::new();
        loop {
            self.skip_space();
            let name = self.string()?;
            if !names.insert(name) {
                return Err(JsonError::DuplicateName.into());
            }
            self.skip_space();
            self.need(b':')?;
            self.skip_space();
            let value = self.value(depth)?;
            visit(name, value)?;
            self.skip_space();
            if self.skip(b'}') {
                return Ok(());
            }
            self.need(b',')?;
        }
    }

    fn array<E: From<JsonError>>(
        &mut self,
        depth: u8,
        visit: &mut dyn FnMut(Value<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.open(b'[', depth)?;
        if self.skip(b']') {
            return Ok(());
        }
        loop {
            self.skip_space();
            let value = self.value(depth)?;
            visit(value)?;
            self.skip_space();
            if self.skip(b']') {
                return Ok(());
            }
            self.need(b',')?;
        }
    }

    fn value(&mut self, depth: u8) -> Result<Value<'a>, JsonError> {
        let start = self.at;
        match self.next() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'{') => {
                self.object::<JsonError>(depth + 1, &mut |_, _| Ok(()))?;
                Ok(Value::Other(self.since(start)))
            }
            Some(b'[') => {
                self.array::<JsonError>(depth + 1, &mut |_| Ok(()))?;
                Ok(Value::Array(self.since(start)))
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                Ok(Value::Number(self.since(start)))
            }
            _ => {
                self.literal()?;
                Ok(Value::Other(self.since(start)))
            }
        }
    }

    /// A string's text, from its first quote to behind its last.
    fn string(&mut self) -> Result<Text<'a>, JsonError> {
        let (start, mut is_escaped) = (self.at, false);
        self.need(b'"')?;
        loop {
            // Nearly all of a token is letters of its strings.
            let rest = self.document.as_bytes().get(self.at..).unwrap_or_default();
            self.at +=
                rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)).unwrap_or(rest.len());
            match self.next() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Text::new(self.since(start), is_escaped));
                }
                Some(b'\\') => {
                    is_escaped = true;
                    self.at += 1;
                    self.escape()?;
                }
                Some(_) | None => return Err(JsonError::Syntax),
            }
        }
    }

    /// What follows a backslash. A surrogate stands only in a pair: alone it is no character (T17).
    fn escape(&mut self) -> Result<(), JsonError> {
        match self.next() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => match self.unit()? {
                0xd800..=0xdbff => {
                    self.need(b'\\')?;
                    if !matches!(self.unit()?, 0xdc00..=0xdfff) {
                        return Err(JsonError::Syntax);
                    }
                }
                0xdc00..=0xdfff => return Err(JsonError::Syntax),
                _ => {}
            },
            _ => return Err(JsonError::Syntax),
        }
        Ok(())
    }

    /// `u` and four hexadecimal digits.
    fn unit(&mut self) -> Result<u16, JsonError> {
        self.need(b'u')?;
        let digits = self.document.get(self.at..self.at + 4).ok_or(JsonError::Syntax)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(JsonError::Syntax);
        }
        self.at += 4;
        u16::from_str_radix(digits, 16).ok().ok_or(JsonError::Syntax)
    }

    fn number(&mut self) -> Result<(), JsonError> {
        self.skip(b'-');
        if !self.skip(b'0') {
            self.digits()?;
        }
        if self.skip(b'.') {
            self.digits()?;
        }
        if self.skip(b'e') || self.skip(b'E') {
            let _sign = self.skip(b'+') || self.skip(b'-');
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while matches!(self.next(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(JsonError::Syntax) } else { Ok(()) }
    }

    fn literal(&mut self) -> Result<(), JsonError> {
        let rest = self.document.get(self.at..).unwrap_or_default();
        let literal = ["true", "false", "null"].into_iter().find(|literal| rest.starts_with(literal));
        self.at += literal.ok_or(JsonError::Syntax)?.len();
        Ok(())
    }

    fn open(&mut self, bracket: u8, depth: u8) -> Result<(), JsonError> {
        if depth > MOST_DEPTH {
            return Err(JsonError::TooDeep);
        }
        self.need(bracket)?;
        self.skip_space();
        Ok(())
    }

    fn end(&mut self) -> Result<(), JsonError> {
        self.skip_space();
        if self.at == self.document.len() { Ok(()) } else { Err(JsonError::Syntax) }
    }

    fn need(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.skip(byte) { Ok(()) } else { Err(JsonError::Syntax) }
    }

    fn skip(&mut self, byte: u8) -> bool {
        let is_next = self.next() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn skip_space(&mut self) {
        while matches!(self.next(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn next(&self) -> Option<u8> {
        self.document.as_bytes().get(self.at).copied()
    }

    fn since(&self, start: usize) -> &'a str {
        self.document.get(start..self.at).unwrap_or_default()
    }
}

/// Of objects and arrays in one another, the outermost included (T19). No claim needs a tenth of it.
const MOST_DEPTH: u8 = 32;
