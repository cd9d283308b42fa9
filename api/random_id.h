#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace evently {

// Random bytes in hexadecimal: unguessable names for requests, statements and keys.
std::string random_hex(std::size_t bytes);

std::uint32_t random_seed();

}  // namespace evently
