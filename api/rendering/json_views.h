#pragma once

#include "api/database/bookings.h"
#include "api/database/events.h"
#include "api/database/users.h"
#include "api/http/json.h"

// How things look in JSON.
namespace evently {

Json user_json(const User& user);
Json public_user_json(const PublicUser& user);
Json event_json(const Event& event);

// A booking in a history.
Json booking_json(const Booking& booking);

// The answer to POST /bookings.
std::string booking_result_json(const BookedSeats& booking);

template <class Thing, class Convert>
Json array_json(const std::vector<Thing>& things, Convert convert) {
  Json array = Json::array();
  for (const Thing& thing : things) array.push_back(convert(thing));
  return array;
}

}  // namespace evently
