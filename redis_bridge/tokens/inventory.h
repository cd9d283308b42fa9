#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace evently {

// Tokens are a hint kept in Redis: the seats an event has left. Wrong tokens cost a round trip to
// the database, never a seat. not_enough means that the database had too few seats a moment ago;
// taken, that others have taken what is missing, whose bookings may yet fail; unknown, that Redis
// or the bridge cannot tell. Both mean: ask the database.
enum class TokenAnswer { enough, not_enough, taken, unknown };

// The answers for the items of a batch, and what they rest on.
struct TokenAnswers {
  std::vector<TokenAnswer> items;
  std::int64_t seats_left = 0;             // before the batch, by the database; where not unknown
  std::chrono::milliseconds valid_for{0};  // how long the bridge vouches for it; where not unknown
};

// lost: Redis could not be told, and may hold fewer tokens than there are seats.
enum class WriteBack { done, other_epoch, lost };

// What the database says of an event; a higher version was said later.
struct Inventory {
  std::int64_t event_id;
  std::int64_t version;
  std::int64_t seats_available;
};

// What the bridge applies: tokens of an event live until it starts.
struct SellableInventory {
  Inventory inventory;
  std::int64_t ms_until_start;
};

}  // namespace evently
