// book_and_commit: who may call it, from where, and what the session is like afterwards.
#include "tests/support/sessions/group_commit.h"

namespace evently {
namespace {

class GroupCommitSessions : public GroupCommitTest {
 protected:
  // A DO block that calls for a user and an event, with statements before and after.
  std::string block(std::int64_t user, std::int64_t event, const std::string& before,
                    const std::string& after = "") {
    return "DO $$ DECLARE id bigint; s text; c timestamptz; r boolean; v bigint; a integer; "
           "BEGIN " +
           before + " CALL evently.book_and_commit(" + std::to_string(user) + ", " +
           std::to_string(event) + ", 1, NULL, id, s, c, r, v, a); " + after + " END $$";
  }

  std::string state_of(Booker& booker) {
    return booker.value<std::string>(
        "SELECT concat_ws('|', current_user, session_user, current_setting('search_path'), "
        "current_setting('synchronous_commit'), current_setting('transaction_isolation'))");
  }

  // Books, but shares no transaction.
  void expect_alone(Booker& booker, const std::string& statement, std::int64_t user,
                    std::int64_t event) {
    const auto before = members();
    const int bookings = bookings_of(user, event);
    const Answer answer = booker.answer_to(statement);
    EXPECT_EQ(answer.sqlstate, "") << statement << answer.message;
    EXPECT_EQ(bookings_of(user, event), bookings + 1) << statement;
    EXPECT_EQ(members(), before) << statement;
  }

  void expect_refused(Booker& booker, const std::string& statement, const std::string& sqlstate,
                      const std::string& words) {
    const Answer answer = booker.answer_to(statement);
    EXPECT_EQ(answer.sqlstate, sqlstate) << statement << answer.message;
    EXPECT_NE(answer.message.find(words), std::string::npos) << answer.message;
  }
};

TEST_F(GroupCommitSessions, RefusesToCommitForOthers) {
  const auto user = new_user();
  const auto event = new_event(10);
  const std::string call = call_text(user, event);
  const std::string words = "evently.book";
  Booker booker;
  booker.run("BEGIN");
  expect_refused(booker, call, "25001", words);
  booker.run("ROLLBACK");
  expect_refused(booker, "SELECT 1; " + call, "25001", words);
  // In a subtransaction: neither with its error caught nor without.
  expect_refused(booker, block(user, event, "BEGIN", "EXCEPTION WHEN division_by_zero THEN END;"),
                 "25001", words);
  EXPECT_EQ(
      booker
          .answer_to(block(user, event, "BEGIN", "EXCEPTION WHEN active_sql_transaction THEN END;"))
          .sqlstate,
      "");
  database.run(
      "CREATE FUNCTION public.calls(u bigint, e bigint) RETURNS void LANGUAGE plpgsql AS "
      "$$ DECLARE id bigint; s text; c timestamptz; r boolean; v bigint; a integer; BEGIN "
      "CALL evently.book_and_commit(u, e, 1, NULL, id, s, c, r, v, a); END $$");
  expect_refused(booker,
                 "SELECT public.calls(" + std::to_string(user) + ", " + std::to_string(event) + ")",
                 "25001", words);
  database.run("DROP FUNCTION public.calls");
  EXPECT_EQ(bookings_of(user, event), 0);
  EXPECT_EQ(booker.answer_to(call).sqlstate, "");
}

// A block with EXCEPTION must not lead: its rollback would not be the transaction's.
TEST_F(GroupCommitSessions, BlocksWithExceptionDelayNoOtherSession) {
  const auto user = new_user();
  const auto event = new_event(10);
  Calls calls;
  HeldQueue held(event);
  ASSERT_TRUE(joins(calls, event, call_text(user, event)));
  Booker booker;
  EXPECT_EQ(
      booker.answer_to(block(user, event, "BEGIN", "EXCEPTION WHEN OTHERS THEN END;")).sqlstate,
      "");
  ASSERT_TRUE(joins(calls, event, call_text(user, event)));
  held.release();
  EXPECT_EQ(calls.answer(0).sqlstate, "");
  EXPECT_EQ(calls.answer(1).sqlstate, "");
  EXPECT_EQ(bookings_of(user, event), 2);
}

TEST_F(GroupCommitSessions, OtherKindsOfTransactionBookAlone) {
  const auto user = new_user();
  const auto event = new_event(10);
  for (const std::string level : {"repeatable read", "serializable"}) {
    Booker booker;
    booker.run("SET default_transaction_isolation = '" + level + "'");
    expect_alone(booker, call_text(user, event), user, event);
  }
  Booker quiet("postgres");  // only a superuser may
  quiet.run("SET evently.notify = off");
  expect_alone(quiet, call_text(user, event), user, event);
  Booker read_only;
  read_only.run("SET default_transaction_read_only = on");
  expect_refused(read_only, call_text(user, event), "25006", "read-only");
  read_only.run("SET default_transaction_read_only = off");
  EXPECT_EQ(read_only.book(user, event).sqlstate, "");
}

// A session that holds what a leader may wait for must not wait for a leader.
TEST_F(GroupCommitSessions, ALockHolderBooksAlone) {
  const auto user = new_user();
  const auto event = new_event(100);
  Booker booker("postgres");
  expect_alone(booker, block(user, event, "LOCK TABLE evently.bookings IN SHARE MODE;"), user,
               event);
  expect_alone(booker, block(user, event, "PERFORM pg_advisory_xact_lock(7);"), user, event);
  expect_alone(booker, block(user, event, "PERFORM 1 FROM evently.events LIMIT 1;"), user, event);
  booker.run("SELECT pg_advisory_lock(7)");
  expect_alone(booker, call_text(user, event), user, event);
  booker.run("SELECT pg_advisory_unlock(7)");

  const auto before = members();
  const std::string book_first =
      "PERFORM evently.book(" + std::to_string(user) + ", " + std::to_string(event) + ");";
  EXPECT_EQ(booker.answer_to(block(user, event, book_first)).sqlstate, "");
  EXPECT_EQ(members(), before);
  // What came before is undone with a booking that is refused.
  const int bookings = bookings_of(user, event);
  expect_refused(booker, block(-1, event, book_first), "TK002", "user");
  EXPECT_EQ(bookings_of(user, event), bookings);
}

TEST_F(GroupCommitSessions, ABlockMayBookInALoop) {
  const auto user = new_user();
  const auto event = new_event(100);
  const auto before = members();
  Booker booker;
  const std::string call = "CALL evently.book_and_commit(" + std::to_string(user) + ", " +
                           std::to_string(event) + ", 1, 'k' || i, id, s, c, r, v, a); ";
  const std::string declared =
      "DO $$ DECLARE id bigint; s text; c timestamptz; r boolean; v bigint; a integer; i integer; "
      "ids bigint[]; BEGIN ";
  const Answer answer = booker.answer_to(
      declared + "FOR i IN 1..20 LOOP " + call +
      "ids := ids || id; IF a IS DISTINCT FROM 100 - i OR s <> 'CONFIRMED' OR r THEN RAISE "
      "'wrong'; "
      "END IF; END LOOP; IF (SELECT count(DISTINCT x) FROM unnest(ids) x) <> 20 THEN RAISE "
      "'not 20'; END IF; END $$");
  EXPECT_EQ(answer.sqlstate, "") << answer.message;
  EXPECT_EQ(members(), before + 20);
  EXPECT_EQ(bookings_of(user, event), 20);

  // A cursor that cannot be kept beyond a commit fails before any booking of the block.
  Calls calls;
  HeldQueue held(event);
  ASSERT_TRUE(joins(calls, event, call_text(user, event)));
  calls.start(declared + "FOR i IN SELECT 1 / (3 - g) FROM generate_series(1, 5) g LOOP " + call +
              "END LOOP; END $$");
  const Answer failed = calls.answer(1);
  EXPECT_EQ(failed.sqlstate, "22012") << failed.message;
  held.release();
  EXPECT_EQ(calls.answer(0).sqlstate, "");
  EXPECT_EQ(bookings_of(user, event), 21);
}

TEST_F(GroupCommitSessions, WithoutTheRightCallsAreRefused) {
  const auto user = new_user();
  const auto event = new_event(10);
  Booker reader("evently_reader");
  expect_refused(reader, call_text(user, event), "42501", "permission denied");
  EXPECT_EQ(state_of(reader).rfind("evently_reader|", 0), 0u);
  Booker stranger("pg_monitor");
  expect_refused(stranger, call_text(user, event), "42501", "permission denied");
  EXPECT_EQ(bookings_of(user, event), 0);
}

// Of the leader and of followers: a key is data in the batch as well.
TEST_F(GroupCommitSessions, AKeyIsTextAndNothingElse) {
  const auto user = new_user();
  const auto event = new_event(10);
  const std::vector<std::string> keys = {"'; DROP TABLE evently.bookings; --",
                                         "') RETURNING 1 --",
                                         "$$; ALTER ROLE evently_booker SUPERUSER; $$",
                                         "%s %n $1",
                                         "\\'; SELECT 1; --",
                                         "{\"a\",NULL}",
                                         "NULL"};
  Calls calls;
  HeldQueue held(event);
  for (const auto& key : keys) {
    std::string quoted;
    for (const char letter : key) quoted += letter == '\'' ? "''" : std::string(1, letter);
    calls.start(call_text(user, event, 1, quoted));
  }
  ASSERT_TRUE(is_group(event, static_cast<int>(keys.size()) - 1));
  held.release();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Answer answer = calls.answer(i);
    EXPECT_EQ(answer.sqlstate, "") << keys[i] << answer.message;
    EXPECT_EQ(
        database.value<std::string>("SELECT idempotency_key FROM evently.bookings WHERE id = " +
                                    std::to_string(answer.booking_id)),
        keys[i]);
  }
  EXPECT_EQ(bookings_of(user, event), static_cast<int>(keys.size()));
}

// What the caller puts in front of the names of pg_catalog is never looked at.
TEST_F(GroupCommitSessions, AHostileSearchPathGainsNothing) {
  const auto user = new_user();
  const auto event = new_event(100);
  database.run(
      // For all: a schema that the owner may not use would be left out of its path.
      "CREATE SCHEMA hostile; GRANT ALL ON SCHEMA hostile TO PUBLIC;"
      "CREATE TABLE hostile.seen (by_role text); GRANT ALL ON hostile.seen TO PUBLIC;"
      "CREATE FUNCTION hostile.note() RETURNS void LANGUAGE sql AS "
      "$$ INSERT INTO hostile.seen VALUES (current_user) $$;"
      "CREATE FUNCTION hostile.eq(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS "
      "$$ BEGIN PERFORM hostile.note(); RETURN true; END $$;"
      "CREATE OPERATOR hostile.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = hostile.eq);"
      "CREATE FUNCTION hostile.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS "
      "$$ BEGIN PERFORM hostile.note(); RETURN 'epoch'; END $$;"
      "CREATE TABLE hostile.bookings (LIKE evently.bookings);"
      "CREATE TABLE hostile.events (LIKE evently.events);"
      "CREATE DOMAIN hostile.text AS pg_catalog.text CHECK (false);"
      "CREATE DOMAIN hostile.int8 AS pg_catalog.int8 CHECK (false);"
      "CREATE DOMAIN hostile.timestamptz AS pg_catalog.timestamptz CHECK (false)");
  const std::string settings =
      "CREATE TEMPORARY TABLE IF NOT EXISTS events (id bigint);"
      "CREATE TEMPORARY TABLE IF NOT EXISTS bookings (id bigint);"
      "SET search_path = hostile, pg_temp, pg_catalog";
  Booker alone;
  alone.run(settings);
  alone.run("SET default_transaction_isolation = 'repeatable read'");
  EXPECT_EQ(alone.book(user, event).sqlstate, "");
  Calls calls;
  HeldQueue held(event);
  for (int i = 0; i < 3; ++i) calls.start(call_text(user, event), settings);
  ASSERT_TRUE(is_group(event, 2));
  held.release();
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_EQ(calls.answer(i).sqlstate, "");
    EXPECT_EQ(state_of(calls.session(i)),
              "evently_booker|postgres|hostile, pg_temp, pg_catalog|on|read committed");
  }
  EXPECT_EQ(bookings_of(user, event), 4);
  EXPECT_EQ(database.value<int>("SELECT count(*) FROM hostile.seen"), 0);
  EXPECT_EQ(database.value<int>("SELECT count(*) FROM hostile.bookings"), 0);
  database.run("DROP SCHEMA hostile CASCADE");
}

TEST_F(GroupCommitSessions, LeavesUserAndSettingsAsTheyWere) {
  const auto user = new_user();
  const auto event = new_event(10);
  Booker booker;
  booker.run("SET search_path = evently, public; SET synchronous_commit = off");
  const std::string state = state_of(booker);
  EXPECT_EQ(state, "evently_booker|postgres|evently, public|off|read committed");
  for (const std::string& statement :
       {call_text(user, event, 1, "k"), call_text(user, event, 2, "k"), call_text(user, event, 0),
        call_text(user, event, 11), call_text(user, -1), call_text(-1, event),
        "BEGIN; " + call_text(user, event), block(user, event, ""),
        block(user, event, "", "RAISE 'after';"), block(user, event, "PERFORM 1/0;")}) {
    booker.answer_to(statement);
    booker.run("ROLLBACK");
    EXPECT_EQ(state_of(booker), state) << statement;
  }
  EXPECT_EQ(bookings_of(user, event), 3);  // a block's error comes after the commit

  // In a group that commits by the strictest setting, whichever member leads.
  for (const std::string leaders : {"off", "on"}) {
    Calls calls;
    HeldQueue held(event);
    for (int i = 0; i < 3; ++i) {
      const std::string own = (i == 0) == (leaders == "on") ? "on" : "off";
      calls.start(call_text(i == 1 ? -1 : user, event),
                  "SET search_path = evently; SET synchronous_commit = " + own);
      ASSERT_TRUE(is_group(event, i));
    }
    held.release();
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const std::string own = (i == 0) == (leaders == "on") ? "on" : "off";
      EXPECT_EQ(calls.answer(i).sqlstate, i == 1 ? "TK002" : "");
      EXPECT_EQ(state_of(calls.session(i)),
                "evently_booker|postgres|evently|" + own + "|read committed");
    }
  }
}

}  // namespace
}  // namespace evently
