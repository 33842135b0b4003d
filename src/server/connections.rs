//! The open connections, as the listener sees them: which gives way to a new one, and which have been idle for too long.
//!
//! One task owns this table, so a request takes no lock for it, and a connection needs no timer of its own. hyper's is made,
//! registered and removed for each request, and costs a GET 1,357 instructions of 20,056 more (bench/README.md).

use super::activity::{Activity, State};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// How often [`Connections::close_stalled`] is to be called in each `IDLE_TIMEOUT`. It closes at most a quarter late.
pub const CHECKS: u32 = 8;

/// While the new are few, one gets this long for its first request, which may be on its way.
const FIRST_REQUEST: Duration = Duration::from_secs(1);

/// All open connections, and some that have ended.
#[derive(Default)]
pub struct Connections {
    /// Those that had not begun a request when last looked at, oldest first.
    new: VecDeque<Connection>,
    /// The others, in the order in which they are looked at.
    used: VecDeque<Connection>,
    evictions: usize,
}

struct Connection {
    activity: Arc<Activity>,
    task: JoinHandle<()>,
    accepted: Instant,
    seen: State,
    unchanged: u32,
}

impl Connections {
    /// Adds one that has just been accepted; `open` is how many are open with it.
    pub fn add(&mut self, activity: Arc<Activity>, task: JoinHandle<()>, open: usize) {
        self.new.push_back(Connection { activity, task, accepted: Instant::now(), seen: State::New, unchanged: 0 });
        // Those that end stay in the table until they are more than the others.
        if self.new.len() + self.used.len() > 2 * open + 64 {
            self.retain(|connection| connection.activity.state() != State::Closed);
        }
    }

    /// Closes one of the `open` connections, if one answers no request, and tells what it was. First go those without a
    /// request, the oldest first, then the idle ones, of which each is passed over once if it was used since the last look:
    /// they may be the load balancer's.
    pub async fn evict(&mut self, open: usize) -> Option<&'static str> {
        if self.evictions.is_multiple_of(open / 16 + 1) {
            self.sort_out_new();
        }
        self.evictions += 1;
        let new_are_most = 2 * self.new.len() > open;
        let evicted = self.close_new(if new_are_most { Duration::ZERO } else { FIRST_REQUEST });
        let evicted = evicted.or_else(|| self.close_used()).or_else(|| self.close_new(Duration::ZERO));
        let (state, task) = evicted?;
        // It has ended once its task has: till then it holds its socket.
        let _ = task.await;
        Some(state)
    }

    /// Moves those that have begun a request to the others. A look at all of them, so not made for each eviction.
    fn sort_out_new(&mut self) {
        for _ in 0..self.new.len() {
            let Some(mut connection) = self.new.pop_front() else { break };
            match connection.look() {
                State::Closed => {}
                State::New => self.new.push_back(connection),
                _ => self.used.push_back(connection),
            }
        }
    }

    /// Closes the oldest without a request if it is at least of this age.
    fn close_new(&mut self, age: Duration) -> Option<(&'static str, JoinHandle<()>)> {
        while let Some(mut connection) = self.new.pop_front() {
            match connection.look() {
                State::Closed => {}
                State::New if connection.accepted.elapsed() < age => {
                    self.new.push_front(connection);
                    break;
                }
                State::New if connection.close() => return Some(("new", connection.task)),
                _ => self.used.push_back(connection),
            }
        }
        None
    }

    fn close_used(&mut self) -> Option<(&'static str, JoinHandle<()>)> {
        for _ in 0..2 * self.used.len() {
            let mut connection = self.used.pop_front()?;
            match connection.look() {
                State::Closed => {}
                State::Idle(_) if connection.unchanged > 0 && connection.close() => {
                    return Some(("idle", connection.task));
                }
                _ => self.used.push_back(connection),
            }
        }
        None
    }

    /// Closes connections that have begun no request, and answered none, for `IDLE_TIMEOUT`.
    pub fn close_stalled(&mut self) {
        self.retain(|connection| match connection.look() {
            State::Closed => false,
            State::Busy(_) => true,
            State::New | State::Idle(_) => connection.unchanged <= CHECKS || !connection.close(),
        });
    }

    /// Closes the connections on which no request is being answered.
    pub fn close_idle(&mut self) {
        self.retain(|connection| connection.activity.is_writing() || !connection.close());
    }

    fn retain(&mut self, mut keep: impl FnMut(&mut Connection) -> bool) {
        self.new.retain_mut(&mut keep);
        self.used.retain_mut(&mut keep);
    }
}

impl Connection {
    /// Notes what it is doing, and since how many looks.
    fn look(&mut self) -> State {
        let state = self.activity.state();
        self.unchanged = if state == self.seen { self.unchanged + 1 } else { 0 };
        self.seen = state;
        state
    }

    fn close(&self) -> bool {
        let closed = self.activity.close_unless_busy();
        if closed {
            self.task.abort();
        }
        closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::activity::Tracked;
    use hyper::service::Service;
    use std::convert::Infallible;
    use std::future::{Ready, pending, ready};

    struct Answering;

    impl Service<()> for Answering {
        type Response = ();
        type Error = Infallible;
        type Future = Ready<Result<(), Infallible>>;

        fn call(&self, (): ()) -> Self::Future {
            ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn the_new_give_way_first_then_the_idle_and_never_the_busy() {
        let mut connections = Connections::default();
        let activities: Vec<Arc<Activity>> = (0..5).map(|_| Arc::default()).collect();
        for activity in &activities {
            connections.add(Arc::clone(activity), tokio::spawn(pending::<()>()), 5);
        }
        let answer = |index: usize| Tracked { activity: Arc::clone(&activities[index]), service: Answering }.call(());
        let closed = || (0..5).filter(|index| activities[*index].state() == State::Closed).collect::<Vec<_>>();
        let _busy = answer(0);
        answer(1).await.unwrap();
        answer(4).await.unwrap();

        assert_eq!((connections.evict(3).await, closed()), (Some("new"), vec![2]));
        // The other without a request is young yet.
        assert_eq!((connections.evict(9).await, closed()), (Some("idle"), vec![1, 2]));
        assert!(answer(1).await.is_err(), "a request that begins on a closed connection is not served");
        assert_eq!((connections.evict(9).await, closed()), (Some("idle"), vec![1, 2, 4]));
        assert_eq!((connections.evict(9).await, closed()), (Some("new"), vec![1, 2, 3, 4]));
        assert_eq!(connections.evict(9).await, None);
    }
}
