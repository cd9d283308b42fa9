#include "api/booking/changes.h"

#include <gtest/gtest.h>

#include <vector>

namespace evently {
namespace {

struct Listener : ChangeListener {
  struct Heard {
    int listener;
    std::int64_t event_id;
    bool operator==(const Heard&) const = default;
  };
  Listener(int its_number, std::vector<Heard>& its_log) : number(its_number), log(its_log) {}
  void changed(std::int64_t event_id, Change) override { log.push_back({number, event_id}); }
  void many_changed() override { log.push_back({number, 0}); }

  const int number;
  std::vector<Heard>& log;
};

TEST(Changes, EveryListenerHearsInTheOrderOfSubscription) {
  std::vector<Listener::Heard> heard;
  Listener first(1, heard), second(2, heard);
  Changes changes;
  changes.tell(6, Change::seats_sold);  // nothing listens: no harm
  changes.subscribe(first);
  changes.subscribe(second);
  changes.tell(7, Change::event_changed);
  changes.tell_of_many();
  EXPECT_EQ(heard, (std::vector<Listener::Heard>{{1, 7}, {2, 7}, {1, 0}, {2, 0}}));
}

}  // namespace
}  // namespace evently
