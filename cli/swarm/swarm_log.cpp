#include "cli/swarm/swarm_log.hpp"

#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kColumns = "seed,finding,connections,packets,repeated,live";

std::string line_of(const SwarmRow& row) {
  return fmt::format("{},{},{},{},{:d},{:d}\n", row.seed, row.finding, row.connections, row.packets,
                     row.repeated, row.live);
}

std::optional<SwarmRow> row_of(const std::string& line) {
  SwarmRow row;
  std::istringstream text(line);
  const auto comma = [&] { return text.get() == ','; };
  const bool read = (text >> row.seed) && comma() && std::getline(text, row.finding, ',') &&
                    (text >> row.connections) && comma() && (text >> row.packets) && comma() &&
                    (text >> row.repeated) && comma() && (text >> row.live);
  return read && text.peek() == std::char_traits<char>::eof() ? std::optional(row) : std::nullopt;
}

}  // namespace

Expected<SwarmLog> SwarmLog::open(const fs::path& path, const std::string& header) {
  SwarmLog log(path);
  std::error_code error;
  // Of what is no file there may be no end.
  const bool begins = !fs::is_regular_file(path, error) || fs::file_size(path, error) == 0;
  if (!begins) {
    if (auto read = log.read(header); !read) return read.error();
  }
  if (auto opened = log.append(); !opened) return opened.error();
  if (begins) {
    if (auto written = log.write(fmt::format("# {}\n{}\n", header, kColumns)); !written) {
      return written.error();
    }
  }
  return log;
}

// What follows the last end of a line was cut off: that world is tried again.
Expected<void> SwarmLog::read(const std::string& header) {
  std::ostringstream all;
  all << std::ifstream(path_, std::ios::binary).rdbuf();
  std::string text = all.str();
  text.erase(text.rfind('\n') + 1);
  whole_bytes_ = text.size();
  std::istringstream lines(text);
  std::string line;
  if (!std::getline(lines, line) || line != "# " + header || !std::getline(lines, line) ||
      line != kColumns) {
    return Error{fmt::format(
        "{}: is the book of another swarm, or of another version; name another folder (--out), or "
        "remove it",
        path_.string())};
  }
  while (std::getline(lines, line)) {
    const auto row = row_of(line);
    if (!row) return Error{fmt::format("{}: no row of a swarm: {}", path_.string(), line)};
    rows_[row->seed] = *row;
  }
  return {};
}

Expected<void> SwarmLog::append() {
  file_.reset(std::fopen(path_.c_str(), "abe"));
  // Rows of two swarms would stand in it.
  if (file_ && ::flock(::fileno(file_.get()), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return Error{
        fmt::format("{}: another swarm is writing it now; wait, or name another folder with --out",
                    path_.string())};
  }
  const bool cut =
      file_ && (whole_bytes_ == 0 ||
                ::ftruncate(::fileno(file_.get()), static_cast<off_t>(whole_bytes_)) == 0);
  if (cut) return {};
  return Error{fmt::format("{}: cannot be written: {}", path_.string(), std::strerror(errno))};
}

Expected<void> SwarmLog::write(const std::string& line) {
  if (std::fputs(line.c_str(), file_.get()) >= 0 && std::fflush(file_.get()) == 0) return {};
  return Error{fmt::format("{}: cannot be written: {}", path_.string(), std::strerror(errno))};
}

Expected<void> SwarmLog::add(const SwarmRow& row) {
  if (auto written = write(line_of(row)); !written) return written;
  rows_[row.seed] = row;
  return {};
}

}  // namespace elblab::cli
