#include "analysis/trace/trace_claim.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace elblab::trace {

// The files that this process has claimed. It may not even look whether one of these is claimed:
// closing the descriptor that it looked with would end SQLite's locks on the file.
class ClaimedFiles {
 public:
  static ClaimedFiles& of_this_process() {
    static ClaimedFiles files;
    return files;
  }
  bool has(const struct stat& status) {
    const std::lock_guard lock(mutex_);
    return files_.contains({status.st_dev, status.st_ino});
  }
  void add(TraceClaim::File file) {
    const std::lock_guard lock(mutex_);
    files_.insert(file);
  }
  void remove(TraceClaim::File file) {
    const std::lock_guard lock(mutex_);
    files_.erase(file);
  }

 private:
  std::mutex mutex_;
  std::set<TraceClaim::File> files_;
};

namespace {

namespace fs = std::filesystem;
using Why = ClaimRefusal::Why;

constexpr int kMode = 0644;  // as SQLite makes files

ClaimRefusal refusal_of(int code) {
  if (code == EEXIST) return {Why::exists, code};
  return {code == ENOENT ? Why::absent : Why::system, code};
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// errno, 0 when all of it was written.
int write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return ::fdatasync(descriptor) == 0 ? 0 : errno;
}

// A file that has no name until it is complete, so that a kill leaves nothing behind; where the
// file system has no such files, one with a name of its own.
class UnpublishedFile {
 public:
  explicit UnpublishedFile(const fs::path& path) : path_(path) {
    descriptor_ = ::open(folder_of(path).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kMode);
    if (descriptor_ >= 0 || !has_no_nameless_files(errno)) return;
    name_ = fmt::format("{}.begun-{}", path.string(), ::getpid());
    descriptor_ = ::open(name_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
  }
  ~UnpublishedFile() {
    if (!name_.empty()) ::unlink(name_.c_str());
  }
  UnpublishedFile(const UnpublishedFile&) = delete;
  UnpublishedFile& operator=(const UnpublishedFile&) = delete;

  int descriptor() const { return descriptor_; }

  // errno, EEXIST when something stands there.
  int publish() {
    if (name_.empty()) {
      const std::string self = fmt::format("/proc/self/fd/{}", descriptor_);
      const int linked =
          ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path_.c_str(), AT_SYMLINK_FOLLOW);
      return linked == 0 ? 0 : errno;
    }
    if (::renameat2(AT_FDCWD, name_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) != 0) {
      return errno;
    }
    name_.clear();
    return 0;
  }

 private:
  static bool has_no_nameless_files(int code) {
    return code == EOPNOTSUPP || code == EISDIR || code == EINVAL;
  }

  const fs::path path_;
  std::string name_;  // empty: none
  int descriptor_ = -1;
};

}  // namespace

TraceClaim& TraceClaim::operator=(TraceClaim&& other) noexcept {
  if (this == &other) return *this;
  release();
  descriptor_ = std::exchange(other.descriptor_, -1);
  file_ = other.file_;
  return *this;
}

void TraceClaim::release() {
  if (descriptor_ < 0) return;
  ::close(std::exchange(descriptor_, -1));
  ClaimedFiles::of_this_process().remove(file_);
}

bool TraceClaim::is_at(const fs::path& path) const {
  struct stat there {};
  return ::stat(path.c_str(), &there) == 0 && there.st_dev == file_.device &&
         there.st_ino == file_.number;
}

// Takes the descriptor.
Expected<TraceClaim, ClaimRefusal> TraceClaim::of_descriptor(int descriptor) {
  struct stat status {};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(descriptor);
    return ClaimRefusal{Why::claimed, EWOULDBLOCK};
  }
  if (::fstat(descriptor, &status) != 0) {
    const int code = errno;
    ::close(descriptor);
    return refusal_of(code);
  }
  const File file{status.st_dev, status.st_ino};
  ClaimedFiles::of_this_process().add(file);
  return TraceClaim(descriptor, file);
}

Expected<TraceClaim, ClaimRefusal> TraceClaim::of_file(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return refusal_of(errno);
  if (ClaimedFiles::of_this_process().has(status)) return ClaimRefusal{Why::claimed, EWOULDBLOCK};
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return refusal_of(errno);
  auto claim = of_descriptor(descriptor);
  // Between the opening and the lock it may have been replaced.
  if (claim && !claim->is_at(path)) return ClaimRefusal{Why::absent, ENOENT};
  return claim;
}

Expected<TraceClaim, ClaimRefusal> TraceClaim::of_new_file(const fs::path& path,
                                                           std::span<const std::byte> contents) {
  UnpublishedFile file(path);
  if (file.descriptor() < 0) return refusal_of(errno);
  auto claim = of_descriptor(file.descriptor());
  if (!claim) return claim;
  if (const int code = write_all(file.descriptor(), contents); code != 0) return refusal_of(code);
  if (const int code = file.publish(); code != 0) return refusal_of(code);
  return claim;
}

}  // namespace elblab::trace
