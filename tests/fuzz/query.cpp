#include <algorithm>
#include <set>
#include <utility>

#include "api/http/cursor.h"
#include "api/http/paging.h"
#include "runtime/integers.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/request.h"

namespace evently {
namespace {

using Pairs = std::set<std::pair<std::string, std::string>>;

httplib::Params params_of(const std::string& query) {
  httplib::Params params;
  httplib::detail::parse_query_text(query, params);
  return params;
}

// The library leaves out a pair that is spelled the same twice.
Pairs pairs_of(const httplib::Params& params) {
  return {params.begin(), params.end()};
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
void check_page(const HistoryPage& page, const httplib::Params& params) {
  for (const char* name : {"limit", "after", "upcoming_only"})
    promise(params.count(name) <= 1, "nothing is given twice");
  if (const auto limit = params.find("limit"); limit != params.end())
    promise(is_whole_number(limit->second), "a limit is a whole number");
  if (const auto after = params.find("after"); after != params.end())
    promise(after->second == encode_cursor({page.before_id}),
            "a page begins where it was asked to");
}

// What `rel="next"` leads to: the same question from another position.
void check_link(FuzzedRequest& request) {
  request.call.link_next({5, 7});
  const std::string link = request.response.get_header_value("Link");
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
  httplib::Params expected = request.request.params;
  expected.erase("after");
  expected.emplace("after", "5.7");
  promise(pairs_of(params_of(query)) == pairs_of(expected),
          "a Link asks the same from another position");
}

}  // namespace

void fuzz_query(std::string_view input) {
  FuzzedRequest request("", "", "7");
  request.request.params = params_of(std::string(input));
  FieldErrors errors;
  const HistoryPage page = HistoryPage::from_query(request.call, 50, errors);
  promise(page.limit >= 1 && page.limit <= 1000, "a page is bounded");
  promise(page.before_id >= 0, "a position is not negative");
  request.call.flag("upcoming_only", true, errors);
  if (!has_errors(errors)) {
    check_page(page, request.request.params);
    check_link(request);
  }

  FieldErrors id_errors;
  FuzzedRequest path("", "", input);
  const auto id = path.call.path_id("event_id", id_errors);
  promise(has_errors(id_errors) || (is_whole_number(input) && parse_integer(input) == id),
          "an id is a whole number");
}

}  // namespace evently
