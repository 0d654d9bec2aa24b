// The table of a sweep as a file that a program may leave at any moment and another go on with.
//
// Each row is appended and flushed when its run has ended; finish() puts the rows in the order of
// the grid, in a second file that then takes the place of the first. So a sweep that was stopped,
// or killed, and started again leaves the same bytes as one that ran through. Every write is
// checked; after one that failed nothing more is written. Of two sweeps that want one table at the
// same time the second is refused.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/sweeps/sweep_table.hpp"

namespace elblab::cli {

struct SweepFileError : Error {
  // The file there is another table or no table; else it could not be read or written.
  bool is_foreign = false;
};

class SweepFile {
 public:
  // Begins the table of a sweep, or goes on with what is there of it.
  static Expected<SweepFile, SweepFileError> open(const std::filesystem::path& path,
                                                  const SweepHeader& header);

  const std::filesystem::path& path() const { return path_; }
  // What is in the file.
  const SweepTable& table() const { return table_; }

  Expected<void> add(const SweepRow& row);
  // No row may follow.
  Expected<void> finish();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  SweepFile(std::filesystem::path path, SweepTable table)
      : path_(std::move(path)), table_(std::move(table)) {}
  Expected<void> claim();
  bool is_at_its_path() const;
  Expected<void> append_to(std::size_t kept);
  Expected<void> write(const std::string& text);

  std::filesystem::path path_;
  SweepTable table_;
  std::unique_ptr<std::FILE, Close> file_;
};

// A table that somebody wants to look at. Error: that it cannot be read, or what is wrong where.
Expected<SweepTable> load_sweep_table(const std::filesystem::path& path);
// false also for what cannot be read
bool is_sweep_table(const std::filesystem::path& path);

}  // namespace elblab::cli
