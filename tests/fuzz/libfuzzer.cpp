// A libFuzzer program of one target, which its build names.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  evently::EVENTLY_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
