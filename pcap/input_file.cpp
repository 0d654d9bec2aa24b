#include "pcap/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace elblab::pcap {
namespace {

Error cannot_open(const std::filesystem::path& path, int error) {
  const std::string start = path.string() + ": ";
  if (error == ENOENT) return {start + "no such file: check the path of the capture"};
  if (error == EACCES) {
    return {start + "may not be read: check its permissions, or run as its owner"};
  }
  return {start + "cannot be opened: " + std::strerror(error)};
}

}  // namespace

InputFile::InputFile(InputFile&& other) noexcept { *this = std::move(other); }

InputFile& InputFile::operator=(InputFile&& other) noexcept {
  path_.swap(other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(regular_, other.regular_);
  std::swap(error_, other.error_);
  std::swap(position_, other.position_);
  std::swap(decompressor_, other.decompressor_);
  std::swap(head_, other.head_);
  std::swap(head_size_, other.head_size_);
  return *this;
}

InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Expected<InputFile> InputFile::open(const std::filesystem::path& path) {
  InputFile opened;
  opened.path_ = path == "-" ? "standard input" : path;
  opened.descriptor_ =
      path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened.descriptor_ < 0) return cannot_open(opened.path_, errno);
  struct stat status {};
  if (::fstat(opened.descriptor_, &status) != 0) return cannot_open(opened.path_, errno);
  if (S_ISDIR(status.st_mode)) {
    return Error{opened.path_.string() + ": is a directory: name a capture file in it"};
  }
  opened.regular_ = S_ISREG(status.st_mode);
  if (opened.regular_) ::posix_fadvise(opened.descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
  opened.head_size_ = opened.read_descriptor(opened.head_);
  if (opened.error_ != 0) {
    return Error{opened.path_.string() + ": cannot be read: " + std::strerror(opened.error_)};
  }
  opened.decompressor_ = Decompressor::for_head(opened.head());
  if (opened.decompressor_ != nullptr) {
    if (!opened.regular_) {
      return Error{opened.path_.string() +
                   ": is packed: unpack it on the way (gunzip -c, unzstd -c), or name the file"};
    }
    if (auto rewound = opened.rewind(); !rewound) return rewound.error();
    if (opened.head_size_ == 0) {
      return Error{opened.path_.string() +
                   ": is packed, and damaged from its beginning: copy it again"};
    }
  }
  return opened;
}

std::size_t InputFile::read(std::span<std::uint8_t> into) {
  std::size_t count = 0;
  if (position_ < head_size_) {
    count = std::min<std::size_t>(into.size(), head_size_ - position_);
    std::memcpy(into.data(), head_.data() + position_, count);
  }
  count += read_on(into.subspan(count));
  position_ += count;
  return count;
}

std::size_t InputFile::read_on(std::span<std::uint8_t> into) {
  if (decompressor_ == nullptr) return read_descriptor(into);
  return decompressor_->read(
      into, [this](std::span<std::uint8_t> packed) { return read_descriptor(packed); });
}

std::size_t InputFile::read_descriptor(std::span<std::uint8_t> into) {
  std::size_t count = 0;
  while (count < into.size() && error_ == 0) {
    const ssize_t got = ::read(descriptor_, into.data() + count, into.size() - count);
    if (got == 0) break;
    if (got > 0) {
      count += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  return count;
}

std::uint64_t InputFile::bytes_left() const {
  struct stat status {};
  if (!regular_ || decompressor_ != nullptr || ::fstat(descriptor_, &status) != 0) return 0;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  return size > position_ ? size - position_ : 0;
}

Expected<void> InputFile::rewind() {
  if (!regular_) return Error{path_.string() + ": a pipe cannot be read twice: give it as a file"};
  error_ = 0;
  position_ = 0;
  // The head is kept, as it was when the file was opened; of a packed file it is unpacked anew.
  const off_t begin = decompressor_ == nullptr ? static_cast<off_t>(head_size_) : 0;
  if (::lseek(descriptor_, begin, SEEK_SET) < 0) {
    return Error{path_.string() + ": cannot be read again: " + std::strerror(errno)};
  }
  if (decompressor_ == nullptr) return {};
  decompressor_->reset();
  head_size_ = read_on(head_);
  return {};
}

}  // namespace elblab::pcap
