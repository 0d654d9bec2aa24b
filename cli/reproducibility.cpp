#include "cli/reproducibility.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace elblab::cli {
namespace {

std::optional<std::string> different_ends(const trace::Reader& a, const trace::Reader& b) {
  if (a.complete() != b.complete()) return "only one of the two traces is complete";
  if (a.end_of_run() == b.end_of_run()) return std::nullopt;
  return fmt::format("the runs end at {} s and {} s", to_seconds(a.end_of_run()),
                     to_seconds(b.end_of_run()));
}

struct SampleDifference {
  Instant at;
  std::string text;
};

std::optional<SampleDifference> first_different_sample(const trace::Reader& a,
                                                       const trace::Reader& b,
                                                       const trace::SeriesInfo& series) {
  const auto other = b.find_series(series.name, series.object);
  const std::string name = fmt::format("{}({})", series.name, series.object);
  if (!other) return SampleDifference{kStart, fmt::format("only one trace has {}", name)};
  const auto left = a.samples(series.id, kStart, kNever);
  const auto right = b.samples(other->id, kStart, kNever);
  const auto [l, r] = std::mismatch(
      left.begin(), left.end(), right.begin(), right.end(),
      [](const auto& x, const auto& y) { return x.at == y.at && x.value == y.value; });
  if (l == left.end() && r == right.end()) return std::nullopt;
  const Instant at = l != left.end() ? l->at : r->at;
  return SampleDifference{
      at, fmt::format("series {} at {} s: {} and {}", name, to_seconds(at),
                      l != left.end() ? fmt::format("{}", l->value) : std::string("nothing"),
                      r != right.end() ? fmt::format("{}", r->value) : std::string("nothing"))};
}

std::optional<std::string> different_samples(const trace::Reader& a, const trace::Reader& b) {
  std::optional<SampleDifference> earliest;
  for (const auto& series : a.series()) {
    auto found = first_different_sample(a, b, series);
    if (found && (!earliest || found->at < earliest->at)) earliest = std::move(found);
  }
  if (!earliest) return std::nullopt;
  return std::move(earliest->text);
}

std::optional<std::string> different_counts(const trace::Reader& a, const trace::Reader& b) {
  const auto left = a.reason_counts();
  const auto right = b.reason_counts();
  const auto [l, r] = std::mismatch(left.begin(), left.end(), right.begin(), right.end(),
                                    [](const auto& x, const auto& y) {
                                      return x.object == y.object && x.kind == y.kind &&
                                             x.reason == y.reason && x.count == y.count;
                                    });
  if (l == left.end() && r == right.end()) return std::nullopt;
  const auto text = [](const trace::ReasonCount& c) {
    return fmt::format("{} × {} {} on {}", c.count, c.kind, c.reason, c.object);
  };
  return fmt::format("events: {} and {}", l != left.end() ? text(*l) : "nothing",
                     r != right.end() ? text(*r) : "nothing");
}

std::string different_tables(const trace::Reader& a, const trace::Reader& b) {
  const auto left = a.table_digests();
  const auto right = b.table_digests();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (left[i] != right[i]) names.push_back(left[i].first);
  }
  return fmt::format("equal series and counts, but different rows in {}", fmt::join(names, ", "));
}

}  // namespace

std::optional<std::string> difference(const trace::Reader& a, const trace::Reader& b) {
  if (a.digest() == b.digest()) return std::nullopt;
  if (auto text = different_samples(a, b)) return text;
  if (auto text = different_counts(a, b)) return text;
  if (auto text = different_ends(a, b)) return text;
  return different_tables(a, b);
}

std::optional<std::string> difference(const std::filesystem::path& a,
                                      const std::filesystem::path& b) {
  std::unique_ptr<trace::Reader> left;
  std::unique_ptr<trace::Reader> right;
  if (const auto error = trace::Reader::open(a, left)) return error->message;
  if (const auto error = trace::Reader::open(b, right)) return error->message;
  return difference(*left, *right);
}

}  // namespace elblab::cli
