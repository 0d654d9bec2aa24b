#include "tests/fidelity/exchange_battery.hpp"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "live/network/file_descriptor.hpp"
#include "live/network/proc_sys.hpp"
#include "tests/exchanges/exchange_player.hpp"
#include "tests/fidelity/kernel_machine.hpp"
#include "tests/fidelity/transcript_text.hpp"
#include "tests/golden/model_machine.hpp"

namespace elblab::fidelity {
namespace {

using exchanges::Comparison;
using exchanges::Exchange;

constexpr std::uint64_t kSeed = 1;
constexpr int kRuns = 3;
constexpr std::int64_t kReceiveBuffer = 6291456;  // as golden::play()

golden::Transcript play_on_model(const Exchange& exchange) {
  golden::ModelMachine machine(kSeed);
  machine.set_sysctl("net.ipv4.tcp_rmem.max", kReceiveBuffer);
  return exchanges::ExchangePlayer(exchange, machine, 1).play();
}

// A kernel with a fresh peer address for every run.
class KernelPlayer {
 public:
  explicit KernelPlayer(const BatteryOptions& options) : machine_(options.congestion_control) {
    machine_.set_sysctl("net.ipv4.tcp_rmem.max", kReceiveBuffer);
    // An application whose every write is taken, as on the model.
    must(live::write_proc_sys("net/ipv4/tcp_wmem", "4096 4194304 4194304"));
    // The player wakes up when its packets come, whatever else the machine computes. Without the
    // right to that, runs on a busy machine are less stable.
    const sched_param priority{.sched_priority = 1};
    sched_setscheduler(0, SCHED_FIFO, &priority);
  }
  golden::Transcript play(const Exchange& exchange) {
    return exchanges::ExchangePlayer(exchange, machine_, ++runs_).play();
  }

 private:
  KernelMachine machine_;
  std::uint32_t runs_ = 0;
};

Verdict judge_one(const Exchange& exchange, KernelPlayer& kernel) {
  const golden::Transcript model = play_on_model(exchange);
  Verdict verdict;
  std::vector<golden::Transcript> differing;
  int outcomes_agree = 0;
  int agreeing = 0;
  for (int run = 0; run < kRuns && agreeing < 1 + run / 2; ++run) {
    const golden::Transcript transcript = kernel.play(exchange);
    const Comparison comparison = exchanges::compare(transcript, model);
    if (comparison.outcome) ++outcomes_agree;
    if (comparison.whole) {
      ++agreeing;
      if (differing.empty()) break;
      continue;
    }
    if (differing.empty()) verdict.first = comparison;
    differing.push_back(transcript);
    if (differing.size() == 2) break;
  }
  if (differing.size() < 2) {
    verdict.agreement = Agreement::agrees;
    verdict.outcome_agrees = true;
    return verdict;
  }
  const Comparison between = exchanges::compare(differing[0], differing[1]);
  verdict.agreement = between.whole ? Agreement::differs : Agreement::unstable;
  verdict.outcome_agrees = outcomes_agree > 0;
  return verdict;
}

std::string encode(std::size_t index, const Verdict& verdict) {
  std::string text(1, static_cast<char>(verdict.agreement));
  text += verdict.outcome_agrees ? '1' : '0';
  text += std::to_string(index);
  for (const std::string* field :
       {&verdict.first.kind, &verdict.first.expected, &verdict.first.actual, &verdict.failure}) {
    text += kFieldEnd + *field;
  }
  return text + kRecordEnd;
}

void decode(std::string_view record, std::vector<Verdict>& verdicts) {
  Verdict verdict;
  verdict.agreement = static_cast<Agreement>(record.at(0));
  verdict.outcome_agrees = record.at(1) == '1';
  std::vector<std::string> fields;
  std::size_t at = 2;
  while (at <= record.size()) {
    const auto end = std::min(record.find(kFieldEnd, at), record.size());
    fields.emplace_back(record.substr(at, end - at));
    at = end + 1;
  }
  fields.resize(5);
  verdict.first.kind = fields[1];
  verdict.first.expected = fields[2];
  verdict.first.actual = fields[3];
  verdict.failure = fields[4];
  verdicts.at(std::stoul(fields[0])) = std::move(verdict);
}

[[noreturn]] void work(const std::vector<Exchange>& exchanges, std::size_t first, std::size_t step,
                       const BatteryOptions& options, int output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    KernelPlayer kernel(options);
    for (std::size_t i = first; i < exchanges.size(); i += step) {
      Verdict verdict;
      try {
        verdict = judge_one(exchanges[i], kernel);
      } catch (const std::exception& error) {
        verdict.failure = error.what();
      }
      write_all(output, encode(i, verdict));
    }
  } catch (const std::exception& error) {
    Verdict verdict;
    verdict.failure = error.what();
    write_all(output, encode(first, verdict));
  }
  _exit(0);
}

struct Worker {
  pid_t id = 0;
  live::FileDescriptor output;
  std::string received;
};

template <typename Body>
Worker start(Body&& body) {
  int channel[2];
  if (pipe(channel) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  Worker worker;
  worker.output = live::FileDescriptor(channel[0]);
  const live::FileDescriptor write_end(channel[1]);
  worker.id = fork();
  if (worker.id < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (worker.id == 0) {
    body(channel[1]);
    _exit(0);
  }
  return worker;
}

// Until all have ended.
void collect(std::vector<Worker>& workers) {
  for (;;) {
    std::vector<pollfd> entries;
    std::vector<Worker*> open;
    for (Worker& worker : workers) {
      if (!worker.output.open()) continue;
      entries.push_back({.fd = worker.output.get(), .events = POLLIN, .revents = 0});
      open.push_back(&worker);
    }
    if (entries.empty()) break;
    poll(entries.data(), entries.size(), -1);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].revents == 0) continue;
      char text[65536];
      const ssize_t size = read(open[i]->output.get(), text, sizeof text);
      if (size > 0) {
        open[i]->received.append(text, static_cast<std::size_t>(size));
      } else {
        open[i]->output.reset();
      }
    }
  }
  for (const Worker& worker : workers) waitpid(worker.id, nullptr, 0);
}

}  // namespace

std::vector<Verdict> judge(const std::vector<Exchange>& exchanges, const BatteryOptions& options) {
  const std::size_t count = std::min<std::size_t>(std::max(options.workers, 1U), exchanges.size());
  std::vector<Worker> workers;
  for (std::size_t i = 0; i < count; ++i) {
    workers.push_back(start([&](int output) { work(exchanges, i, count, options, output); }));
  }
  collect(workers);
  std::vector<Verdict> verdicts(exchanges.size());
  for (const Worker& worker : workers) {
    std::string_view records = worker.received;
    for (auto end = records.find(kRecordEnd); end != std::string_view::npos;
         end = records.find(kRecordEnd)) {
      decode(records.substr(0, end), verdicts);
      records.remove_prefix(end + 1);
    }
  }
  return verdicts;
}

Transcripts play_on_both(const Exchange& exchange, const BatteryOptions& options) {
  Transcripts transcripts;
  transcripts.model = play_on_model(exchange);
  std::vector<Worker> workers;
  workers.push_back(start([&](int output) {
    KernelPlayer kernel(options);
    for (int run = 0; run < kRuns; ++run) {
      write_all(output, to_text(kernel.play(exchange)) + kRecordEnd);
    }
  }));
  collect(workers);
  std::string_view records = workers.front().received;
  for (auto end = records.find(kRecordEnd); end != std::string_view::npos;
       end = records.find(kRecordEnd)) {
    transcripts.kernel.push_back(from_text(records.substr(0, end)));
    records.remove_prefix(end + 1);
  }
  return transcripts;
}

}  // namespace elblab::fidelity
