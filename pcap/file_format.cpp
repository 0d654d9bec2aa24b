#include "pcap/file_format.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "models/net/bytes.hpp"

namespace elblab::pcap {
namespace {

// As the first four bytes read in network byte order.
constexpr std::uint32_t kMicroseconds = 0xA1B2C3D4;
constexpr std::uint32_t kNanoseconds = 0xA1B23C4D;
constexpr std::uint32_t kModified = 0xA1B2CD34;  // Kuznetzov's, of old Red Hat
constexpr std::uint32_t kNavtel = 0xA12B3C4D;
constexpr std::uint32_t kSectionHeader = 0x0A0D0D0A;  // pcapng; reads the same backwards

constexpr std::uint16_t kMajor = 2;
constexpr std::uint16_t kMinor = 4;

std::uint16_t word(std::span<const std::uint8_t> head, std::size_t at, bool big_endian) {
  const std::uint16_t value = net::load16(head.data() + at);
  return big_endian ? value : __builtin_bswap16(value);
}

bool has_version(std::span<const std::uint8_t> head, bool big_endian) {
  return head.size() >= kClassicHeader && word(head, 4, big_endian) == kMajor &&
         word(head, 6, big_endian) == kMinor;
}

struct Signature {
  std::string_view bytes;
  std::string_view what;
};

// Formats that people hand over by mistake, or that another tool turns into pcap.
constexpr std::array<Signature, 12> kSignatures{{
    {"\xFD"
     "7zXZ",
     "is compressed with xz: unpack it first (unxz -k)"},
    {"BZh", "is compressed with bzip2: unpack it first (bunzip2 -k)"},
    {"\x04\x22\x4D\x18", "is compressed with lz4: unpack it first (unlz4)"},
    {"PK\x03\x04", "is a ZIP archive: unpack it first"},
    {"snoop", "is a snoop capture: convert it first (editcap -F pcap)"},
    {"GMBU", "is a capture of Microsoft Network Monitor: convert it first (editcap -F pcap)"},
    {"\xFF\xD8\xFF", "is a JPEG picture, not a capture: name a pcap or pcapng file"},
    {"\x89PNG", "is a PNG picture, not a capture: name a pcap or pcapng file"},
    {"%PDF", "is a PDF document, not a capture: name a pcap or pcapng file"},
    {"\x7F"
     "ELF",
     "is a program, not a capture: name a pcap or pcapng file"},
    {"SQLite format 3",
     "is an SQLite database (a trace?), not a capture: name a pcap or pcapng file"},
    {"<?xml", "is XML, not a capture: write one as pcap (tshark -w, tcpdump -w)"},
}};

bool is_text(std::span<const std::uint8_t> head) {
  return std::ranges::all_of(head, [](std::uint8_t c) {
    return c >= 0x20 ? c != 0x7F : c == '\n' || c == '\r' || c == '\t';
  });
}

bool is_capture_magic(std::uint32_t magic) {
  const std::array all{kMicroseconds, kNanoseconds, kModified, kNavtel, kSectionHeader};
  return std::ranges::any_of(
      all, [magic](std::uint32_t m) { return magic == m || magic == __builtin_bswap32(m); });
}

}  // namespace

FileFormat format_of(std::span<const std::uint8_t> head) {
  if (head.size() < kClassicHeader) return FileFormat::foreign;
  const std::uint32_t magic = net::load32(head.data());
  for (const std::uint32_t classic : {kMicroseconds, kNanoseconds}) {
    if (magic == classic && has_version(head, true)) return FileFormat::classic;
    if (magic == __builtin_bswap32(classic) && has_version(head, false)) return FileFormat::classic;
  }
  if (magic == kSectionHeader) return FileFormat::next_generation;
  return is_capture_magic(magic) ? FileFormat::library : FileFormat::foreign;
}

std::string describe_foreign(std::span<const std::uint8_t> head) {
  if (head.empty()) return "is empty: the capture was never written; capture again";
  if (head.size() >= 4 && is_capture_magic(net::load32(head.data()))) {
    return "ends inside its file header, after " + std::to_string(head.size()) +
           " bytes, and holds no packet: copy it or capture again";
  }
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  for (const Signature& signature : kSignatures) {
    if (text.starts_with(signature.bytes)) return std::string(signature.what);
  }
  if (is_text(head)) {
    return "is text, not a capture: write one as pcap or pcapng (tcpdump -w, tshark -w)";
  }
  return "is not a capture (neither pcap nor pcapng by its first bytes): if another tool wrote it, "
         "convert it first (editcap -F pcap)";
}

ClassicHeader classic_header(std::span<const std::uint8_t> head) {
  const std::uint32_t magic = net::load32(head.data());
  ClassicHeader header;
  header.big_endian = magic == kMicroseconds || magic == kNanoseconds;
  header.nanoseconds = magic == kNanoseconds || magic == __builtin_bswap32(kNanoseconds);
  // 32 bits: the link type in the low 16, the length of the frame check sequence in the high 4.
  header.link_type = word(head, header.big_endian ? 22 : 20, header.big_endian);
  return header;
}

}  // namespace elblab::pcap
