// The checker has to catch what it is there for: in throw-away databases one guard is taken away,
// the same load runs, and the checker must find violations. With all guards they must not.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/chaos/load.h"
#include "tests/chaos/observe.h"
#include "tests/support/service_process.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/places.h"
#include "tests/support/sessions/stack.h"

namespace evently {
namespace {

constexpr std::uint64_t requests = 1500;
constexpr Milliseconds load_limit{60'000};

// A URL of the stack's database, with the name of another.
std::string url_of(const char* variable, const std::string& database) {
  const std::string url = setting(variable);
  return url.substr(0, url.rfind('/') + 1) + database;
}

class OwnDatabase {
 public:
  OwnDatabase() : name_("chaos_mutant") {
    OwnerDatabase().run("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    OwnerDatabase().run("CREATE DATABASE " + name_);
    run("CREATE EXTENSION evently");
  }

  void run(const std::string& statements) {
    pqxx::connection connection(url_of("EVENTLY_OWNER_URL", name_));
    pqxx::nontransaction(connection).exec(statements);
  }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

class Mutants : public testing::Test {
 protected:
  void use_unguarded_functions() { database_.run(read_file(places::unguarded_functions)); }
  void run(const std::string& statements) { database_.run(statements); }
  void switch_off(const std::string& guard) {
    run("ALTER DATABASE " + database_.name() + " SET chaos.without = '" + guard + "'");
  }

  // Two services, so that two batches of an event are at work at once.
  Verdict verdict_after_load() {
    const std::string url = url_of("DATABASE_URL", database_.name());
    const ServiceProcess one{{"DATABASE_URL", url}, {"REDIS_URL", ""}};
    const ServiceProcess other{{"DATABASE_URL", url}, {"REDIS_URL", ""}};
    const std::string path = testing::TempDir() + unique_word("journal");
    pqxx::connection owner(url_of("EVENTLY_OWNER_URL", database_.name()));
    {
      Journal journal(path);
      const Fixtures fixtures = make_fixtures(owner, journal, {20, 30, 100'000});
      LoadSettings settings;
      settings.urls = {one.url(), other.url()};
      settings.burst_percent = 30;
      settings.served_max = requests;
      Load load(settings, fixtures, journal);
      EXPECT_TRUE(
          eventually_true(load_limit, "the load does not end", [&] { return load.is_over(); }));
    }
    const History history = read_history(path);
    std::filesystem::remove(path);
    return check_history(history, read_snapshot(owner, history));
  }

 private:
  OwnDatabase database_;
};

std::string text_of(const Verdict& verdict) {
  std::string text;
  for (const std::string& finding : verdict.findings) text += finding + "\n";
  return text;
}

void expect_sound(const Verdict& verdict) {
  EXPECT_EQ(verdict.violations, 0u) << text_of(verdict);
  EXPECT_GT(verdict.acknowledged, requests / 10);
  EXPECT_GT(verdict.cancelled, requests / 20);
}

TEST_F(Mutants, NoneIsSeenInTheModule) {
  expect_sound(verdict_after_load());
}

TEST_F(Mutants, NoneIsSeenInTheUnguardedFunctions) {
  use_unguarded_functions();
  expect_sound(verdict_after_load());
}

TEST_F(Mutants, WithoutTheLockTheCounterIsWrong) {
  use_unguarded_functions();
  switch_off("lock");
  const Verdict verdict = verdict_after_load();
  EXPECT_GT(verdict.wrong_counters, 0u) << text_of(verdict);
}

TEST_F(Mutants, WithoutTheCheckSeatsAreOversold) {
  use_unguarded_functions();
  run("ALTER TABLE evently.events DROP CONSTRAINT events_seats_available_check");
  const Verdict verdict = verdict_after_load();
  EXPECT_GT(verdict.oversold, 0u) << text_of(verdict);
}

TEST_F(Mutants, WithoutTheUniqueKeyBookingsAreDoubled) {
  use_unguarded_functions();
  run("DROP INDEX evently.bookings_user_id_idempotency_key_key");
  const Verdict verdict = verdict_after_load();
  EXPECT_GT(verdict.doubled, 0u) << text_of(verdict);
}

TEST_F(Mutants, WithoutTheRefundGuardSeatsComeBackTwice) {
  use_unguarded_functions();
  switch_off("refund guard");
  const Verdict verdict = verdict_after_load();
  EXPECT_GT(verdict.wrong_counters, 0u) << text_of(verdict);
}

}  // namespace
}  // namespace evently
