#include "api/endpoints/commands.h"

#include "api/http/request_head.h"
#include "extension/rules/limits.h"

namespace evently {
namespace {

constexpr const char* key_header = "Idempotency-Key";
constexpr const char* key_field = "idempotency_key";

void check_key(const char* field, const std::string& key, FieldErrors& errors) {
  if (key.empty() || key.size() > idempotency_key_bytes_max) {
    errors.add(field, "must have 1 to " + std::to_string(idempotency_key_bytes_max) + " bytes");
  } else if (!is_utf8_without_nul(key)) {
    errors.add(field, "must be UTF-8");
  }
}

// "k1" is the string k1 of a structured field (RFC 9651), as the draft of the header has it.
std::string unquoted(const std::string& value) {
  if (value.size() < 2 || !value.starts_with('"') || !value.ends_with('"')) return value;
  std::string text;
  for (std::size_t i = 1; i + 1 < value.size(); ++i) {
    const bool escapes = value[i] == '\\' && i + 2 < value.size();
    if (value[i] == '"' || (value[i] == '\\' && !escapes)) return value;  // no such string
    if (escapes) ++i;
    text += value[i];
  }
  return text;
}

std::optional<std::string> key_in_header(const HttpCall& call, FieldErrors& errors) {
  const std::vector<std::string> values = call.header_values(key_header);
  if (values.empty()) return std::nullopt;
  std::string key = unquoted(values[0]);
  if (values.size() > 1) {
    errors.add(key_header, "is given more than once");
  } else {
    check_key(key_header, key, errors);
  }
  return key;
}

// The key may stand in the header, in the body, or the same in both.
std::optional<std::string> read_key(const HttpCall& call, Fields& fields, FieldErrors& errors) {
  std::optional<std::string> in_body;
  if (!fields.is_null(key_field)) in_body = fields.text(key_field);
  if (in_body) check_key(key_field, *in_body, errors);
  std::optional<std::string> in_header = key_in_header(call, errors);
  if (!in_header) return in_body;
  if (in_body && *in_body != *in_header) {
    errors.add(key_header, "differs from idempotency_key in the body");
  }
  return in_header;
}

EventChange read_change(Fields& fields, FieldErrors& errors) {
  EventChange change;
  change.name = fields.label("name", false);
  change.venue =
      fields.is_null("venue") ? std::optional<std::string>("") : fields.label("venue", true);
  change.start_at = fields.time("start_at");
  change.capacity = fields.integer("capacity", 0, capacity_max);
  if (!fields.broken() && !fields.has("name") && !fields.has("venue") && !fields.has("start_at") &&
      !fields.has("capacity")) {
    errors.add("body", "must have at least one of name, venue, start_at, capacity");
  }
  return change;
}

EventConditions read_conditions(const HttpCall& call, FieldErrors& errors) {
  return {call.etags("If-Match", errors), call.etags("If-None-Match", errors)};
}

}  // namespace

BookingCall read_booking(const HttpCall& call) {
  FieldErrors errors;
  Fields fields(call.body(), errors);
  BookingCall booking;
  booking.user_id = fields.required_integer("user_id", id_min, id_max);
  booking.event_id = fields.required_integer("event_id", id_min, id_max);
  booking.seats = fields.integer("seats", 1, seats_max).value_or(1);
  booking.idempotency_key = read_key(call, fields, errors);
  fields.refuse_unknown();
  errors.refuse_if_any();
  return booking;
}

NewUser read_new_user(const HttpCall& call) {
  FieldErrors errors;
  Fields fields(call.body(), errors);
  NewUser user;
  user.email = fields.required_email("email");
  if (!fields.is_null("name")) user.name = fields.label("name", true);
  user.idempotency_key = key_in_header(call, errors);
  fields.refuse_unknown();
  errors.refuse_if_any();
  return user;
}

NewEvent read_new_event(const HttpCall& call) {
  FieldErrors errors;
  Fields fields(call.body(), errors);
  NewEvent event;
  event.name = fields.required_label("name");
  if (!fields.is_null("venue")) event.venue = fields.label("venue", true);
  event.start_at = fields.required_time("start_at");
  event.capacity = fields.required_integer("capacity", 0, capacity_max);
  event.idempotency_key = key_in_header(call, errors);
  fields.refuse_unknown();
  errors.refuse_if_any();
  return event;
}

ConditionalChange read_event_change(const HttpCall& call) {
  FieldErrors errors;
  ConditionalChange wanted;
  wanted.event_id = call.path_id("event_id", errors);
  Fields fields(call.body(), errors);
  wanted.change = read_change(fields, errors);
  fields.refuse_unknown();
  wanted.conditions = read_conditions(call, errors);
  errors.refuse_if_any();
  return wanted;
}

ConditionalDeletion read_event_deletion(const HttpCall& call) {
  FieldErrors errors;
  const ConditionalDeletion wanted{call.path_id("event_id", errors), read_conditions(call, errors)};
  errors.refuse_if_any();
  return wanted;
}

}  // namespace evently
