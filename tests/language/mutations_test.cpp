// Whatever is done to a file, the answer is a scenario or located errors, soon.
#include <boost/test/unit_test.hpp>
#include <random>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

using testing::kExample;
using testing::kLive;

// Either a file, or errors that each say something and stand in the text.
void check_answer(const std::string& text) {
  const auto loaded = ScenarioFile::parse(text, "x.yaml");
  BOOST_REQUIRE_EQUAL(loaded.file == nullptr, !loaded.errors.empty());
  for (const Diagnostic& error : loaded.errors) {
    BOOST_REQUIRE(!error.message.empty());
    BOOST_REQUIRE(error.to_string().starts_with("x.yaml:"));
    BOOST_REQUIRE_GE(error.line, 0);
    BOOST_REQUIRE_LE(error.line, 1 + std::count(text.begin(), text.end(), '\n'));
    if (error.line > 0) BOOST_REQUIRE_GE(error.column, 1);
  }
  if (!loaded.file) return;
  for (const std::string& run : loaded.file->runs()) {
    const auto result = loaded.file->decode(run);
    BOOST_REQUIRE_MESSAGE(result.scenario, testing::all(result.errors));
  }
  for (const std::string& run : loaded.file->live_runs()) {
    const auto result = loaded.file->decode(run, {}, Variant::live);
    BOOST_REQUIRE_MESSAGE(result.scenario, testing::all(result.errors));
  }
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string mutate(std::string text) {
    for (std::size_t n = 1 + random_() % 3; n > 0 && !text.empty(); --n) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }

  void change(std::string& text) {
    const std::size_t at = below(text.size());
    const std::size_t length = below(std::min<std::size_t>(40, text.size() - at) + 1);
    constexpr std::string_view kSpecial = "{}[]:,-#&*!|>'\"%@`\n\t ~?\x01\x02\x04\xC3\xFF";
    switch (below(7)) {
      case 0:
        text[at] = static_cast<char>(random_());
        break;
      case 1:
        text[at] = kSpecial[below(kSpecial.size())];
        break;
      case 2:
        text.resize(at);
        break;
      case 3:
        text.insert(at, text.substr(at, length));
        break;
      case 4:
        text.erase(at, length);
        break;
      case 5:
        text.insert(at, 1, kSpecial[below(kSpecial.size())]);
        break;
      case 6:
        text.insert(below(text.size()), text.substr(at, length));
        break;
    }
  }

  std::mt19937 random_;
};

BOOST_AUTO_TEST_SUITE(mutations)

BOOST_AUTO_TEST_CASE(random_changes_never_crash_or_hang) {
  Mutator mutator(1);
  std::size_t usable = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string text = mutator.mutate(kExample + kLive);
    BOOST_TEST_CONTEXT(text) { check_answer(text); }
    if (ScenarioFile::parse(text, "x.yaml").file) ++usable;
  }
  // Both answers occur, or the mutations show nothing.
  BOOST_TEST(usable > 30u);
  BOOST_TEST(usable < 2970u);
}

BOOST_AUTO_TEST_CASE(every_prefix_of_the_file_is_answered) {
  for (std::size_t length = 0; length < kExample.size(); length += 3) {
    check_answer(kExample.substr(0, length));
  }
}

BOOST_AUTO_TEST_CASE(random_bytes_are_answered) {
  std::mt19937 random(2);
  for (int i = 0; i < 2000; ++i) {
    std::string text(random() % 200, '\0');
    for (char& c : text) c = static_cast<char>(random());
    check_answer(text);
  }
}

BOOST_AUTO_TEST_CASE(random_overrides_are_answered) {
  Mutator mutator(3);
  const auto loaded = ScenarioFile::parse(kExample, "x.yaml");
  for (int i = 0; i < 2000; ++i) {
    const Override change{mutator.mutate("hosts.b[1..2].link.delay"),
                          mutator.mutate("{a: [1, 2s], b: ~}")};
    const auto result = loaded.file->decode("symptom", {change});
    BOOST_REQUIRE_EQUAL(result.scenario.has_value(), result.errors.empty());
  }
}

BOOST_AUTO_TEST_CASE(large_regular_files_are_answered_soon) {
  const auto repeat = [](const std::string& piece) {
    std::string text;
    while (text.size() + piece.size() < (1u << 20)) text += piece;
    return text;
  };
  for (const std::string piece :
       {"[", "{", "- ", "? ", "a: ", "&a ", "*a ", "\"", "'", "|\n ", "#\n", "x\n", "a: b\n", "\t",
        "%", "---\n", "{a: ", "b[1..1000]: {", "b[1..1000]: 1\n"}) {
    BOOST_TEST_CONTEXT(piece) { check_answer(repeat(piece)); }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
