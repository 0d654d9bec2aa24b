// The book of a swarm: a line for each world that was tried, so that a swarm that was stopped goes
// on where it was.
//
// CSV with a first line that says which program and what the worlds are made of: a swarm goes on
// only with its own. A line is written and flushed when its world was judged; every write is
// checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "models/contract/expected.hpp"

namespace elblab::cli {

struct SwarmRow {
  std::uint64_t seed = 0;
  std::string finding;  // its kind; "ok": none. "unsupported": the simulation does not have it
  std::uint64_t connections = 0;
  std::uint64_t packets = 0;
  bool repeated = false;
  bool live = false;
};

class SwarmLog {
 public:
  // Begins the book at `path`, or goes on with the one there; `header` is a line. Error: it cannot
  // be read or written, or is of another swarm.
  static Expected<SwarmLog> open(const std::filesystem::path& path, const std::string& header);

  bool has(std::uint64_t seed) const { return rows_.contains(seed); }
  // By seed.
  const std::map<std::uint64_t, SwarmRow>& rows() const { return rows_; }
  const std::filesystem::path& path() const { return path_; }
  Expected<void> add(const SwarmRow& row);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  explicit SwarmLog(std::filesystem::path path) : path_(std::move(path)) {}
  Expected<void> read(const std::string& header);
  Expected<void> append();
  Expected<void> write(const std::string& line);

  std::filesystem::path path_;
  std::map<std::uint64_t, SwarmRow> rows_;
  std::uintmax_t whole_bytes_ = 0;  // of the file: up to the end of its last whole line
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace elblab::cli
