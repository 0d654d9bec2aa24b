#include "tests/exchanges/exchange_generator.hpp"

#include <algorithm>
#include <string>

#include "tests/exchanges/exchange_writer.hpp"

namespace elblab::exchanges {
namespace {

using Writer = ExchangeWriter;

std::string text(std::int64_t number) { return std::to_string(number); }

void requests(Writer& w) {
  w.open();
  const std::int64_t rounds = w.number(1, 4);
  for (std::int64_t i = 0; i < rounds; ++i) {
    w.peer_sends(w.chance(0.8) ? w.number(20, 900) : w.number(1000, 6000));
    if (w.chance(0.4)) w.wait(w.one_of({1, 10, 30, 60, 90, 250}));
    w.host_sends(w.chance(0.7) ? w.number(1, 1400) : w.number(1400, 12000));
    if (w.chance(0.25)) w.wait(w.one_of({5, 12, 30, 45}));
    if (w.chance(0.8)) w.peer_acknowledges();
    if (w.chance(0.1)) w.wait(w.one_of({300, 700}));
  }
  w.peer_acknowledges();
  if (w.chance(0.9)) w.close();
  w.tail(w.one_of({60, 100, 300}));
}

// The host asks, the peer answers.
void answers(Writer& w) {
  w.open();
  const std::int64_t rounds = w.number(1, 3);
  for (std::int64_t i = 0; i < rounds; ++i) {
    w.host_sends(w.number(20, 1200));
    if (w.chance(0.5)) w.peer_acknowledges();
    if (w.chance(0.4)) w.wait(w.one_of({5, 20, 60}));
    w.peer_sends(w.number(1, 4000));
    if (w.chance(0.3)) w.wait(w.one_of({5, 45, 60}));
  }
  w.close();
  w.tail(w.one_of({60, 100, 300}));
}

void greeting(Writer& w) {
  w.open();
  w.host_sends(w.number(10, 300));
  w.peer_acknowledges();
  if (w.chance(0.5)) w.peer_sends(w.number(10, 100));
  w.close();
  w.tail(w.one_of({60, 300}));
}

void probe_of_health(Writer& w) {
  w.open();
  if (w.chance(0.3)) w.wait(w.one_of({5, 30}));
  w.close();
  w.tail(w.one_of({50, 250}));
}

void lost_handshake(Writer& w) {
  if (w.chance(0.5)) {
    w.step("peer P port=9000 hport=0");
    w.step("connect P");
    w.wait(w.one_of({500, 1100, 2100, 3100, 5200}));
    switch (w.number(0, 3)) {
      case 0:
        w.step("seg P R.");
        break;
      case 1:
        w.step("icmperr 3 " + text(w.one_of({0, 1, 3, 13})) + " P");
        break;
      default:
        w.step("seg P S." + w.options());
        w.host_sends(w.one_of({100, 5000, 20000}));
        w.peer_acknowledges();
        w.peer_sends(w.number(1, 2000));
        w.close();
    }
  } else {
    w.step("listen L 80 5");
    w.step("peer P");
    w.step("seg P S" + w.options());
    w.wait(w.one_of({500, 1100, 3200}));
    if (w.chance(0.3)) w.step("seg P S seq=-1 noadv=1" + w.options());
    w.step("seg P .");
    if (w.chance(0.5)) w.peer_sends(w.number(1, 500));
    w.host_sends(w.one_of({100, 5000, 20000}));
    w.peer_acknowledges();
    w.close();
  }
  w.tail(w.one_of({60, 300}));
}

void refused(Writer& w) {
  w.step("peer P port=9000 hport=0");
  w.step("connect P");
  if (w.chance(0.3)) w.wait(w.one_of({5, 40}));
  if (w.chance(0.6)) {
    w.step("seg P R.");
  } else if (w.v6()) {
    w.step("icmperr 1 " + text(w.one_of({0, 1, 3, 4})) + " P");
  } else {
    w.step("icmperr 3 " + text(w.one_of({0, 1, 3, 9, 10, 13})) + " P");
  }
  w.tail(50);
}

void accept_late(Writer& w) {
  w.step("auto accept off");
  const std::int64_t backlog = w.one_of({0, 0, 1, 2});
  w.step("listen L 80 " + text(backlog));
  const std::int64_t peers = w.number(1, 4);
  const std::string options = w.options();
  for (std::int64_t i = 0; i < peers; ++i) {
    w.step("peer P" + text(i) + " port=" + text(40000 + i));
    w.step("seg P" + text(i) + " S" + options);
  }
  for (std::int64_t i = 0; i < peers; ++i) {
    w.step("seg P" + text(i) + " .");
    if (w.chance(0.5)) w.step("seg P" + text(i) + " P. len=" + text(w.number(1, 800)));
    if (w.chance(0.15)) w.step("seg P" + text(i) + " F.");
    if (w.chance(0.1)) w.step("seg P" + text(i) + " R");
  }
  w.wait(w.one_of({10, 100, 300, 1100}));
  const std::int64_t accepts = w.number(0, peers);
  for (std::int64_t i = 0; i < accepts; ++i) w.step("accept L");
  w.wait(w.one_of({10, 100, 1100}));
  if (w.chance(0.5)) w.step("seg P0 P. len=" + text(w.number(1, 800)));
  if (accepts > 0 && w.chance(0.7)) w.step("send 0 " + text(w.one_of({100, 3000, 20000})));
  if (w.chance(0.3)) w.step("stop L");
  w.tail(w.one_of({50, 300}));
}

void reuse(Writer& w) {
  w.step("listen L 80 5");
  w.step("peer P");
  const std::string options = w.options();
  w.step("seg P S" + options);
  w.step("seg P .");
  if (w.chance(0.5)) w.step("seg P P. len=200");
  w.step("close 0");
  w.step("seg P .");
  if (w.chance(0.85)) w.step("seg P F.");
  if (w.chance(0.4)) w.wait(w.one_of({20, 1100}));
  if (w.chance(0.3)) w.step("seg P F. seq=-1");
  const std::int64_t number = 1'000'000 + w.one_of({-5000, 1, 202, 203, 100000, 2000000});
  w.step("peer Q iss=" + text(number));
  w.step("seg Q S" + options);
  w.step("seg Q .");
  w.step("seg Q P. len=100");
  w.step("send 1 100");
  w.tail(50);
}

void upload(Writer& w) {
  w.open();
  const std::int64_t count = w.number(5, 40);
  const std::int64_t size = w.chance(0.7) ? w.mss() : w.one_of({100, 500, 1000});
  const double push = w.one_of({0, 0, 1}) == 1 ? 1.0 : 0.15;
  const std::int64_t burst = w.one_of({1, 1, 2, 5, 10});
  const std::int64_t gap = w.one_of({0, 0, 7, 30});
  const bool loses = w.chance(0.3);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string flags = w.chance(push) ? " P." : " .";
    const std::string pace = (i + 1) % burst == 0 ? "" : " nd=1";
    if (loses && w.chance(0.08)) {  // one behind it comes first
      w.step("seg P" + flags + " seq=" + text(size) + " len=" + text(size));
    }
    w.step("seg P" + flags + " len=" + text(size) + pace);
    if (gap > 0 && (i + 1) % burst == 0) w.wait(gap);
  }
  if (w.chance(0.3)) w.host_sends(w.number(1, 500));
  w.close();
  w.tail(100);
}

std::string losses(Writer& w, std::int64_t segments) {
  std::string list;
  const std::int64_t count = w.one_of({0, 1, 1, 1, 2, 3, 5});
  for (std::int64_t i = 0; i < count; ++i) {
    if (!list.empty()) list += ".";
    list += text(w.number(1, segments + 3));
  }
  return list.empty() ? "" : " drop=" + list;
}

void download(Writer& w) {
  const std::int64_t segments = w.number(2, 40);
  w.open(" auto=" + text(w.one_of({1, 1, 2})) + " delay=" + text(w.one_of({2, 10, 20, 50})) +
         losses(w, segments));
  if (w.chance(0.5)) w.wait(w.one_of({10, 30}));
  w.peer_sends(100);
  w.step("send 0 " + text(segments * w.mss() - w.number(0, 700)));
  w.wait(w.one_of({50, 150, 400}));
  if (w.chance(0.4)) w.step("send 0 " + text(w.number(1, 8000)));
  w.wait(100);
  w.close();
  w.tail(w.one_of({100, 500}));
}

void silent_tail(Writer& w) {
  w.open();
  w.peer_sends(w.number(20, 500));
  w.host_sends(w.one_of({100, 1000, 3000, 8000, 20000}));
  if (w.chance(0.4)) w.step("close 0");
  w.wait(w.one_of({30, 80, 150, 250, 450, 700}));
  w.peer_acknowledges();
  if (w.chance(0.5)) w.peer_sends(100);
  if (w.chance(0.5)) w.close();
  w.tail(w.one_of({50, 300}));
}

void datagrams(Writer& w) {
  w.step("udp 53 4000");
  w.step("send 0 " + text(w.number(1, 1200)));
  if (w.chance(0.5)) w.step("udpin 4000 53 len=" + text(w.number(0, 1000)));
  if (w.chance(0.4)) {
    w.step(w.v6() ? "icmperr 1 " + text(w.one_of({0, 1, 4})) + " -"
                  : "icmperr 3 " + text(w.one_of({0, 1, 2, 3, 13})) + " -");
  }
  if (w.chance(0.5)) w.step("udpin 4000 53 len=5");
  if (w.chance(0.5)) w.step("send 0 10");
  if (w.chance(0.4)) w.step("udpin 4000 " + text(w.one_of({53, 54, 99})) + " len=20");
  if (w.chance(0.3)) w.step("close 0");
  if (w.chance(0.3)) w.step("udpin 4000 53 len=5");
  if (w.chance(0.3))
    w.step((w.v6() ? "icmp 128 0 len=" : "icmp 8 0 len=") + text(w.number(0, 1000)));
  w.tail(30);
}

void slow_reader(Writer& w) {
  w.step("auto read off");
  w.open();
  const std::int64_t count = w.number(1, 60);
  for (std::int64_t i = 0; i < count; ++i) {
    w.step("seg P P. len=" + text(w.mss()) + (w.chance(0.5) ? " nd=1" : ""));
  }
  if (w.chance(0.6)) {
    w.wait(w.one_of({10, 100}));
    w.step("read 0");
    w.peer_sends(w.number(1, 3000));
    if (w.chance(0.5)) w.step("read 0");
  }
  if (w.chance(0.4)) w.host_sends(w.number(1, 2000));
  w.close();
  w.tail(100);
}

void peer_window(Writer& w) {
  w.open(" win=" + text(w.one_of({0, 500, 1000, 3000, 8000})));
  w.host_sends(w.one_of({100, 3000, 9000}));
  w.wait(w.one_of({50, 250, 700}));
  w.step("seg P . win=" + text(w.one_of({0, 2000, 30000})));
  if (w.chance(0.5)) w.step("close 0");
  w.wait(w.one_of({50, 300}));
  w.step("seg P . win=64000");
  w.step("seg P .");
  w.tail(50);
}

void keepalive_of_peer(Writer& w) {
  w.open();
  if (w.chance(0.6)) w.peer_sends(w.number(1, 500));
  if (w.chance(0.5)) w.host_sends(100);
  w.peer_acknowledges();
  w.wait(w.one_of({100, 600}));
  w.step("seg P . seq=-1" + std::string(w.chance(0.3) ? " len=1" : ""));
  w.wait(w.one_of({10, 600}));
  w.step("seg P . seq=-1");
  w.close();
  w.tail(60);
}

using Theme = void (*)(Writer&);
struct NamedTheme {
  const char* name;
  Theme write;
  int weight;
};
constexpr NamedTheme kThemes[] = {
    {"requests", requests, 22},
    {"answers", answers, 10},
    {"greeting", greeting, 6},
    {"health", probe_of_health, 7},
    {"handshake", lost_handshake, 8},
    {"refused", refused, 4},
    {"accept", accept_late, 8},
    {"reuse", reuse, 5},
    {"upload", upload, 8},
    {"download", download, 10},
    {"silence", silent_tail, 7},
    {"udp", datagrams, 5},
    {"reader", slow_reader, 5},
    {"window", peer_window, 3},
    {"keepalive", keepalive_of_peer, 2},
};

const NamedTheme& draw_theme(Writer& w) {
  int all = 0;
  for (const NamedTheme& theme : kThemes) all += theme.weight;
  std::int64_t at = w.number(0, all - 1);
  for (const NamedTheme& theme : kThemes) {
    if (at < theme.weight) return theme;
    at -= theme.weight;
  }
  return kThemes[0];
}

// A segment that has no business to be there, or an error message about the connection.
std::string stray(Writer& w) {
  if (w.chance(0.12)) {
    return w.v6() ? "icmperr " + text(w.one_of({1, 3, 4})) + " " + text(w.number(0, 4)) + " P"
                  : "icmperr " + text(w.one_of({3, 3, 4, 11, 12})) + " " +
                        text(w.one_of({0, 1, 2, 3, 5, 9, 10, 13})) + " P";
  }
  std::string line = "seg P " + w.one_of({".", ".", "P.", "P.", "F.", "FP.", "R", "R.", "S", "S.",
                                          "P", "F", "FS", "SR"});
  if (w.chance(0.7)) {
    line += " seq=" + text(w.one_of({-70000, -3000, -1460, -100, -1, 0, 0, 1, 10, 100, 1460, 5000,
                                     64000, 70000, 2000000}));
  }
  if (w.chance(0.4)) {
    line += " ack=" + text(w.one_of({-70000, -5000, -1460, -100, -1, 1, 100, 1460, 100000}));
  }
  if (w.chance(0.4)) line += " len=" + text(w.one_of({1, 10, 100, 1000, 1460}));
  if (w.chance(0.15)) line += " win=" + text(w.one_of({0, 1, 500, 1460, 65535}));
  if (w.chance(0.08)) line += " opts=ts:" + text(w.one_of({-5000, -100, -1, 100, 100000}));
  if (w.chance(0.5)) line += " noadv=1";
  if (w.chance(0.2)) line += " nd=1";
  return line;
}

// The peer that a stray comes from is one that the exchange has; none in an exchange of datagrams.
Step stray_of(const Exchange& exchange, Writer& w) {
  Step step = parse_step(stray(w));
  for (const Step& other : exchange.steps) {
    if (other.verb != "peer") continue;
    step.words[step.verb == "icmperr" ? 2 : 0] = other.words[0];
    return step;
  }
  return parse_step("udpin 4000 53 len=" + text(w.number(0, 1400)));
}

// Steps lost, doubled, exchanged; strays in between.
void spoil(Exchange& exchange, Writer& w) {
  const std::int64_t changes = w.number(1, 4);
  for (std::int64_t i = 0; i < changes && exchange.steps.size() > 3; ++i) {
    const auto last = static_cast<std::int64_t>(exchange.steps.size()) - 2;
    const auto at = exchange.steps.begin() + w.number(2, std::max<std::int64_t>(2, last));
    switch (w.number(0, 9)) {
      case 0:
        if (at->verb == "seg" || at->verb == "wait") exchange.steps.erase(at);
        break;
      case 1:
        if (at->verb == "seg") {
          Step again = *at;
          again.options.push_back({"noadv", "1"});
          exchange.steps.insert(at, again);
        }
        break;
      case 2:
        if (at->verb == "seg" && (at - 1)->verb == "seg") std::iter_swap(at, at - 1);
        break;
      case 3:
        exchange.steps.insert(at, parse_step("wait " + text(w.one_of({50, 250, 600, 1100}))));
        break;
      default:
        exchange.steps.insert(at, stray_of(exchange, w));
    }
  }
}

}  // namespace

Exchange generate(std::uint64_t seed, std::uint64_t number, Manners manners) {
  const bool harsh = manners == Manners::harsh;
  Exchange exchange;
  random::Stream stream =
      random::Stream(seed, harsh ? "harsh" : "well-behaved").child(std::to_string(number));
  exchange.v6 = stream.chance(0.25);
  Writer writer(exchange, stream.child("steps"));
  const NamedTheme& theme = draw_theme(writer);
  theme.write(writer);
  if (harsh) {
    Writer spoiler(exchange, stream.child("spoil"));
    spoil(exchange, spoiler);
  }
  exchange.name = std::string(harsh ? "h" : "w") + std::to_string(seed) + "." +
                  std::to_string(number) + "-" + theme.name;
  return exchange;
}

}  // namespace elblab::exchanges
