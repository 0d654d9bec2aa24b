#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

#include "scenarios/language/scenario_file.hpp"

namespace elblab::language {
namespace {

std::string committed(const std::string& name) {
  std::ifstream stream(std::string(ELBLAB_SOURCE_DIR) + "/docs/" + name, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(stream, "docs/" << name << " is missing");
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

BOOST_AUTO_TEST_SUITE(generated_documents)

// `ELBLAB_UPDATE_DOCS=1 test_language --run_test=generated_documents` writes them anew.
void check(const std::string& name, const std::string& generated) {
  if (std::getenv("ELBLAB_UPDATE_DOCS")) {
    std::ofstream(std::string(ELBLAB_SOURCE_DIR) + "/docs/" + name, std::ios::binary) << generated;
  }
  BOOST_TEST((committed(name) == generated),
             "docs/" << name << " differs from the table of fields; update it with "
                     << "ELBLAB_UPDATE_DOCS=1 test_language --run_test=generated_documents");
}

BOOST_AUTO_TEST_CASE(the_committed_schema_is_the_generated_one) {
  check("scenario.schema.json", json_schema());
  check("balancer.schema.json", balancer_json_schema());
}

BOOST_AUTO_TEST_CASE(the_committed_reference_is_the_generated_one) {
  check("scenario-reference.md", reference_markdown());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
