//! The ceiling of the DynamoDB path: a default client of the AWS SDK that calls `GetItem` and nothing else.
//! `sdk <endpoint> <connections> <seconds>` prints the CPU microseconds and the rate of its calls; `sdk <endpoint> <calls>`
//! makes so many, one after the other.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

#[tokio::main]
async fn main() {
    let mut words = std::env::args().skip(1);
    let endpoint = words.next().expect("an endpoint");
    let number: u32 = words.next().and_then(|word| word.parse().ok()).expect("a number of connections or calls");
    let seconds: Option<u64> = words.next().map(|word| word.parse().expect("a number of seconds"));
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(Credentials::new("bench", "bench", None, None, "bench"))
        .region(Region::new("eu-west-1"))
        .endpoint_url(endpoint)
        .build();
    let client = Client::from_conf(config);

    let Some(seconds) = seconds else {
        for _ in 0..number {
            call(&client).await;
        }
        return;
    };
    load(client.clone(), number, Duration::from_secs(1)).await;
    let (cpu_before, started) = (cpu(), Instant::now());
    let requests = load(client, number, Duration::from_secs(seconds)).await;
    let (cpu, elapsed) = (cpu().saturating_sub(cpu_before), started.elapsed());
    println!("{:.1} {:.0}", cpu.as_secs_f64() * 1e6 / f64::from(requests), f64::from(requests) / elapsed.as_secs_f64());
}

async fn call(client: &Client) {
    let key = AttributeValue::S("aaaa".to_owned());
    client.get_item().table_name("users").key("username", key).send().await.expect("the stub answers");
}

/// Calls it on so many connections for so long; how many calls that were.
async fn load(client: Client, connections: u32, time: Duration) -> u32 {
    let end = Instant::now() + time;
    let mut callers = JoinSet::new();
    for _ in 0..connections {
        let client = client.clone();
        callers.spawn(async move {
            let mut requests = 0;
            while Instant::now() < end {
                call(&client).await;
                requests += 1;
            }
            requests
        });
    }
    callers.join_all().await.into_iter().sum()
}

fn cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).expect("time runs forwards")
}
