#include <algorithm>
#include <string_view>
#include <utility>

#include "api/http/cursor.h"
#include "api/http/paging.h"
#include "runtime/integers.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/request.h"

namespace evently {
namespace {

QueryParameters params_of(const std::string& query) {
  return parse_target("/?" + query).query;
}

std::vector<std::string> values_of(const QueryParameters& params, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [given, value] : params)
    if (given == name) values.push_back(value);
  return values;
}

bool has_errors(const FieldErrors& errors) {
  try {
    errors.refuse_if_any();
  } catch (const Refused& refused) {
    promise(refused.problem().status == 400, "a refusal is a 400");
    return true;
  }
  return false;
}

bool is_whole_number(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A page for which no error was found is the one that was asked for.
void check_page(const HistoryPage& page, const QueryParameters& params) {
  for (const char* name : {"limit", "after", "upcoming_only"})
    promise(values_of(params, name).size() <= 1, "nothing is given twice");
  for (const std::string& limit : values_of(params, "limit"))
    promise(is_whole_number(limit), "a limit is a whole number");
  for (const std::string& after : values_of(params, "after"))
    promise(after == encode_cursor({page.before_id}), "a page begins where it was asked to");
}

// What `rel="next"` leads to: the same question from another position.
void check_link(FuzzedRequest& request) {
  request.call.link_next({5, 7});
  const std::string link = request.answer.headers.at(0).second;
  constexpr std::string_view beginning = "</events/7?";
  constexpr std::string_view end = ">; rel=\"next\"";
  promise(link.size() > beginning.size() + end.size() &&
              link.compare(0, beginning.size(), beginning) == 0 &&
              link.compare(link.size() - end.size(), end.size(), end) == 0,
          "the next page has a Link");
  const std::string query =
      link.substr(beginning.size(), link.size() - beginning.size() - end.size());
  promise(std::all_of(query.begin(), query.end(),
                      [](char c) { return c > ' ' && c < 0x7f && c != '>' && c != '"'; }),
          "a Link holds plain characters only");
  QueryParameters expected = request.request.target.query;
  std::erase_if(expected, [](const auto& parameter) { return parameter.first == "after"; });
  expected.emplace_back("after", "5.7");
  promise(params_of(query) == expected, "a Link asks the same from another position");
}

}  // namespace

void fuzz_query(std::string_view input) {
  FuzzedRequest request("", "", "7");
  request.request.target.query = params_of(std::string(input));
  FieldErrors errors;
  const HistoryPage page = HistoryPage::from_query(request.call, 50, errors);
  promise(page.limit >= 1 && page.limit <= 1000, "a page is bounded");
  promise(page.before_id >= 0, "a position is not negative");
  request.call.flag("upcoming_only", true, errors);
  if (!has_errors(errors)) {
    check_page(page, request.request.target.query);
    check_link(request);
  }

  FieldErrors id_errors;
  FuzzedRequest path("", "", input);
  const auto id = path.call.path_id("event_id", id_errors);
  promise(has_errors(id_errors) ||
              (is_whole_number(input) && parse_integer(input).value_or(id_min) == id),
          "an id is a whole number");
}

}  // namespace evently
