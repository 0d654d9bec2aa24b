#include "scenarios/catalogue/row_id.hpp"

#include <boost/test/unit_test.hpp>

namespace elblab::catalogue {
namespace {

// What a line mentions, as "first" or "first..last", separated by blanks.
std::string mentioned(std::string_view line) {
  std::string text;
  for (const Mention& mention : mentions_in(line)) {
    if (!text.empty()) text += " ";
    text += mention.first.to_string();
    if (mention.last) text += ".." + mention.last->to_string();
  }
  return text;
}

BOOST_AUTO_TEST_SUITE(row_ids)

BOOST_AUTO_TEST_CASE(are_read_with_family_number_and_item) {
  const auto fact = parse_row_id("BW-07");
  BOOST_REQUIRE(fact);
  BOOST_TEST(fact->family == "BW-");
  BOOST_TEST(fact->number == 7U);
  BOOST_TEST(fact->item == '\0');
  BOOST_TEST(parse_row_id("STK-S02")->family == "STK-S");
  BOOST_TEST(parse_row_id("L7-14")->family == "L7-");
  BOOST_TEST(parse_row_id("SC-400a")->item == 'a');
  for (const char* id : {"BW-07", "STK-S02", "SC-400a", "L7-S14", "SCH-15e"}) {
    BOOST_TEST(parse_row_id(id)->to_string() == id);
  }
}

BOOST_AUTO_TEST_CASE(are_nothing_else) {
  for (const char* text : {"", "BW", "BW-", "BW-7", "bw-07", "BW-0700", "BW-07 ", "BW_07", "-07",
                           "BW-07ab", "BW-S", "7-07", "BW--07"}) {
    BOOST_TEST(!parse_row_id(text), text);
  }
}

BOOST_AUTO_TEST_CASE(are_found_in_comments_and_strings) {
  BOOST_TEST(mentioned("// BW-07, BW-10: more than addresses") == "BW-07 BW-10");
  BOOST_TEST(mentioned("problems.add(field, \"FTC-04\");") == "FTC-04");
  BOOST_TEST(mentioned("(FWD-05/FWD-06)") == "FWD-05 FWD-06");
  BOOST_TEST(mentioned("[SCH-03, SCH-15e]") == "SCH-03 SCH-15e");
  BOOST_TEST(mentioned("TW-01.elb.yaml") == "TW-01");
}

BOOST_AUTO_TEST_CASE(make_ranges) {
  BOOST_TEST(mentioned("(rows 30–34; HC-45..52; net/ipv4/icmp.c)") == "HC-45..HC-52");
  BOOST_TEST(mentioned("FTC-S01..S21, FTC-S01..21") == "FTC-S01..FTC-S21 FTC-S01..FTC-S21");
  BOOST_TEST(mentioned("metrics MET-01 … MET-08") == "MET-01..MET-08");
  BOOST_TEST(mentioned("MET-01 … TW-08") == "MET-01 TW-08");
  BOOST_TEST(mentioned("BW-07...") == "BW-07");
}

BOOST_AUTO_TEST_CASE(are_not_found_inside_other_words) {
  BOOST_TEST(mentioned("xBW-07 a-BW-07 NO_BW-07 BW-07_a BW-1") == "");
}

BOOST_AUTO_TEST_CASE(are_listed_in_short) {
  BOOST_TEST(listed_in_short({}) == "");
  BOOST_TEST(listed_in_short({"IMB-01", "IMB-02"}) == "IMB-01, IMB-02");
  BOOST_TEST(listed_in_short({"IMB-01", "IMB-02", "IMB-03", "IMB-05", "STK-S01"}) ==
             "IMB-01..03, IMB-05, STK-S01");
  BOOST_TEST(listed_in_short({"SC-404b", "SC-408", "SC-409", "SC-410"}) == "SC-404b, SC-408..410");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::catalogue
