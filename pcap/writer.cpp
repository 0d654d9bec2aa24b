#include "pcap/writer.hpp"

#include <array>
#include <cerrno>
#include <cstring>

namespace elblab::pcap {
namespace {

constexpr std::uint32_t kMagicNanoseconds = 0xA1B23C4D;
constexpr std::uint32_t kLinkTypeRaw = 101;
constexpr std::uint32_t kSnapLength = 262144;

void store_little(std::uint8_t* at, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::string message(const std::filesystem::path& path, int error) {
  return "capture file " + path.string() + ": " + std::strerror(error);
}

}  // namespace

std::optional<std::string> Writer::open(const std::filesystem::path& path,
                                        std::unique_ptr<Writer>& writer) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return message(path, errno);
  writer.reset(new Writer(path, file));
  std::array<std::uint8_t, 24> header{};
  store_little(header.data(), kMagicNanoseconds);
  header[4] = 2;  // version 2.4
  header[6] = 4;
  store_little(header.data() + 16, kSnapLength);
  store_little(header.data() + 20, kLinkTypeRaw);
  writer->put(header);
  return std::nullopt;
}

Writer::Writer(std::filesystem::path path, std::FILE* file) : path_(std::move(path)), file_(file) {}

Writer::~Writer() {
  if (file_ != nullptr) std::fclose(file_);
}

void Writer::write(Instant at, std::span<const std::uint8_t> packet) {
  const auto nanoseconds = at.time_since_epoch().count();
  const auto size = static_cast<std::uint32_t>(packet.size());
  std::array<std::uint8_t, 16> header{};
  store_little(header.data(), static_cast<std::uint32_t>(nanoseconds / 1'000'000'000));
  store_little(header.data() + 4, static_cast<std::uint32_t>(nanoseconds % 1'000'000'000));
  store_little(header.data() + 8, size);
  store_little(header.data() + 12, size);
  put(header);
  put(packet);
}

std::optional<std::string> Writer::close() {
  if (file_ != nullptr) {
    std::FILE* file = file_;
    file_ = nullptr;
    errno = 0;
    if (std::fclose(file) != 0) remember_error();
  }
  if (error_.empty()) return std::nullopt;
  return error_;
}

void Writer::put(std::span<const std::uint8_t> bytes) {
  if (file_ == nullptr || !error_.empty()) return;
  errno = 0;
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) remember_error();
}

void Writer::remember_error() {
  if (error_.empty()) error_ = message(path_, errno);
}

}  // namespace elblab::pcap
