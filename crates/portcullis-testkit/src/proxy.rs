use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{AbortHandle, JoinSet},
    time::sleep,
};

/// Stands between clients and a server, and misbehaves when it is told to.
///
/// What it is told holds for the connections that are there and for those that come. They end with it.
///
/// # Example
///
/// ```no_run
/// use std::time::Duration;
/// use portcullis_testkit::Proxy;
///
/// # async fn example() -> std::io::Result<()> {
/// let proxy = Proxy::start(([127, 0, 0, 1], 6379).into()).await?;
/// // … a client connects to `proxy.address()` …
/// proxy.cut_before_the_next_answer();
/// proxy.black_hole();
/// proxy.forward();
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    control: Arc<Control>,
    accepting: AbortHandle,
}

#[derive(Debug)]
struct Control {
    upstream: SocketAddr,
    conduct: watch::Sender<Conduct>,
    cuts_next_answer: AtomicBool,
    connections: AtomicUsize,
    trips: AtomicUsize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Conduct {
    Forward { delay: Duration },
    BlackHole,
    Reset,
    HalfClose,
}

impl Proxy {
    /// Listens on a free port of the loopback interface, in front of `upstream`.
    ///
    /// # Errors
    ///
    /// No port is free.
    pub async fn start(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let control = Arc::new(Control {
            upstream,
            conduct: watch::Sender::new(Conduct::Forward { delay: Duration::ZERO }),
            cuts_next_answer: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            trips: AtomicUsize::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&control))).abort_handle();
        Ok(Self { address, control, accepting })
    }

    /// Where clients find it.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were accepted so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.control.connections.load(Ordering::Relaxed)
    }

    /// How often a client has asked and waited for its answer so far, over all connections: what was sent before anything came back is one
    /// trip, however many messages it was.
    #[must_use]
    pub fn trips(&self) -> usize {
        self.control.trips.load(Ordering::Relaxed)
    }

    /// Carries everything, as at the start.
    pub fn forward(&self) {
        self.delay(Duration::ZERO);
    }

    /// Carries everything, so much later each way.
    pub fn delay(&self, delay: Duration) {
        self.control.conduct.send_replace(Conduct::Forward { delay });
    }

    /// Accepts connections and what is sent over them, and carries nothing: what a cut cable or a stopped machine looks like.
    pub fn black_hole(&self) {
        self.control.conduct.send_replace(Conduct::BlackHole);
    }

    /// Resets all connections (RST), also new ones.
    pub fn reset(&self) {
        self.control.conduct.send_replace(Conduct::Reset);
    }

    /// Closes the sending half to each client, and goes on listening to it.
    pub fn half_close(&self) {
        self.control.conduct.send_replace(Conduct::HalfClose);
    }

    /// Forwards the next request, and resets its connection when the server has answered it: it has been done, and its client does not
    /// hear of it. Other connections, and that client's next one, are not concerned.
    pub fn cut_before_the_next_answer(&self) {
        self.control.cuts_next_answer.store(true, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, control: Arc<Control>) {
    let mut carried = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        control.connections.fetch_add(1, Ordering::Relaxed);
        let control = Arc::clone(&control);
        carried.spawn(async move {
            // Whichever side ends it, the other sees it end.
            let _ended = carry(client, &control).await.is_err();
        });
        while carried.try_join_next().is_some() {}
    }
}

async fn carry(mut client: TcpStream, control: &Control) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut server = TcpStream::connect(control.upstream).await?;
    server.set_nodelay(true)?;
    let mut conduct = control.conduct.subscribe();
    let (mut is_cut, mut is_asked) = (false, false);
    let (mut request, mut answer) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        let now = *conduct.borrow_and_update();
        match now {
            Conduct::Reset => return reset(client),
            Conduct::HalfClose => client.shutdown().await?,
            Conduct::Forward { .. } | Conduct::BlackHole => {}
        }
        let delay = if let Conduct::Forward { delay } = now { Some(delay) } else { None };
        tokio::select! {
            changed = conduct.changed() => changed.map_err(io::Error::other)?,
            read = client.read(&mut request) => {
                let sent = part(&request, read?)?;
                if !is_asked {
                    control.trips.fetch_add(1, Ordering::Relaxed);
                }
                is_asked = true;
                if let Some(delay) = delay {
                    sleep(delay).await;
                    is_cut |= control.cuts_next_answer.swap(false, Ordering::SeqCst);
                    server.write_all(sent).await?;
                }
            }
            read = server.read(&mut answer) => {
                let sent = part(&answer, read?)?;
                is_asked = false;
                if is_cut {
                    return reset(client);
                }
                if let Some(delay) = delay {
                    sleep(delay).await;
                    client.write_all(sent).await?;
                }
            }
        }
    }
}

fn part(buffer: &[u8], length: usize) -> io::Result<&[u8]> {
    buffer.get(..length).filter(|part| !part.is_empty()).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Without lingering a closed connection is a reset one.
fn reset(client: TcpStream) -> io::Result<()> {
    client.set_zero_linger()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        address
    }

    async fn between() -> (Proxy, TcpStream) {
        let proxy = Proxy::start(echo().await).await.unwrap();
        let mut client = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(said(&mut client, b"hello").await.unwrap(), b"hello");
        assert_eq!(proxy.connections(), 1);
        (proxy, client)
    }

    async fn said(client: &mut TcpStream, word: &[u8]) -> io::Result<Vec<u8>> {
        client.write_all(word).await?;
        let mut answer = vec![0; word.len()];
        client.read_exact(&mut answer).await?;
        Ok(answer)
    }

    #[tokio::test]
    async fn a_black_hole_answers_nothing_and_lets_go_of_later_words() {
        let (proxy, mut client) = between().await;
        proxy.black_hole();
        let unanswered = tokio::time::timeout(Duration::from_millis(50), said(&mut client, b"lost"));
        assert!(unanswered.await.is_err());
        proxy.forward();
        assert_eq!(said(&mut client, b"again").await.unwrap(), b"again");
        assert_eq!(proxy.trips(), 2, "what was not answered and what was sent after it are one");
    }

    #[tokio::test]
    async fn a_reset_is_one_and_concerns_new_connections_too() {
        let (proxy, mut client) = between().await;
        proxy.reset();
        assert_eq!(client.read_u8().await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        let mut another = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(another.read_u8().await.is_err());
        proxy.forward();
        let mut another = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(said(&mut another, b"back").await.unwrap(), b"back");
    }

    #[tokio::test]
    async fn a_half_closed_connection_ends_for_the_client_without_a_reset() {
        let (proxy, mut client) = between().await;
        proxy.half_close();
        assert_eq!(client.read_u8().await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test(start_paused = true)]
    async fn a_delay_holds_up_both_ways() {
        let (proxy, mut client) = between().await;
        proxy.delay(Duration::from_secs(10));
        let began = tokio::time::Instant::now();
        assert_eq!(said(&mut client, b"slow").await.unwrap(), b"slow");
        assert!(began.elapsed() >= Duration::from_secs(20), "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn an_answer_is_cut_off_after_the_request_arrived() {
        let (proxy, mut client) = between().await;
        proxy.cut_before_the_next_answer();
        assert_eq!(said(&mut client, b"done").await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        let mut another = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(said(&mut another, b"once").await.unwrap(), b"once");
    }
}
