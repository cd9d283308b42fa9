#include <algorithm>
#include <set>
#include <string>

#include "api/endpoints/commands.h"
#include "api/http/json_body.h"
#include "api/http/problem.h"
#include "api/http/request_head.h"
#include "extension/rules/limits.h"
#include "extension/texts/email.h"
#include "extension/texts/label.h"
#include "runtime/rfc3339.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/request.h"

namespace evently {
namespace {

void check_label(const std::string& text) {
  promise(is_utf8_without_nul(text), "every text can be stored");
  promise(text.empty() || fault_of_label(text) == LabelFault::none, "the database takes each name");
}

void check_time(const std::string& text) {
  const auto time = parse_rfc3339(text);
  promise(time && format_rfc3339(*time) == text, "a time is RFC 3339 in UTC");
}

void check_capacity(std::int64_t capacity) {
  promise(capacity >= 0 && capacity <= capacity_max, "a capacity is within its bounds");
}

std::size_t keys_in(const nlohmann::json& value) {
  std::size_t count = value.is_object() ? value.size() : 0;
  if (value.is_structured())
    for (const auto& child : value) count += keys_in(child);
  return count;
}

// What a command was read from.
nlohmann::json checked_document(const std::string& body) {
  promise(body.compare(0, 3, "\xEF\xBB\xBF") != 0, "no body begins with a byte order mark");
  using Event = nlohmann::json::parse_event_t;
  std::size_t keys = 0;
  const auto look = [&](int depth, Event event, const nlohmann::json&) {
    if (event == Event::key) ++keys;
    promise(depth < json_depth_max || (event != Event::object_start && event != Event::array_start),
            "no body is nested deeply");
    return true;
  };
  auto document = nlohmann::json::parse(body, look, false);
  promise(document.is_object(), "a body is an object");
  promise(keys == keys_in(document), "no key is there twice");
  return document;
}

void check(const BookingCall& booking, const HttpCall& call, const nlohmann::json& document) {
  promise(booking.seats >= 1 && booking.seats <= seats_max, "seats are within their bounds");
  const auto in_header = call.header_values("Idempotency-Key");
  const auto in_body = document.value("idempotency_key", nlohmann::json());
  promise(in_header.size() <= 1, "a key comes in one header");
  promise(
      in_header.empty() || booking.idempotency_key == in_header[0] || in_header[0].starts_with('"'),
      "a header's key counts");
  promise(in_body.is_null() || (booking.idempotency_key && in_body == *booking.idempotency_key),
          "a body's key counts");
  if (!booking.idempotency_key) return;
  promise(!booking.idempotency_key->empty(), "no key is empty");
  promise(booking.idempotency_key->size() <= idempotency_key_bytes_max, "no key is too long");
  promise(is_utf8_without_nul(*booking.idempotency_key), "every key can be stored");
}

void check(const NewUser& user, const HttpCall&, const nlohmann::json&) {
  const auto stored = stored_email(user.email);
  promise(stored && stored->text() == user.email, "an address is stored as it is");
  promise(is_utf8_without_nul(user.email), "every address can be stored");
  promise(std::count(user.email.begin(), user.email.end(), '@') == 1, "an address has one @");
  if (user.name) check_label(*user.name);
}

void check(const NewEvent& event, const HttpCall&, const nlohmann::json&) {
  promise(!event.name.empty(), "an event has a name");
  check_label(event.name);
  if (event.venue) check_label(*event.venue);
  check_time(event.start_at);
  check_capacity(event.capacity);
}

void check(const ConditionalChange& wanted, const HttpCall& call, const nlohmann::json&) {
  promise(wanted.conditions.if_match.has_value() == call.header("If-Match").has_value(),
          "no condition is left out");
  const EventChange& change = wanted.change;
  promise(change.name || change.venue || change.start_at || change.capacity,
          "a change changes something");
  if (change.name) check_label(*change.name);
  if (change.venue) check_label(*change.venue);
  if (change.start_at) check_time(*change.start_at);
  if (change.capacity) check_capacity(*change.capacity);
}

void check_refusal(const Problem& problem) {
  promise(problem.status == 400 && problem.code == "invalid-request", "a refusal is a 400");
  promise(!problem.errors.empty(), "a refusal names what is wrong");
  const auto body = nlohmann::json::parse(problem_json(problem, "/", "id"), nullptr, false);
  promise(body.is_object() && body["errors"].size() == problem.errors.size(),
          "a refusal is JSON that lists all errors");
}

template <class Command>
void check_command(Command (*reader)(const HttpCall&), const HttpCall& call,
                   const std::set<std::string>& fields) {
  try {
    const Command command = reader(call);
    const nlohmann::json document = checked_document(call.body());
    for (const auto& [name, value] : document.items())
      promise(fields.count(name) == 1, "no field is overlooked");
    check(command, call, document);
  } catch (const Refused& refused) {
    check_refusal(refused.problem());
  }
}

}  // namespace

void fuzz_body(std::string_view input) {
  constexpr std::string_view end_of_head = "\r\n\r\n";
  const std::size_t end = input.find(end_of_head);
  const std::size_t body = end == std::string_view::npos ? 0 : end + end_of_head.size();
  const FuzzedRequest request(input.substr(0, body), input.substr(body), "7");
  check_command(read_booking, request.call, {"user_id", "event_id", "seats", "idempotency_key"});
  check_command(read_new_user, request.call, {"email", "name"});
  check_command(read_new_event, request.call, {"name", "venue", "start_at", "capacity"});
  check_command(read_event_change, request.call, {"name", "venue", "start_at", "capacity"});
}

}  // namespace evently
