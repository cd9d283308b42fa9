#include "api/http/cursor.h"

#include <algorithm>

#include "tests/fuzz/fuzz.h"

namespace evently {

void fuzz_cursor(std::string_view input) {
  for (const std::size_t count : {1, 2}) {
    const auto position = decode_cursor(input, count);
    if (!position) continue;
    promise(position->size() == count, "a cursor has as many numbers as were asked for");
    promise(encode_cursor(*position) == input, "a cursor has one spelling");
    promise(std::all_of(position->begin(), position->end(), [](auto n) { return n >= 0; }),
            "a position is not negative");
  }
}

}  // namespace evently
