//! Collectors that the prometheus crate does not have.

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Counter, Opts};

/// A counter whose value is read from elsewhere when it is scraped.
pub struct CounterFn<F> {
    counter: Counter,
    read: F,
}

impl<F: Fn() -> f64> CounterFn<F> {
    pub fn new(name: &str, help: &str, read: F) -> Self {
        Self { counter: Counter::with_opts(Opts::new(name, help)).expect("a valid name"), read }
    }
}

impl<F: Fn() -> f64 + Send + Sync> Collector for CounterFn<F> {
    fn desc(&self) -> Vec<&Desc> {
        self.counter.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.counter.reset();
        self.counter.inc_by((self.read)());
        self.counter.collect()
    }
}

/// The crate's process metrics, without the CPU time: it gives whole seconds only.
#[cfg(target_os = "linux")]
pub struct Process(prometheus::process_collector::ProcessCollector);

#[cfg(target_os = "linux")]
impl Process {
    const CPU_SECONDS: &str = "process_cpu_seconds_total";

    pub fn of_self() -> Self {
        Self(prometheus::process_collector::ProcessCollector::for_self())
    }

    /// User and system time of this process, as exactly as the kernel has it.
    pub fn cpu_seconds() -> CounterFn<impl Fn() -> f64> {
        CounterFn::new(Self::CPU_SECONDS, "Total user and system CPU time spent in seconds.", || {
            let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
            std::time::Duration::try_from(time).unwrap_or_default().as_secs_f64()
        })
    }
}

#[cfg(target_os = "linux")]
impl Collector for Process {
    fn desc(&self) -> Vec<&Desc> {
        self.0.desc().into_iter().filter(|desc| desc.fq_name != Self::CPU_SECONDS).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.0.collect().into_iter().filter(|family| family.name() != Self::CPU_SECONDS).collect()
    }
}
