// A small catalogue of its own, so that tests do not depend on how far the real one is built.
#pragma once

#include <stdexcept>

#include "scenarios/catalogue/catalogue.hpp"

namespace elblab::catalogue::test {

// Facts BW-01 … BW-03 and cases ST-01 … ST-04 in "stress", facts SCH-01, SCH-15 and cases IMB-01
// to IMB-03 in "imbalance"; questions 1.8, 1.10, 2.1 and 4.2.
inline const Catalogue& invented() {
  static const Catalogue catalogue = [] {
    auto loaded = Catalogue::load(
        {{"stress.yaml",
          "title: Stress\nabout: Too much.\n"
          "facts:\n"
          "  BW-01: Too much traffic waits.\n"
          "  BW-02: Bursts are lost.\n"
          "  BW-03: Nobody knows.\n"
          "cases:\n"
          "  ST-01: {says: A third is lost., exercises: [BW-01]}\n"
          "  ST-02: {says: Bursts are lost at once., exercises: [BW-01, BW-02]}\n"
          "  ST-03: {says: Both together., exercises: [BW-02]}\n"
          "  ST-04: {says: Something else., exercises: [BW-03]}\n"},
         {"imbalance.yaml",
          "title: Uneven traffic\nabout: Shares.\n"
          "facts:\n"
          "  SCH-01: Servers are taken in turn.\n"
          "  SCH-15: Traffic is unbalanced for five reasons.\n"
          "cases:\n"
          "  IMB-01: {says: All get a quarter., exercises: [SCH-01]}\n"
          "  IMB-02: {says: One server stays idle., exercises: [SCH-15]}\n"
          "  IMB-03: {says: Few clients., exercises: [SCH-15a]}\n"}},
        {"questions.yaml",
         "questions:\n"
         "  \"1.8\": {asks: \"Why is traffic uneven?\", words: [imbalance], run: [IMB-02, "
         "IMB-01]}\n"
         "  \"1.10\": {asks: \"Why does a stress test fail?\", run: [ST-01, ST-02, ST-03]}\n"
         "  \"2.1\": {asks: \"What else is there?\", run: [ST-04]}\n"
         "  \"4.2\": {asks: \"Does it sing?\", note: Nobody says.}\n"});
    if (!loaded.errors.empty()) throw std::logic_error(loaded.errors.front().to_string());
    return std::move(loaded.catalogue);
  }();
  return catalogue;
}

}  // namespace elblab::catalogue::test
