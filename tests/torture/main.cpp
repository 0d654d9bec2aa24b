// Disturbs runs at random moments, and sees whether they keep what they promise: a trace that can
// be read to its last commit, a message and an exit code that say what happened, and nothing left
// behind.
//
//   torture [--points N] [--seed S] [--only POINT] [--live] [--most-seconds T]
//
// The same seed and number are the same point; the moment within a run differs a little each time.
// Exit codes: 0 all held, 1 some did not, 2 a mistake in the arguments.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <map>
#include <optional>
#include <string_view>

#include "tests/temporary_folder.hpp"
#include "tests/torture/belongings.hpp"
#include "tests/torture/commands.hpp"
#include "tests/torture/deed.hpp"
#include "tests/torture/point.hpp"

namespace elblab::torture {
namespace {

struct Arguments {
  std::uint64_t points = 100;
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> only;
  std::uint64_t most_seconds = 0;  // 0: as long as it takes
  bool live = false;
};

bool read_number(std::string_view text, std::uint64_t& number) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc{} && end == text.data() + text.size();
}

std::optional<Arguments> read_arguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--live") {
      arguments.live = true;
      continue;
    }
    std::uint64_t number = 0;
    if (i + 1 == argc || !read_number(argv[++i], number)) return std::nullopt;
    if (name == "--points") {
      arguments.points = number;
    } else if (name == "--seed") {
      arguments.seed = number;
    } else if (name == "--only") {
      arguments.only = number;
    } else if (name == "--most-seconds") {
      arguments.most_seconds = number;
    } else {
      return std::nullopt;
    }
  }
  return arguments;
}

int torture(const Arguments& arguments) {
  const testing::TemporaryFolder folder;
  Commands commands(folder.path());
  Belongings belongings;
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t tried = 0;
  std::uint64_t failed = 0;
  const std::uint64_t first = arguments.only.value_or(0);
  const std::uint64_t last = arguments.only ? first + 1 : arguments.points;
  for (std::uint64_t number = first; number < last; ++number) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    if (arguments.most_seconds > 0 && passed.count() > double(arguments.most_seconds)) break;
    const Point point = point_of(arguments.seed, number, arguments.live);
    const std::string complaint = Trial(point, commands, belongings).run();
    ++tried;
    if (complaint.empty()) continue;
    ++failed;
    fmt::print("{}: {}\n", to_string(point), complaint);
    std::fflush(stdout);
  }
  fmt::print("seed {}: {} of {} points held\n", arguments.seed, tried - failed, tried);
  return failed == 0 && tried > 0 ? 0 : 1;
}

}  // namespace
}  // namespace elblab::torture

int main(int argc, char** argv) {
  const auto arguments = elblab::torture::read_arguments(argc, argv);
  if (!arguments) {
    fmt::print(stderr,
               "torture [--points N] [--seed S] [--only POINT] [--live] [--most-seconds T]\n");
    return 2;
  }
  try {
    return elblab::torture::torture(*arguments);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "torture: {}\n", failure.what());
    return 2;
  }
}
