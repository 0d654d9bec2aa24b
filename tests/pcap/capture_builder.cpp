#include "tests/pcap/capture_builder.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/must.hpp"

namespace elblab::pcap::test {
namespace {

void append_little(Bytes& bytes, std::uint64_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

CaptureBuilder::CaptureBuilder(ClassicFormat format) : format_(format) {
  number(format.nanoseconds ? 0xA1B23C4D : 0xA1B2C3D4, 4);
  number(2, 2);
  number(4, 2);
  number(0, 4);
  number(0, 4);
  number(format.snap_length, 4);
  number(format.link_type, 4);
}

CaptureBuilder& CaptureBuilder::add(std::uint32_t seconds, std::uint32_t fraction,
                                    const Bytes& packet, std::uint32_t original_length) {
  claim(seconds, fraction, static_cast<std::uint32_t>(packet.size()), original_length);
  return raw(packet);
}

CaptureBuilder& CaptureBuilder::claim(std::uint32_t seconds, std::uint32_t fraction,
                                      std::uint32_t captured, std::uint32_t original_length) {
  for (const std::uint32_t value : {seconds, fraction, captured, original_length}) number(value, 4);
  return *this;
}

CaptureBuilder& CaptureBuilder::raw(const Bytes& bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return *this;
}

void CaptureBuilder::number(std::uint32_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) {
    const unsigned shift = 8 * (format_.big_endian ? size - 1 - i : i);
    bytes_.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

NextGenerationBuilder::NextGenerationBuilder() {
  Bytes body;
  append_little(body, 0x1A2B3C4D, 4);
  append_little(body, 1, 2);
  append_little(body, 0, 2);
  append_little(body, ~std::uint64_t{0}, 8);  // length of the section: not said
  block(0x0A0D0D0A, body);
}

NextGenerationBuilder& NextGenerationBuilder::interface(std::uint16_t link_type,
                                                        std::uint32_t snap_length,
                                                        std::uint8_t resolution) {
  Bytes body;
  append_little(body, link_type, 4);
  append_little(body, snap_length, 4);
  append_little(body, 9, 2);  // if_tsresol, one byte
  append_little(body, 1, 2);
  append_little(body, resolution, 4);
  append_little(body, 0, 4);  // opt_endofopt
  block(1, body);
  return *this;
}

NextGenerationBuilder& NextGenerationBuilder::add(std::uint32_t interface, std::uint64_t units,
                                                  const Bytes& packet,
                                                  std::uint32_t original_length) {
  Bytes body;
  append_little(body, interface, 4);
  append_little(body, units >> 32, 4);
  append_little(body, units, 4);
  append_little(body, packet.size(), 4);
  append_little(body, original_length, 4);
  body.insert(body.end(), packet.begin(), packet.end());
  block(6, body);
  return *this;
}

void NextGenerationBuilder::block(std::uint32_t type, const Bytes& body) {
  const std::size_t padded = (body.size() + 3) / 4 * 4;
  append_little(bytes_, type, 4);
  append_little(bytes_, padded + 12, 4);
  bytes_.insert(bytes_.end(), body.begin(), body.end());
  bytes_.resize(bytes_.size() + padded - body.size());
  append_little(bytes_, padded + 12, 4);
}

void write_file(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  BOOST_REQUIRE(file.flush().good());
}

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Bytes packet_of(std::size_t size, std::uint32_t number) {
  Bytes packet(size);
  for (std::size_t i = 0; i < size; ++i) {
    packet[i] = static_cast<std::uint8_t>((i + 1) * 131 + number * 2'654'435'761U);
  }
  return packet;
}

std::string open_error(const std::filesystem::path& path) {
  const auto reader = Reader::open(path);
  BOOST_REQUIRE(!reader.has_value());
  return reader.error().message;
}

std::unique_ptr<Reader> open(const std::filesystem::path& path) { return must(Reader::open(path)); }

std::vector<ReadRecord> all_records(Reader& reader) {
  std::vector<ReadRecord> all;
  Record record;
  while (reader.next(record)) {
    all.push_back({record.at_ns, Bytes(record.bytes.begin(), record.bytes.end()),
                   record.original_length, record.link_type});
  }
  return all;
}

std::string output_of(const std::string& command) {
  std::string output;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    output.push_back(static_cast<char>(c));
  }
  ::pclose(pipe);
  return output;
}

bool have_command(const std::string& name) {
  return std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;
}

}  // namespace elblab::pcap::test
