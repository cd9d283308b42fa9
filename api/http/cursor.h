#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evently {

// Where a page ended, as an opaque word for the `after` parameter: numbers from 0 up.
std::string encode_cursor(const std::vector<std::int64_t>& position);

// nullopt unless the word came from encode_cursor with so many numbers.
std::optional<std::vector<std::int64_t>> decode_cursor(std::string_view word, std::size_t count);

}  // namespace evently
