#include "api/rendering/json_views.h"

#include "runtime/json_text.h"

namespace evently {
namespace {

Json or_null(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json(nullptr);
}

}  // namespace

Json user_json(const User& user) {
  return {{"id", user.id},
          {"email", user.email},
          {"name", or_null(user.name)},
          {"created_at", user.created_at}};
}

Json public_user_json(const PublicUser& user) {
  return {{"id", user.id}, {"name", or_null(user.name)}, {"created_at", user.created_at}};
}

Json event_json(const Event& event) {
  return {{"id", event.id},
          {"name", event.name},
          {"venue", or_null(event.venue)},
          {"start_at", event.start_at},
          {"capacity", event.capacity},
          {"seats_available", event.seats_available},
          {"version", event.version}};
}

Json booking_json(const Booking& booking) {
  return {{"id", booking.id},
          {"event_id", booking.event_id},
          {"seats", booking.seats},
          {"status", booking.status},
          {"created_at", booking.created_at}};
}

std::string booking_result_json(const BookedSeats& booking) {
  JsonText text;
  text.number("booking_id", booking.id)
      .text("status", booking.status)
      .number("user_id", booking.user_id)
      .number("event_id", booking.event_id)
      .number("seats", booking.seats);
  return text.finish();
}

}  // namespace evently
