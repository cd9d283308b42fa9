#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace evently {

// Random bytes in hexadecimal: unguessable names for requests, statements and keys.
std::string random_hex(std::size_t bytes);

// 32 hexadecimal digits that never come twice, later ones behind earlier ones: 12 of Unix time in
// milliseconds and 20 random ones, as in a UUID of version 7 (RFC 9562). An index of them grows at
// one place instead of everywhere.
std::string time_ordered_id();

std::uint32_t random_seed();

}  // namespace evently
