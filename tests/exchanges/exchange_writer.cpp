#include "tests/exchanges/exchange_writer.hpp"

#include <algorithm>

namespace elblab::exchanges {

std::string ExchangeWriter::options() {
  const std::int64_t largest = exchange_.v6 ? 1440 : 1460;
  const std::int64_t announced = chance(0.75) ? largest : one_of({536, 1000, 1220, 1400, 8960});
  mss_ = std::min(announced, largest);
  std::string list = "mss:" + std::to_string(announced);
  if (chance(0.7)) list += ",sack";
  if (chance(0.5)) {
    list += ",ts";
    mss_ -= 12;
  }
  if (chance(0.7)) list += ",ws:" + std::to_string(one_of({0, 2, 7, 7, 7, 10}));
  return " opts=" + list;
}

void ExchangeWriter::open_as_client(const std::string& definition) {
  step("listen L 80 " + std::to_string(one_of({1, 5, 128})));
  step("peer P" + definition);
  step("seg P S" + options());
  if (chance(0.15)) wait(one_of({5, 20, 60, 150}));
  if (chance(0.06)) wait(one_of({1100, 1100, 3200}));
  const double kind = static_cast<double>(number(0, 99)) / 100;
  if (kind < 0.8) {
    step("seg P .");
  } else if (kind < 0.93) {
    step("seg P P. len=" + std::to_string(number(1, 400)));
  } else {
    step("seg P S seq=-1 noadv=1" + options());
    step("seg P .");
  }
}

void ExchangeWriter::open_as_server(const std::string& definition) {
  step("peer P port=9000 hport=0" + definition);
  step("connect P");
  if (chance(0.15)) wait(one_of({5, 20, 60, 150}));
  if (chance(0.08)) wait(one_of({1100, 1100, 2100, 3200}));
  step("seg P S." + options());
}

void ExchangeWriter::open(const std::string& definition) {
  if (chance(0.65)) {
    open_as_client(definition);
  } else {
    open_as_server(definition);
  }
}

void ExchangeWriter::peer_sends(std::int64_t bytes) {
  while (bytes > 0) {
    const std::int64_t part = std::min(bytes, mss_);
    bytes -= part;
    const bool last = bytes == 0;
    step(std::string("seg P ") + (last || chance(0.2) ? "P." : ".") +
         " len=" + std::to_string(part) + (!last && chance(0.5) ? " nd=1" : ""));
  }
}

void ExchangeWriter::host_sends(std::int64_t bytes) {
  const std::int64_t pieces = chance(0.75) ? 1 : number(2, 4);
  for (std::int64_t i = 0; i < pieces; ++i) {
    const std::int64_t part = std::max<std::int64_t>(1, bytes / pieces);
    step("send 0 " + std::to_string(part) + (i + 1 < pieces && chance(0.6) ? " nd=1" : ""));
  }
}

void ExchangeWriter::close() {
  switch (number(0, 7)) {
    case 0:  // the peer first, the host at once
      step("seg P F." + std::string(chance(0.5) ? " nd=1" : ""));
      step("close 0");
      step("seg P .");
      break;
    case 1:  // the peer first, the host later
      step("seg P F.");
      wait(one_of({5, 30, 60, 200}));
      step("close 0");
      step("seg P .");
      break;
    case 2:  // the host first
    case 3:
      step("close 0");
      if (chance(0.5)) step("seg P .");
      step("seg P F.");
      break;
    case 4:  // the host's sending side first
      step("shutdown 0");
      step("seg P .");
      if (chance(0.5)) peer_sends(number(1, 3000));
      step("seg P F.");
      if (chance(0.7)) step("close 0");
      break;
    case 5:  // both
      step("close 0 nd=1");
      step("seg P F. ack=-1");
      step("seg P .");
      break;
    case 6:
      step("abort 0");
      break;
    default:
      step(std::string("seg P ") + (chance(0.5) ? "R" : "R."));
      if (chance(0.5)) step("close 0");
      break;
  }
}

}  // namespace elblab::exchanges
