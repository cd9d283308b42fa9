#pragma once

#include <cstdint>
#include <vector>

#include "api/http/http_call.h"

namespace evently {

// A page of a history, newest first: ids below `before_id`, at most `limit` of them.
struct HistoryPage {
  std::int64_t before_id = id_max;
  std::int64_t limit = 0;

  static HistoryPage from_query(const HttpCall& call, std::int64_t default_limit,
                                FieldErrors& errors) {
    HistoryPage page;
    page.limit = call.limit(default_limit, errors);
    if (const auto position = call.after(1, errors)) page.before_id = position->front();
    return page;
  }

  // One more than asked for tells whether there is a next page.
  std::int64_t rows_wanted() const { return limit + 1; }

  // Drops the surplus row and links to the page that begins with it.
  template <class Thing, class IdOf>
  void finish(std::vector<Thing>& things, IdOf id_of, HttpCall& call) const {
    if (things.size() <= static_cast<std::size_t>(limit)) return;
    things.pop_back();
    call.link_next({id_of(things.back())});
  }
};

}  // namespace evently
