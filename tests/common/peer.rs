//! `tests/peer/peer.c`, linked with stock SQLite or with ours, as a process that answers.

use std::env::consts::OS;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use seawall_upstream::{amalgamation, flags};

use crate::cc::{self, compiler, library, package, run};

pub struct Peer {
    child: Child,
    to: Option<ChildStdin>,
    from: ChildStdout,
}

impl Peer {
    /// SQLite as upstream made it, with the compile-time options of ours.
    pub fn stock() -> Peer {
        let dir = cc::scratch("peer");
        let (source, object) = (dir.join("stock.c"), dir.join("stock.o"));
        let pristine = amalgamation(&package(""), &dir).unwrap().source;
        fs::write(&source, pristine.c).unwrap();
        let mut cc = cc::cc();
        cc.args(["-O0", "-c"]).args(flags::definitions("unix", OS, "").unwrap()).args(flags::WARNINGS);
        run(cc.arg(&source).arg("-o").arg(&object));
        Peer::start(&link("stock", &[object]))
    }

    pub fn ours() -> Peer {
        let stub = package("tests/c/no_backends.c");
        Peer::start(&link("ours", &[stub, library().join("libseawall_sqlite3.a")]))
    }

    fn start(program: &Path) -> Peer {
        let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (to, from) = (child.stdin.take(), child.stdout.take().unwrap());
        Peer { child, to, from }
    }

    fn ask(&mut self, request: u8, data: &[u8]) -> Vec<u8> {
        let mut message = vec![request];
        message.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        message.extend(data);
        self.to.as_mut().unwrap().write_all(&message).expect("the peer has died");
        let mut length = [0; 4];
        self.from.read_exact(&mut length).expect("the peer has died");
        let mut reply = vec![0; u32::from_le_bytes(length) as usize];
        self.from.read_exact(&mut reply).unwrap();
        reply
    }

    /// Opens an empty database.
    pub fn open(&mut self) {
        self.ask(b'N', &[]);
    }

    /// Opens a database that has these bytes.
    pub fn load(&mut self, database: &[u8]) {
        self.ask(b'L', database);
    }

    /// The bytes of the database.
    pub fn serialize(&mut self) -> Vec<u8> {
        self.ask(b'S', &[])
    }

    /// The rows of some statements, a line each, and the error that ended them.
    pub fn query(&mut self, sql: &str) -> String {
        String::from_utf8_lossy(&self.ask(b'Q', sql.as_bytes())).into_owned()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.to.take());
        let _ = self.child.wait();
    }
}

fn link(name: &str, parts: &[PathBuf]) -> PathBuf {
    let program = cc::scratch("peer").join(name);
    let mut cc = compiler();
    cc.arg(package("tests/peer/peer.c")).args(parts).arg("-o").arg(&program);
    run(cc.args(["-lm", "-lpthread", "-ldl"]));
    program
}
