//! A local DynamoDB: the one that `DYNAMODB_ENDPOINT` names, else a `dynamodb-local` on PATH, else dynalite by npm.

use crate::prelude::*;
use std::net::{Ipv4Addr, TcpListener, TcpStream, ToSocketAddrs};

/// Serves on a port until standard input ends. The kernel closes that pipe however the tests end, so the server does not
/// outlive them.
const SERVE: &str = r#"
port=$1 install=$2 folder=$3
if command -v dynamodb-local; then
  dynamodb-local -inMemory -port "$port" &
else
  echo 'no DYNAMODB_ENDPOINT, no dynamodb-local on PATH, and no dynalite:' >&2
  script=$("$install" "$folder") || exit
  node "$script" --host 127.0.0.1 --port "$port" --createTableMs 100 &
fi
read -r _
kill $!
wait
"#;

pub struct LocalDynamoDb {
    pub address: SocketAddr,
    _keeper: Option<Child>,
}

impl LocalDynamoDb {
    /// Finds one and starts it, or says why that is not possible.
    pub fn start() -> Result<Self, String> {
        if let Some(endpoint) = environment("DYNAMODB_ENDPOINT") {
            return Ok(Self { address: resolve(&endpoint)?, _keeper: None });
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let install = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dynamodb-local/install");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dynamodb-local");
        let log = folder.join("server.log");
        fs::create_dir_all(&folder).expect("the folder is made");
        let mut keeper = Command::new("sh");
        keeper.args(["-c", SERVE, "sh", &address.port().to_string()]).args([&install, &folder]);
        keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(File::create(&log).expect("a new file"));
        let mut keeper = keeper.spawn().expect("sh starts");
        // npm may have to install it first.
        let ended = within(Duration::from_mins(5), "a local DynamoDB listens", || {
            let ended = keeper.try_wait().expect("the child can be asked").is_some();
            (ended || TcpStream::connect(address).is_ok()).then_some(ended)
        });
        if ended {
            return Err(fs::read_to_string(log).expect("a log of UTF-8").trim().replace('\n', "; "));
        }
        Ok(Self { address, _keeper: Some(keeper) })
    }
}

/// A port of the loopback interface that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).expect("a free port").port()
}

fn resolve(endpoint: &str) -> Result<SocketAddr, String> {
    let host = endpoint.strip_prefix("http://").unwrap_or(endpoint).trim_end_matches('/');
    // Local databases listen on IPv4 at least.
    let address = host.to_socket_addrs().ok().and_then(|mut addresses| addresses.find(SocketAddr::is_ipv4));
    address.ok_or_else(|| format!("DYNAMODB_ENDPOINT={endpoint} has no IPv4 address"))
}
