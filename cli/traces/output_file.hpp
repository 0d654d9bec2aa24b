// A text file that a command writes for its user, or standard output.
//
// Opened at the first write; a failure is remembered, ends writing and is told by close(). A file
// that could not be written whole is removed. What goes to standard output is made safe for a
// terminal (safe_text.hpp), and its failures are told once, at the end of the program
// (standard_streams.hpp): close() knows nothing of them.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "models/contract/expected.hpp"

namespace elblab::cli {

class OutputFile {
 public:
  // "-" is standard output.
  explicit OutputFile(std::string path);

  // False: it went nowhere, nor will what follows.
  bool write(std::string_view text);
  // Error: what went wrong and where.
  Expected<void> close();

  bool is_stdout() const { return path_ == "-"; }
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::FILE* stream();
  void remember_error();

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  bool opened_ = false;
  std::optional<Error> error_;
};

}  // namespace elblab::cli
