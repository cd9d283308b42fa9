#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {

// Clients that book one seat after another, each booking under a key of its own, while the test
// breaks something. An answer that says try again, or none at all, is followed by the same key
// until the outcome is known: what a careful client does (I8).
class BookingLoad {
 public:
  BookingLoad(std::vector<std::int64_t> users, std::int64_t event,
              std::string url = setting("API_URL"))
      : users_(std::move(users)), event_(event), url_(std::move(url)) {
    for (const auto user : users_) threads_.emplace_back([this, user] { book_on(user); });
  }
  ~BookingLoad() { stop(); }
  BookingLoad(const BookingLoad&) = delete;
  BookingLoad& operator=(const BookingLoad&) = delete;

  // Every request that was begun has a known outcome afterwards.
  void stop() {
    stopping_ = true;
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }

  std::size_t acknowledged() {
    const std::lock_guard lock(mutex_);
    return bookings_.size();
  }
  std::vector<std::int64_t> bookings() {
    const std::lock_guard lock(mutex_);
    return bookings_;
  }
  // The event has the acknowledged bookings, and no other. Every outcome is known once it is
  // stopped.
  void expect_kept(OwnerDatabase& database, std::int64_t event) {
    auto acknowledged = bookings();
    std::sort(acknowledged.begin(), acknowledged.end());
    EXPECT_EQ(std::unique(acknowledged.begin(), acknowledged.end()), acknowledged.end())
        << "two keys, one booking";
    std::vector<std::int64_t> kept;
    const auto rows =
        database.run("SELECT id FROM evently.bookings WHERE event_id = " + std::to_string(event) +
                     " ORDER BY id");
    for (const auto& row : rows) kept.push_back(row[0].as<std::int64_t>());
    EXPECT_EQ(kept, acknowledged);
    EXPECT_EQ(statuses().count(500), 0u);
    EXPECT_EQ(database.violations(), "");
  }
  // Statuses and how often they were answered; 0 stands for no answer.
  std::map<int, int> statuses() {
    const std::lock_guard lock(mutex_);
    return statuses_;
  }
  Milliseconds longest_request() {
    const std::lock_guard lock(mutex_);
    return longest_;
  }

 private:
  static constexpr Milliseconds outcome_wait{30'000};

  void book_on(std::int64_t user) {
    HttpClient client(url_);
    while (!stopping_) {
      const std::string body = booking_fields(user, event_, 1, unique_word("load")).dump();
      const auto known = eventually_true(outcome_wait, "the outcome stays unknown", [&] {
        const auto start = Clock::now();
        const auto reply = client.try_send("POST", "/bookings", body);
        return note(reply, since(start));
      });
      EXPECT_TRUE(known);
      if (!known) return;
    }
  }

  // True when the outcome is known.
  bool note(const std::optional<Reply>& reply, Milliseconds took) {
    const std::lock_guard lock(mutex_);
    ++statuses_[reply ? reply->status : 0];
    longest_ = std::max(longest_, took);
    if (!reply || reply->status == 503) return false;
    if (reply->status == 201 || reply->status == 200)
      bookings_.push_back(reply->json()["booking_id"]);
    return true;
  }

  const std::vector<std::int64_t> users_;
  const std::int64_t event_;
  const std::string url_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;  // guards what follows
  std::vector<std::int64_t> bookings_;
  std::map<int, int> statuses_;
  Milliseconds longest_{0};
  std::vector<std::thread> threads_;
};

}  // namespace evently
