#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "api/database.h"
#include "api/repository.h"
#include "redis_bridge/tokens.h"

namespace evently {

struct BookingCall {
  std::int64_t user_id = 0;
  std::int64_t event_id = 0;
  std::int64_t seats = 1;
  std::optional<std::string> idempotency_key;  // the client's own
};

struct BookingAnswer {
  Booking booking;
  bool replayed;  // the client's key named a booking already
};

// The one way of a booking through the house: tokens, database, tokens again. Redis may be absent,
// slow or wrong: the database decides. Thread-safe.
class BookingService {
 public:
  // tokens may be null: no Redis.
  BookingService(Database& database, TokenClient* tokens) : database_(database), tokens_(tokens) {}

  BookingAnswer book(const BookingCall& call, StatementIds& statement_ids);
  CancelOutcome cancel(std::int64_t booking_id, StatementIds& statement_ids);

  // Its tokens are unknown until the bridge has read the event again.
  void event_changed(std::int64_t event_id);

 private:
  struct Key {
    std::string text;
    bool is_ours;  // made here, where the client sent none
  };

  BookingAnswer ask_database(Session& session, const BookingCall& call, const Key& key,
                             bool token_taken);
  std::optional<BookingAnswer> settle_without_tokens(const BookingCall& call,
                                                     StatementIds& statement_ids);
  void bring_token_home(Session& session, std::int64_t event_id);
  void write_back(Session& session, const std::optional<Inventory>& inventory);

  Database& database_;
  TokenClient* const tokens_;
};

}  // namespace evently
