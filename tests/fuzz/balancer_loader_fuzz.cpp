// Any text as a balancer file: a balancer that validates, and can be built, or errors that stand in
// the text.
#include <algorithm>
#include <string>

#include "models/config/validation.hpp"
#include "scenarios/language/balancer_file.hpp"
#include "tests/fuzz/expect.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace elblab;  // NOLINT: a program of its own
  using fuzz::expect;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto loaded = language::parse_balancer(text, "x.yaml");
  expect(loaded.balancers.empty() == !loaded.errors.empty(), "a balancer or errors");
  for (const language::Diagnostic& error : loaded.errors) {
    expect(!error.message.empty(), "an error says something");
    expect(error.to_string().starts_with("x.yaml:"), "an error names the file");
    expect(error.line >= 0 && error.line <= 1 + std::ranges::count(text, '\n'),
           "an error stands in the text");
  }
  for (const config::LoadBalancer& balancer : loaded.balancers) {
  expect(loaded.source_text == text, "the text is kept");
    expect(balancer.profile != nullptr, "a balancer has a profile");
    expect(config::validate(balancer).empty(), "a balancer that loaded is valid");
  }
  return 0;
}
