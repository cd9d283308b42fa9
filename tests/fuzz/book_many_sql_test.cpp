// Random arrays for book_many: whatever the types let through is answered item by item, or refused
// with 22023. EVENTLY_FUZZ_STATEMENTS or EVENTLY_FUZZ_SECONDS set the length, EVENTLY_FUZZ_SEED
// repeats a run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "api/database/pqxx_compat.h"
#include "tests/support/sessions/database.h"
#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/unique_word.h"

namespace evently {
namespace {

using Random = std::mt19937_64;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::stoull(value);
}

// Array literals as a careless or hostile client may write them.
class Arrays {
 public:
  Arrays(Random& random, std::vector<std::int64_t> users)
      : random_(random), users_(std::move(users)) {}

  std::size_t below(std::size_t end) { return random_() % end; }
  bool one_in(std::size_t n) { return below(n) == 0; }

  std::size_t length() {
    return one_of<std::size_t>({0, 1, 2, 3, 7, 64, 255, 256, 999, 1000, 1001, 2000});
  }

  std::string users(std::size_t count, bool tame) {
    const bool junk = !tame && one_in(5);
    const bool nulls = !tame && one_in(5);
    return array(count, tame, [&] {
      if (nulls && one_in(8)) return std::string("NULL");
      if (!junk || !one_in(8)) return std::to_string(users_[below(users_.size())]);
      return one_of<std::string>({"0", "-1", "9223372036854775807", "9223372036854775808", "NULL",
                                  "1e3", "\" 7 \"", "x", "-9223372036854775808", "4294967297"});
    });
  }

  std::string seats(std::size_t count, bool tame) {
    const bool junk = !tame && one_in(5);
    const bool nulls = !tame && one_in(5);
    return array(count, tame, [&] {
      if (nulls && one_in(8)) return std::string("NULL");
      if (!one_in(8)) return std::to_string(1 + below(3));
      if (!junk) return one_of<std::string>({"0", "-1", "1000000", "1000001", "2147483647"});
      return one_of<std::string>({"-2147483648", "2147483648", "NULL", "1.0", "0x10", "x", "1"});
    });
  }

  std::string keys(std::size_t count, bool tame) {
    const bool junk = !tame && one_in(5);
    return array(count, tame, [&] {
      if (one_in(5)) return std::string("NULL");
      if (one_in(2)) return "key" + std::to_string(below(9));
      if (!one_in(4)) return "k" + std::to_string(random_());
      if (junk && one_in(4))
        return one_of<std::string>({"\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\""});
      return '"' + odd_key() + '"';
    });
  }

  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return choices.begin()[below(choices.size())];
  }

 private:
  std::string odd_key() {
    static const std::string umlaut = "\xc3\xa4";
    std::string wide;
    for (int i = 0; i < 127; ++i) wide += umlaut;
    return one_of<std::string>({"", "NULL", "\\\"", "\\\\", "{", "},{", "'; --", "\n", "$1", wide,
                                wide + "a", wide + umlaut, std::string(255, 'k'),
                                std::string(256, 'k'), std::string(100'000, 'k')});
  }

  template <class Element>
  std::string array(std::size_t count, bool tame, const Element& element) {
    std::string list = "{";
    for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + element();
    list += '}';
    return tame ? list : spoiled(std::move(list), count);
  }

  // Lower bounds, dimensions, and text that is no array at all.
  std::string spoiled(std::string list, std::size_t count) {
    if (one_in(6)) {
      const auto lower =
          one_of<std::int64_t>({-5, 0, 2, 2147483640, -2147483648, 2147483647, 4294967296});
      const auto surplus = static_cast<std::int64_t>(one_in(4) ? below(3) : 0);
      const auto upper = lower + static_cast<std::int64_t>(count) - 1 + surplus;
      list = '[' + std::to_string(lower) + ':' + std::to_string(upper) + "]=" + list;
    }
    if (one_in(20)) list = '{' + list + '}';
    if (one_in(20)) list = '{' + list + ',' + list + '}';
    if (one_in(20)) list.erase(below(list.size()), 1);
    if (one_in(20))
      list.insert(below(list.size()), one_of<std::string>({"{", "}", ",", "\"", "\\"}));
    return list;
  }

  Random& random_;
  std::vector<std::int64_t> users_;
};

// How an array comes to the function: as it was read, rebuilt by an operator, or expanded by
// PL/pgSQL.
const std::vector<std::string> forms = {"%", "array_replace(%, NULL, NULL)", "array_cat(%, '{}')",
                                        "(%)[1:]", "pg_temp.expanded(%)"};

class BookManyFuzz : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 5; ++i)
      users_.push_back(owner_.value<std::int64_t>("SELECT id FROM evently.create_user('" +
                                                  unique_word("fuzz") + "@example.com')"));
    for (const char* start : {"now() + interval '1 day'", "now() - interval '1 day'"})
      events_.push_back(owner_.value<std::int64_t>(
          std::string("SELECT id FROM evently.create_event('Fuzzed', ") + start + ", 20000)"));
    pqxx::nontransaction setting_up(session_.connection());
    setting_up.exec(
        "CREATE FUNCTION pg_temp.expanded(a anyarray) RETURNS anyarray LANGUAGE plpgsql AS $$"
        "BEGIN IF array_ndims(a) = 1 THEN a[array_lower(a, 1)] := a[array_lower(a, 1)]; END IF; "
        "RETURN a; END $$");
    setting_up.exec("SET ROLE evently_booker");
  }

  // NULL for the database now and then.
  using Argument = std::optional<std::string>;

  // What an answer should be, by SQL alone: "" for arguments that are all right, 22023 for others,
  // the types' own state where they refuse the text.
  std::string expected(const Argument& event, const Argument& users, const Argument& seats,
                       const Argument& keys, const std::vector<std::string>& shapes) {
    return state_of(
        "SELECT $1::bigint IS NOT NULL AND u IS NOT NULL AND s IS NOT NULL "
        "AND coalesce(array_ndims(u), 1) = 1 AND coalesce(array_ndims(s), 1) = 1 "
        "AND coalesce(array_ndims(k), 1) = 1 AND cardinality(u) <= 1000 "
        "AND cardinality(s) = cardinality(u) AND coalesce(cardinality(k), cardinality(u)) = "
        "cardinality(u) AND NOT EXISTS (SELECT FROM unnest(u) x WHERE x IS NULL) "
        "AND NOT EXISTS (SELECT FROM unnest(s) x WHERE x IS NULL) FROM " +
            arrays_of(shapes),
        event, users, seats, keys, "22023");
  }

  // "" when every item had an answer that exists.
  std::string answer(const Argument& event, const Argument& users, const Argument& seats,
                     const Argument& keys, const std::vector<std::string>& shapes) {
    return state_of(
        "SELECT count(i.position) = cardinality(a.u) AND coalesce(bool_and(i.position IS NULL OR "
        "i.outcome IN ('booked', 'replayed') AND i.sqlstate IS NULL AND i.booking_id > 0 OR "
        "i.outcome = 'refused' AND i.booking_id IS NULL AND i.sqlstate IN ('TK001', 'TK002', "
        "'TK101', 'TK103', 'TK104', '22023')), true) FROM " +
            arrays_of(shapes) +
            "LEFT JOIN LATERAL evently.book_many($1::bigint, a.u, a.s, a.k) i ON true GROUP BY a.u",
        event, users, seats, keys, "an item has no answer, or one that does not exist");
  }

  static std::string arrays_of(const std::vector<std::string>& shapes) {
    return "(SELECT " + shapes[0] + " u, " + shapes[1] + " s, " + shapes[2] + " k OFFSET 0) a ";
  }

  // "" for true, `otherwise` for what is not, else the state of the error.
  std::string state_of(const std::string& query, const Argument& event, const Argument& users,
                       const Argument& seats, const Argument& keys, const char* otherwise) {
    message_.clear();
    try {
      pqxx::nontransaction transaction(session_.connection());
      const std::vector<Argument> arguments{event, users, seats, keys};
      const pqxx::result answer = exec_bound(transaction, query.c_str(), bind(arguments));
      const auto value = answer[0][0];
      return !value.is_null() && value.as<bool>() ? "" : otherwise;
    } catch (const pqxx::sql_error& error) {
      message_ = error.what();
      const std::string state(error.sqlstate());
      return state.empty() ? "no state: " + message_ : state;
    } catch (const pqxx::failure& error) {
      return std::string("connection lost: ") + error.what();
    }
  }

  OwnerDatabase owner_;
  OwnerDatabase session_;
  std::vector<std::int64_t> users_;
  std::vector<std::int64_t> events_;
  std::string message_;
};

std::string in_form(const std::string& form, const std::string& parameter) {
  std::string text = form;
  return text.replace(text.find('%'), 1, parameter);
}

TEST_F(BookManyFuzz, AnswersOrRefusesClearly) {
  const auto seed = number_from("EVENTLY_FUZZ_SEED", std::random_device()());
  const auto statements = number_from("EVENTLY_FUZZ_STATEMENTS", 600);
  const auto seconds = number_from("EVENTLY_FUZZ_SECONDS", 0);
  std::cout << "EVENTLY_FUZZ_SEED=" << seed << std::endl;
  Random random(seed);
  Arrays arrays(random, users_);
  const auto started = owner_.value<std::string>("SELECT pg_postmaster_start_time()");
  const auto start = Clock::now();
  std::map<std::string, int> answers;

  for (std::uint64_t n = 0; n < statements || since(start) < std::chrono::seconds(seconds); ++n) {
    const bool tame = arrays.one_in(2);
    const std::size_t length = arrays.length();
    const auto own = [&] { return !tame && arrays.one_in(6) ? arrays.length() : length; };
    const auto maybe = [&](std::string text) -> Argument {
      if (!tame && arrays.one_in(30)) return std::nullopt;
      return text;
    };
    const Argument event =
        maybe(tame || !arrays.one_in(8)
                  ? std::to_string(events_[arrays.one_in(8) ? 1 : 0])
                  : arrays.one_of<std::string>({"0", "-1", "9223372036854775807", "77777777"}));
    const Argument users = maybe(arrays.users(own(), tame));
    const Argument seats = maybe(arrays.seats(own(), tame));
    const Argument keys = maybe(arrays.keys(own(), tame));
    std::vector<std::string> shapes;
    for (const char* parameter : {"$2::bigint[]", "$3::int[]", "$4::text[]"})
      shapes.push_back(in_form(tame ? "%" : forms[arrays.below(forms.size())], parameter));

    const std::string wanted = expected(event, users, seats, keys, shapes);
    const std::string found = answer(event, users, seats, keys, shapes);
    ++answers[found];
    ASSERT_EQ(found, wanted) << "to statement " << n << ": " << message_;
    // The types refuse text that is no array, numbers out of range, subscripts, bad UTF-8.
    static const std::vector<std::string> fine = {"",      "22023", "22P02", "22003",
                                                  "2202E", "22021", "54000"};
    ASSERT_NE(std::find(fine.begin(), fine.end(), found), fine.end()) << message_;
    if (found == "22023") {
      EXPECT_NE(message_.find("DETAIL"), std::string::npos) << message_;
    }
    if (n % 100 == 0) {
      ASSERT_EQ(owner_.violations(), "") << "after statement " << n;
    }
  }
  EXPECT_EQ(owner_.violations(), "");
  EXPECT_EQ(owner_.value<std::string>("SELECT pg_postmaster_start_time()"), started);
  for (const auto& [answer, count] : answers)
    std::cout << (answer.empty() ? "answered" : answer) << ": " << count << "\n";
  EXPECT_GT(answers[""], 0);
  EXPECT_GT(answers["22023"], 0);
  EXPECT_GT(owner_.live_seats(events_[0]), 0);
}

}  // namespace
}  // namespace evently
