// Plays every golden case on the host model and on this machine's kernel, compares the two packet
// transcripts line by line, and prints a table. `fidelity [--verbose] [row...]`
//
// Exit code: 0 all equal, 1 something differs, 77 namespaces cannot be made here (says why).
#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/fidelity/case_runner.hpp"
#include "tests/fidelity/isolated_host.hpp"
#include "tests/golden/golden_case.hpp"
#include "tests/golden/model_machine.hpp"

namespace elblab::fidelity {
namespace {

constexpr int kSkipped = 77;
constexpr std::uint64_t kSeed = 1;
constexpr Duration kLimit = std::chrono::seconds(150);

struct Selection {
  bool verbose = false;
  std::vector<golden::GoldenCase> cases;
};

Selection select(int argc, char** argv) {
  Selection selection;
  std::vector<std::string> rows;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--verbose") {
      selection.verbose = true;
    } else {
      rows.push_back(argument);
    }
  }
  for (const golden::GoldenCase& golden_case : golden::golden_cases()) {
    if (rows.empty() || std::find(rows.begin(), rows.end(), golden_case.row) != rows.end()) {
      selection.cases.push_back(golden_case);
    }
  }
  return selection;
}

KernelResult play_on_model(const golden::GoldenCase& golden_case) {
  KernelResult result;
  try {
    golden::ModelMachine machine(kSeed);
    result.transcript = golden::play(golden_case, machine);
  } catch (const std::exception& error) {
    result.failure = error.what();
  }
  return result;
}

// The tolerance is one-sided: a kernel's timers may be late against the model's, not early.
std::string compare(const KernelResult& expected, const KernelResult& actual,
                    const golden::Tolerance& tolerance) {
  if (!expected.failure.empty()) return "  " + expected.failure + "\n";
  if (!actual.failure.empty()) return "  " + actual.failure + "\n";
  return golden::differences(expected.transcript, actual.transcript, tolerance);
}

void print_transcript(const char* whose, const KernelResult& result) {
  std::printf("  %s:\n", whose);
  for (const golden::Line& line : result.transcript) {
    std::printf("  %s\n", golden::to_string(line).c_str());
  }
}

// Prints the row's verdict; true if all agree.
bool report(const golden::GoldenCase& golden_case, const KernelResult& kernel, bool verbose) {
  const KernelResult model = play_on_model(golden_case);
  const KernelResult table{.transcript = golden::parse_transcript(golden_case.expected),
                           .failure = {}};
  const std::string of_model = compare(table, model, golden_case.tolerance);
  const std::string of_kernel = compare(table, kernel, golden_case.tolerance);
  const std::string between = compare(model, kernel, golden_case.tolerance);
  const auto verdict = [](const std::string& differences) {
    return differences.empty() ? "as table" : "DIFFERS";
  };
  std::printf("%-4s %-72s %-9s %-9s %s\n", std::string(golden_case.row).c_str(),
              std::string(golden_case.name).c_str(), verdict(of_model), verdict(of_kernel),
              between.empty() ? "equal" : "DIFFERS");
  if (!of_model.empty()) std::printf(" model against table:\n%s", of_model.c_str());
  if (!of_kernel.empty()) std::printf(" kernel against table:\n%s", of_kernel.c_str());
  if (!between.empty()) std::printf(" kernel against model:\n%s", between.c_str());
  const bool equal = of_model.empty() && of_kernel.empty() && between.empty();
  if (!equal && !golden_case.version_note.empty()) {
    std::printf(" note: %s\n", std::string(golden_case.version_note).c_str());
  }
  if (verbose) {
    print_transcript("model", model);
    print_transcript("kernel", kernel);
  }
  return equal;
}

int run(int argc, char** argv) {
  const std::string refused = namespaces_refused();
  if (!refused.empty()) {
    std::printf("skipped: no network namespaces here: %s\n", refused.c_str());
    return kSkipped;
  }
  utsname system{};
  uname(&system);
  std::printf("kernel %s; the table was measured on Linux 6.18\n", system.release);
  const Selection selection = select(argc, argv);
  std::fflush(stdout);  // before the fork, or children would print it again
  const auto results = play_on_kernel(selection.cases, kLimit);
  std::printf("%-4s %-72s %-9s %-9s %s\n", "row", "case", "model", "kernel", "transcripts");
  std::size_t different = 0;
  for (std::size_t i = 0; i < selection.cases.size(); ++i) {
    if (!report(selection.cases[i], results[i], selection.verbose)) ++different;
  }
  std::printf("%zu of %zu cases equal\n", selection.cases.size() - different,
              selection.cases.size());
  return different == 0 && !selection.cases.empty() ? 0 : 1;
}

}  // namespace
}  // namespace elblab::fidelity

int main(int argc, char** argv) {
  try {
    return elblab::fidelity::run(argc, argv);
  } catch (const std::exception& error) {
    std::printf("failed: %s\n", error.what());
    return 1;
  }
}
