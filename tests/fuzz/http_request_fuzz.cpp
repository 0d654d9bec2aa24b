// Any bytes as an HTTP request, in pieces of any size: however they are cut they are read the same,
// no more than the longest head is taken, and every answer is one that ends.
//
// Input: the size of the pieces (one byte, 0 for 256), then the stream.
#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "models/workload/http_pages.hpp"
#include "tests/fuzz/expect.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
using fuzz::expect;
using workload::HttpPages;
using workload::HttpRequest;
using workload::HttpRequestReader;
using Bytes = std::span<const std::uint8_t>;
using State = HttpRequestReader::State;

HttpRequestReader read(Bytes stream, std::size_t piece) {
  HttpRequestReader reader;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    reader.take(stream.subspan(at, std::min(piece, stream.size() - at)));
  }
  return reader;
}

bool same(const HttpRequest& a, const HttpRequest& b) {
  return a.head == b.head && a.minor == b.minor && a.path == b.path && a.host == b.host;
}

void check_request(Bytes stream, const HttpRequest& request) {
  expect(HttpRequestReader::begins(stream), "a whole request begins as one");
  expect(request.head == (stream[0] == 'H'), "its method is told");
  expect(request.path.starts_with('/'), "a path begins with a slash");
  expect(request.path.find('?') == std::string::npos, "a path has no query");
  expect(std::ranges::all_of(request.path, [](char c) { return c > ' ' && c < 0x7F; }),
         "a path is visible");
  expect(request.host == workload::small_letters(request.host), "hosts are in small letters");
  expect(request.host.find(' ') == std::string::npos, "a host is one word");
}

void check_answer(const HttpRequest& request) {
  const HttpPages pages({{request.path, 204}}, request.host);
  expect(pages.status_of(request) == 204, "a page and a host are found by their own names");
  constexpr std::array<std::uint16_t, 5> kStatuses{100, 200, 204, 421, 599};
  for (const std::uint16_t status : kStatuses) {
    const std::string answer = HttpPages::answer(request, status);
    const auto end = answer.find("\r\n\r\n");
    expect(end != std::string::npos, "an answer has an end of its fields");
    const bool has_body = end + 4 < answer.size();
    expect(!has_body || (!request.head && status >= 200 && status != 204),
           "HEAD is answered without a body");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] == 0 ? 256 : data[0];
  const Bytes stream(data + 1, size - 1);
  const HttpRequestReader pieces = read(stream, piece);
  const HttpRequestReader whole = read(stream, std::max<std::size_t>(stream.size(), 1));
  expect(pieces.state() == whole.state(), "how a stream is cut does not matter");
  expect(same(pieces.request(), whole.request()), "how a stream is cut does not matter");
  const bool fits = stream.size() <= HttpRequestReader::kLongestHead;
  expect(fits || whole.state() != State::reading, "a long head is not read for ever");
  expect(!fits || whole.state() != State::too_long, "a short head is not too long");
  if (whole.state() != State::whole) return 0;
  check_request(stream, whole.request());
  check_answer(whole.request());
  return 0;
}
