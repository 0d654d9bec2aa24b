// Precompiled for the test programs.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "cmake/headers/standard.hpp"
