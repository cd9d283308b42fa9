// What may be stored of what people type, for the tables' checks and for create_user. Backend zone.
#include "extension/backend/pg.h"
#include "extension/texts/email.h"
#include "extension/texts/label.h"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace evently {
namespace {

std::string_view utf8_of(text* given) {
  char* const bytes = text_to_cstring(given);
  const char* const utf8 = pg_server_to_any(bytes, static_cast<int>(strlen(bytes)), PG_UTF8);
  return {utf8, strlen(utf8)};
}

text* text_of(std::string_view utf8) {
  char* const copy = pnstrdup(utf8.data(), utf8.size());
  return cstring_to_text(pg_any_to_server(copy, static_cast<int>(utf8.size()), PG_UTF8));
}

}  // namespace
}  // namespace evently

extern "C" {

PG_FUNCTION_INFO_V1(evently_is_label);

Datum evently_is_label(PG_FUNCTION_ARGS) {
  const std::string_view label = evently::utf8_of(PG_GETARG_TEXT_PP(0));
  PG_RETURN_BOOL(evently::fault_of_label(label) == evently::LabelFault::none);
}

PG_FUNCTION_INFO_V1(evently_stored_email);

Datum evently_stored_email(PG_FUNCTION_ARGS) {
  const auto stored = evently::stored_email(evently::utf8_of(PG_GETARG_TEXT_PP(0)));
  if (!stored) PG_RETURN_NULL();
  PG_RETURN_TEXT_P(evently::text_of(stored->text()));
}
}
