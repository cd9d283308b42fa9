#include "tests/support/sessions/group_commit.h"

#include "tests/support/sessions/stack.h"

namespace evently {

std::string call_text(std::int64_t user, std::int64_t event, int seats, const std::string& key) {
  return "CALL evently.book_and_commit(" + std::to_string(user) + ", " + std::to_string(event) +
         ", " + std::to_string(seats) + ", " + (key.empty() ? "NULL" : "'" + key + "'") + ")";
}

Booker::Booker(const std::string& role)
    : connection_(std::make_unique<pqxx::connection>(setting("EVENTLY_OWNER_URL"))),
      notices_(std::make_unique<Notices>(*connection_)) {
  run("SET ROLE " + role);
  run("SET statement_timeout = '60s'");
}

pqxx::result Booker::run(const std::string& statement) {
  pqxx::nontransaction transaction(*connection_);
  return transaction.exec(statement);
}

Answer Booker::answer_to(const std::string& statement) {
  Answer answer;
  try {
    const auto rows = run(statement);
    if (rows.empty() || rows.columns() != 6) return answer;
    const auto row = rows[0];
    answer.booking_id = row[0].as<std::int64_t>();
    answer.status = row[1].as<std::string>();
    answer.replayed = row[3].as<bool>();
    if (!row[4].is_null()) answer.version = row[4].as<std::int64_t>();
    if (!row[5].is_null()) answer.seats_available = row[5].as<int>();
  } catch (const pqxx::deadlock_detected& error) {  // from 7 on these two are sql_errors
    answer.sqlstate = "40P01";
    answer.message = error.what();
  } catch (const pqxx::transaction_rollback& error) {
    answer.sqlstate = "40001";
    answer.message = error.what();
  } catch (const pqxx::insufficient_privilege& error) {  // of which it drops the state
    answer.sqlstate = "42501";
    answer.message = error.what();
  } catch (const pqxx::sql_error& error) {
    answer.sqlstate = error.sqlstate();
    if (answer.sqlstate.empty()) answer.sqlstate = "?";
    answer.message = error.what();
  } catch (const pqxx::failure& error) {  // also for 57P01: it says no more than that
    answer.sqlstate = connection_lost;
    answer.message = error.what();
  }
  return answer;
}

std::size_t Calls::start(const std::string& statement, const std::string& settings) {
  Booker& session = sessions_.emplace_back();
  if (!settings.empty()) session.run(settings);
  answers_.push_back(std::async(std::launch::async,
                                [&session, statement] { return session.answer_to(statement); }));
  return answers_.size() - 1;
}

Answer Calls::answer(std::size_t i) {
  if (answers_.at(i).wait_for(answer_limit) == std::future_status::ready)
    return answers_.at(i).get();
  Answer late;
  late.sqlstate = "late";
  return late;
}

void GroupCommitTest::TearDown() {
  SessionTest::TearDown();
  EXPECT_EQ(OwnerDatabase().value<int>("SELECT count(*) FROM evently.pg_stat_evently_groups"), 0);
}

int GroupCommitTest::rows_of(std::int64_t event, const std::string& part) {
  return database.value<int>("SELECT count(*) FROM evently.pg_stat_evently_groups WHERE part = '" +
                             part + "' AND event_id = " + std::to_string(event));
}

int GroupCommitTest::bookings_of(std::int64_t user, std::int64_t event) {
  return database.value<int>("SELECT count(*) FROM evently.bookings WHERE user_id = " +
                             std::to_string(user) + " AND event_id = " + std::to_string(event));
}

testing::AssertionResult GroupCommitTest::part_is(int pid, const std::string& part) {
  return eventually_true(view_limit, std::to_string(pid) + " is not the session that " + part, [&] {
    return database.value<int>(
               "SELECT count(*) FROM evently.pg_stat_evently_groups WHERE part = '" + part +
               "' AND pid = " + std::to_string(pid)) == 1;
  });
}

testing::AssertionResult GroupCommitTest::is_group(std::int64_t event, int waiting) {
  return eventually_true(view_limit, std::to_string(waiting) + " do not wait", [&] {
    return rows_of(event, "leads") == 1 && rows_of(event, "waits") == waiting;
  });
}

testing::AssertionResult GroupCommitTest::joins(Calls& calls, std::int64_t event,
                                                const std::string& call,
                                                const std::string& settings) {
  const auto before = static_cast<int>(calls.start(call, settings));
  return is_group(event, before);
}

std::pair<std::int64_t, std::int64_t> GroupCommitTest::groups() {
  const auto rows = database.run("SELECT groups, group_members FROM evently.pg_stat_evently");
  return {rows[0][0].as<std::int64_t>(), rows[0][1].as<std::int64_t>()};
}

}  // namespace evently
