// The right to write a trace: a lock on the file itself (flock(2)), held from before the file
// stands at its path until its run is over, so that of two runs that begin one trace at once
// exactly one gets it, and nobody takes the trace of a run that goes on for what an ended run left
// behind.
//
// SQLite's own locks cannot say that: a writer lets go of them between two transactions. The kernel
// lets go of this one when the process ends, however it ends. A file system without such locks
// gives claims that keep nobody out; SQLite's lock is then all there is.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <utility>

#include "models/contract/expected.hpp"

namespace elblab::trace {

struct ClaimRefusal {
  enum class Why : std::uint8_t {
    claimed,  // another run has it
    exists,   // something stands at the path by now
    absent,   // nothing stands there (any more)
    system,   // `code` says what
  };
  Why why = Why::system;
  int code = 0;  // errno
};

class TraceClaim {
 public:
  // Of the file at `path`, which must be a regular one.
  static Expected<TraceClaim, ClaimRefusal> of_file(const std::filesystem::path& path);
  // Makes a file with these contents and puts it to `path`, where nothing may stand, in one step:
  // who looks there finds nothing, or all of it, claimed already.
  static Expected<TraceClaim, ClaimRefusal> of_new_file(const std::filesystem::path& path,
                                                        std::span<const std::byte> contents);

  TraceClaim() = default;
  TraceClaim(TraceClaim&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), file_(other.file_) {}
  TraceClaim& operator=(TraceClaim&& other) noexcept;
  TraceClaim(const TraceClaim&) = delete;
  TraceClaim& operator=(const TraceClaim&) = delete;
  // After whatever else this process has open of the file was closed: closing a descriptor of a
  // file ends the process's POSIX locks on it, which are SQLite's.
  ~TraceClaim() { release(); }

  // Whether the claimed file is the one at `path`: nobody removed or replaced it.
  bool is_at(const std::filesystem::path& path) const;

 private:
  struct File {
    dev_t device = 0;
    ino_t number = 0;
    auto operator<=>(const File&) const = default;
  };
  friend class ClaimedFiles;
  TraceClaim(int descriptor, File file) : descriptor_(descriptor), file_(file) {}
  static Expected<TraceClaim, ClaimRefusal> of_descriptor(int descriptor);
  void release();

  int descriptor_ = -1;
  File file_;
};

}  // namespace elblab::trace
