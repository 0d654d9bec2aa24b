// Precompiled for the rooms: what most of their files include of the standard library. Every file
// still includes what it uses; the fuzzers are built without precompiled headers and find what is
// missing.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>
