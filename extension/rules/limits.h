// Bounds that the database enforces and the service checks first. Pure: no server headers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace evently {

// Seats of one booking and of one event. Far above any venue, far below an integer overflow.
constexpr std::int64_t seats_max = 1'000'000;
constexpr std::int64_t capacity_max = 1'000'000;

constexpr std::size_t idempotency_key_bytes_max = 255;

// Characters are Unicode code points, as in JSON Schema: what people type. Keys are for programs.
constexpr std::size_t email_characters_max = 254;  // RFC 5321: a path of 256 with its brackets
constexpr std::size_t label_characters_max = 200;  // of a name or venue

}  // namespace evently
