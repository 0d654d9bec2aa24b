#include "analysis/trace/digest.hpp"

#include <bit>
#include <cstring>
#include <string>
#include <vector>

#include "models/net/flow_key.hpp"

namespace elblab::trace {
namespace {

constexpr std::uint64_t kSeed = 0xA0761D6478BD642FULL;
constexpr std::uint64_t kFactor = 0xE7037ED1A0B428DBULL;

class Fingerprint {
 public:
  void add(std::uint64_t word) { state_ = net::mix64(state_ ^ word ^ kSeed, kFactor ^ ++words_); }
  void add(std::string_view text) {
    add(text.size());
    while (!text.empty()) {
      std::uint64_t word = 0;
      const std::size_t n = text.size() < 8 ? text.size() : 8;
      std::memcpy(&word, text.data(), n);
      add(word);
      text.remove_prefix(n);
    }
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = kSeed;
  std::uint64_t words_ = 0;
};

void add_value(Fingerprint& fingerprint, const Statement& row, int column) {
  const int type = row.type(column);
  fingerprint.add(static_cast<std::uint64_t>(type));
  switch (type) {
    case SQLITE_INTEGER:
      return fingerprint.add(static_cast<std::uint64_t>(row.integer(column)));
    case SQLITE_FLOAT:
      return fingerprint.add(std::bit_cast<std::uint64_t>(row.real(column)));
    case SQLITE_NULL:
      return;
    default:
      return fingerprint.add(row.text(column));
  }
}

}  // namespace

std::optional<std::uint64_t> table_digest(const Database& database, std::string_view table) {
  Statement rows(database, std::string("SELECT * FROM ").append(table).append(" ORDER BY rowid"));
  if (!rows.ok()) return std::nullopt;
  Fingerprint fingerprint;
  fingerprint.add(table);
  std::vector<int> columns;
  for (int i = 0; i < rows.columns(); ++i) {
    if (rows.column_name(i).starts_with("wall_")) continue;
    columns.push_back(i);
    fingerprint.add(rows.column_name(i));
  }
  Step step = rows.step();
  for (; step == Step::row; step = rows.step()) {
    for (const int column : columns) add_value(fingerprint, rows, column);
  }
  if (step == Step::error) return std::nullopt;
  return fingerprint.value();
}

std::uint64_t combine_digests(std::uint64_t so_far, std::uint64_t next) {
  return net::mix64(so_far ^ kSeed, next ^ kFactor);
}

}  // namespace elblab::trace
