#include "pcap/writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <utility>

#include "pcap/link_layer.hpp"
#include "pcap/reader.hpp"

namespace elblab::pcap {
namespace {

constexpr std::uint32_t kMagicNanoseconds = 0xA1B23C4D;
constexpr std::uint32_t kVersion = 4U << 16 | 2U;  // 2.4: the major number comes first
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kFileHeader = 24;
constexpr std::size_t kRecordHeader = 16;

void store_little(std::uint8_t* at, std::uint32_t value) {
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap32(value);
  std::memcpy(at, &value, 4);
}

Error refused(const std::filesystem::path& path, int error) {
  return {"capture file " + path.string() + ": " + std::strerror(error)};
}

}  // namespace

Expected<std::unique_ptr<Writer>> Writer::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return refused(path, errno);
  return std::unique_ptr<Writer>(new Writer(path, descriptor));
}

Writer::Writer(std::filesystem::path path, int descriptor)
    : path_(std::move(path)),
      descriptor_(descriptor),
      buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kBuffer)),
      used_(kFileHeader) {
  std::memset(buffer_.get(), 0, kFileHeader);
  store_little(buffer_.get(), kMagicNanoseconds);
  store_little(buffer_.get() + 4, kVersion);
  store_little(buffer_.get() + 16, kLargestRecord);
  store_little(buffer_.get() + 20, link_type::raw);
}

// Whoever wants to know how it went has closed it before.
Writer::~Writer() { static_cast<void>(close()); }

void Writer::write_at(std::int64_t epoch_ns, std::span<const std::uint8_t> packet,
                      std::uint32_t original_length) {
  if (descriptor_ < 0 || failed()) return;
  const std::size_t size = kRecordHeader + packet.size();
  if (kBuffer - used_ < size) flush();
  std::uint8_t* at = buffer_.get() + used_;
  store_little(at, static_cast<std::uint32_t>(epoch_ns / kSecond));
  store_little(at + 4, static_cast<std::uint32_t>(epoch_ns % kSecond));
  store_little(at + 8, static_cast<std::uint32_t>(packet.size()));
  store_little(at + 12, original_length);
  used_ += kRecordHeader;
  if (size > kBuffer) {  // the buffer is empty but for the header
    flush();
    return write_out(packet);
  }
  if (!packet.empty()) std::memcpy(at + kRecordHeader, packet.data(), packet.size());
  used_ += packet.size();
}

Expected<void> Writer::close() {
  if (descriptor_ >= 0) {
    flush();
    if (::close(std::exchange(descriptor_, -1)) != 0) remember_error();
  }
  if (error_) return *error_;
  return {};
}

void Writer::flush() { write_out({buffer_.get(), std::exchange(used_, 0)}); }

void Writer::write_out(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty() && !failed()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      remember_error();
    }
  }
}

void Writer::remember_error() {
  if (!error_) error_ = refused(path_, errno);
}

}  // namespace elblab::pcap
