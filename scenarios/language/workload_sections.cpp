// Tables of workloads and the timeline.
#include "models/workload/parameters.hpp"
#include "models/workload/request_header.hpp"
#include "scenarios/language/sections.hpp"

namespace elblab::language {
namespace {

using std::chrono::hours;

// A request begins with a header of its own, so it cannot be shorter.
constexpr std::uint64_t kSmallestRequest = workload::kRequestHeaderBytes;
constexpr std::uint64_t kLargestBody = 1'000'000'000'000;

struct OnOffTable : Section<workload::OnOff> {
  using O = workload::OnOff;
  OnOffTable() : Section("on_off", "Load in bursts, with pauses between them.") {
    required("on", &O::on, duration(std::chrono::microseconds(1), hours(24)),
             "length of a burst, at the rate of the workload");
    required("off", &O::off, duration(Duration(0), hours(24)), "pause between two bursts");
  }
};

const Section<workload::OnOff>& on_off_section() {
  static const OnOffTable table;
  return table;
}

struct WorkloadTable : Section<WorkloadEntry> {
  using W = WorkloadEntry;
  WorkloadTable() : Section("workload", "What clients ask for: exactly one kind of load.") {
    required("from", &W::from, names(), "client hosts; the load is split evenly");
    required("to", &W::to, listener(),
             "name of the listener, balancer/listener where several balancers have one; or a host");
    field("port", &W::port, integer<std::uint16_t>(1, 65535),
          "port, where the listener has a range; of a host, which is asked directly")
        .default_text = "the listener's first";
    load_kinds();
    field("requests", &W::requests_per_second, per_second(),
          "persistent and quic: requests in total; 0/s keeps the connections idle");
    when();
    exchange();
    check([](const Node& node, Diagnostics& d, WorkloadEntry& workload) {
      const Entry* requests = node.find("requests");
      if (requests && workload.requests_per_second > 0 && !workload.persistent && !workload.quic) {
        d.error(requests->key_place, "'requests' goes with 'persistent' and 'quic'");
      }
      const Entry* change = node.find("address_change");
      if (change && workload.values.address_change > Duration(0) && !workload.quic) {
        d.error(change->key_place, "'address_change' goes with 'quic'");
      }
      const Entry* think_time = node.find("think_time");
      if (think_time && workload.values.think_time > Duration(0) && !workload.users) {
        d.error(think_time->key_place, "'think_time' goes with 'users'");
      }
      const Entry* roams = node.find("roam_every");
      if (roams && workload.values.roaming.every > Duration(0) && !workload.users) {
        d.error(roams->key_place, "'roam_every' goes with 'users'");
      }
      const Entry* sessions = node.find("sessions");
      if (sessions && !workload.values.has_sessions && !workload.users) {
        d.error(sessions->key_place, "'sessions' goes with 'users'");
      }
      const Entry* on_off = node.find("on_off");
      if (on_off && workload.users) {
        d.error(on_off->key_place, "'on_off' needs a rate: it does not go with 'users'");
      }
    });
  }

  static Codec<std::string> listener() {
    Codec<std::string> codec = text();
    codec.type.text = "listener, balancer/listener or host";
    return codec;
  }

  void load_kinds() {
    const auto add = [&](FieldInfo& info) { info.choice = "kind of load"; };
    add(field("short_connections", &W::short_connections, per_second(),
              "one connection per request, this many per second, answered or not"));
    add(field("persistent", &W::persistent, integer<std::uint32_t>(1, 10'000'000),
              "this many connections kept open; `requests` are spread over them"));
    add(field("datagrams", &W::datagrams, per_second(),
              "UDP: requests per second, each one datagram"));
    add(field("users", &W::users, integer<std::uint32_t>(1, 10'000'000),
              "this many users, each with one short connection after the other"));
    add(field(
        "quic", &W::quic, integer<std::uint32_t>(1, 1'000'000),
        "UDP: this many QUIC connections kept open; `requests` are spread over them, each one "
        "packet with a real header and nothing encrypted"));
    exactly_one("kind of load");
    field(
        "think_time", [](auto& w) -> auto& { return w.values.think_time; }, duration(),
        "users: pause between the answer and the next request");
    field(
        "sessions", [](auto& w) -> auto& { return w.values.has_sessions; },
        choice<bool>({{"local", true}, {"shared", false}}),
        "users: whose session a server knows: local, of those whose last request it answered; "
        "shared, everybody's, so that none is lost");
    field(
        "roam_every", [](auto& w) -> auto& { return w.values.roaming.every; }, duration(),
        "users: how often each goes on from another address of his host, which needs two for each "
        "of them at least; 0s: never");
    field(
        "address_change", [](auto& w) -> auto& { return w.values.address_change; }, duration(),
        "quic: how long a connection goes on from one address before it moves to the next of its "
        "host, with its connection ID; 0: it stays");
    using A = workload::Arrivals;
    field(
        "arrivals", [](auto& w) -> auto& { return w.values.arrivals; },
        choice<A>({{"uniform", A::uniform}, {"poisson", A::poisson}}),
        "uniform: evenly spaced; poisson: at random");
    field("on_off", &W::on_off, section(on_off_section()),
          "load in bursts: the rate holds while on, nothing comes while off; absent: no pauses");
  }

  void when() {
    field("begin", &W::begin, duration(), "when it starts");
    field("for", &W::length, duration(std::chrono::milliseconds(1), hours(24 * 365)),
          "how long it lasts")
        .default_text = "to the end of the run";
  }

  void exchange() {
    field(
        "request", [](auto& w) -> auto& { return w.values.request_bytes; },
        size(kSmallestRequest, kLargestBody), "bytes of a request");
    field(
        "response", [](auto& w) -> auto& { return w.values.response_bytes; }, size(0, kLargestBody),
        "bytes of an answer");
    using C = workload::Closer;
    field(
        "closes", [](auto& w) -> auto& { return w.values.closes; },
        choice<C>({{"client", C::client}, {"server", C::server}}),
        "who closes first, and so keeps the TIME_WAIT");
    using F = workload::CloseWith;
    field(
        "close_with", [](auto& w) -> auto& { return w.values.close_with; },
        choice<F>({{"fin", F::fin}, {"rst", F::rst}}), "orderly, or by reset");
    field(
        "hold", [](auto& w) -> auto& { return w.values.hold; }, duration(),
        "pause between the answer and the first FIN");
    field(
        "request_timeout", [](auto& w) -> auto& { return w.values.request_timeout; },
        duration(std::chrono::milliseconds(1)), "the user gives up after this");
    field(
        "slow", [](auto& w) -> auto& { return w.values.slow; }, duration(),
        "answers above this count as slow_responses");
    field(
        "retries", [](auto& w) -> auto& { return w.values.retries; }, integer<unsigned>(0, 1000),
        "further attempts after one that failed");
    field(
        "source_port", [](auto& w) -> auto& { return w.values.source_port; },
        integer<std::uint16_t>(1, 65535), "hard-coded source port")
        .default_text = "chosen by the system";
  }
};

struct TimelineTable : Section<TimelineItem> {
  using T = TimelineItem;
  TimelineTable()
      : Section("timeline entry", "A change or fault at a moment of the run: exactly one action.") {
    required("at", &T::at, duration(), "when");
    for (std::size_t i = 0; i < kTimelineVerbs.size(); ++i) {
      const TimelineVerb& verb = kTimelineVerbs[i];
      field(
          std::string(verb.word), [i](T & item) -> auto& { return item.targets[i]; },
          verb.target == TimelineVerb::Target::server ? server() : name(), std::string(verb.help))
          .choice = "action";
    }
    field("set", &T::set, path_values(),
          "paths of a balancer and the values they get: what an operator changes, in effect after "
          "the "
          "balancer's `propagation_delay`")
        .choice = "action";
    field("remove", &T::remove, list_of(text()), "paths of a balancer that go away, likewise")
        .choice = "action";
    exactly_one("action");
    field("weight", &T::weight, integer<std::uint8_t>(0, 100), "with set_weight");
    field("name", &T::name, text(), "with set_sysctl: name of the setting");
    field("value", &T::value, integer<std::int64_t>(0, std::numeric_limits<std::uint32_t>::max()),
          "with set_sysctl: its new value");
    field("loss", &T::loss, share(), "with set_loss: probability that a packet is lost");
    field("bandwidth", &T::bandwidth, bit_rate(), "with set_bandwidth: bits per second");
  }
  static Codec<std::string> server() {
    Codec<std::string> codec = text();
    codec.type.text = "group/server, or balancer/group/server";
    codec.type.schema = {{"type", "string"}, {"pattern", "^([^/]+/)?[^/]+/[^/]+$"}};
    return codec;
  }
};

}  // namespace

const Section<WorkloadEntry>& workload_section() {
  static const WorkloadTable table;
  return table;
}

const Section<TimelineItem>& timeline_section() {
  static const TimelineTable table;
  return table;
}

}  // namespace elblab::language
