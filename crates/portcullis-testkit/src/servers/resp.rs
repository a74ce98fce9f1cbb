use std::{
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Asks one thing over a connection of its own; an answer of several lines has one for each part.
pub(super) fn ask(address: SocketAddr, command: &[&str]) -> io::Result<String> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut request = format!("*{}\r\n", command.len());
    for part in command {
        request.push_str(&format!("${}\r\n{part}\r\n", part.len()));
    }
    (&stream).write_all(request.as_bytes())?;
    answer(&mut BufReader::new(&stream))
}

fn answer(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let Some((kind, rest)) = line.trim_end().split_at_checked(1) else {
        return Err(io::ErrorKind::UnexpectedEof.into());
    };
    match kind {
        "+" | ":" => Ok(rest.to_owned()),
        "-" => Err(io::Error::other(rest.to_owned())),
        "$" => match rest.parse::<usize>() {
            Ok(length) => {
                let mut bytes = vec![0; length + 2];
                reader.read_exact(&mut bytes)?;
                bytes.truncate(length);
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            }
            Err(_nothing) => Ok(String::new()),
        },
        "*" => {
            let parts = (0..rest.parse::<usize>().unwrap_or(0)).map(|_| answer(reader));
            Ok(parts.collect::<io::Result<Vec<_>>>()?.join("\n"))
        }
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

const PATIENCE: Duration = Duration::from_secs(2);
