// The answer of what can fail at the edges of the program: files, sockets, the kernel, SQLite.
//
//   static Expected<std::unique_ptr<Reader>> open(const std::filesystem::path& path);
//
//   auto reader = Reader::open(path);
//   if (!reader) return reader.error();  // into any other Expected
//   (*reader)->next(record);
//
// Expected<void> is for what gives nothing but may fail. What fails says so in one message for the
// person at the terminal: where, what is wrong, and where possible what to do. It carries a code
// only where a caller decides by it: then by an error type of its own, derived from Error.
//
// Not for everything that is not as it should be:
// - in the data path a packet that goes no further is counted under a reason (telemetry::Reason);
// - a scenario has as many mistakes as it has, each with its place: language::Diagnostics;
// - what a caller must keep to is required, and stops the program: ELBLAB_REQUIRE (require.hpp);
// - what was looked for and found is a result like any other, and absent when there is none: the
//   first difference of two traces, packets that are missing, a setting that a host lacks are a
//   std::optional<std::string>.
//
// It is std::expected of C++23 in all it has (http://wg21.link/p0323), by tl::expected.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace elblab {

struct Error {
  std::string message;
};

// A class and no alias, so that no answer can be left unread, and an Error alone is an answer.
template <typename T, typename E = Error>
class [[nodiscard]] Expected : public tl::expected<T, E> {
 public:
  using tl::expected<T, E>::expected;
  Expected(E error) : tl::expected<T, E>(tl::unexpect, std::move(error)) {}
};

}  // namespace elblab
