#pragma once

#include <cstdint>
#include <string>

namespace evently {

// Written with every request, where a format string would cost several times as much.

// Two lower-case hexadecimal digits.
inline void append_hex(std::string& target, unsigned char byte) {
  constexpr const char* digits = "0123456789abcdef";
  target += digits[byte >> 4];
  target += digits[byte & 0x0f];
}

// With leading zeros; 0 to 999.
inline void append_three_digits(std::string& target, std::int64_t number) {
  target += static_cast<char>('0' + number / 100);
  target += static_cast<char>('0' + number / 10 % 10);
  target += static_cast<char>('0' + number % 10);
}

}  // namespace evently
