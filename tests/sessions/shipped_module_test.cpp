// What is shipped has no hook and no setting that makes it fail: those are of tests/faults.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/sessions/database.h"

namespace evently {
namespace {

TEST(ShippedModule, CannotBeToldToFail) {
  OwnerDatabase database;
  for (const std::string name : {"evently_fail_at", "evently_faults_raised", "evently_end_at",
                                 "evently_die_in_commit", "evently_calls_passed"})
    EXPECT_THROW(database.run("CREATE FUNCTION public.hook() RETURNS void LANGUAGE c AS "
                              "'$libdir/evently', '" +
                              name + "'"),
                 pqxx::undefined_function);
  EXPECT_EQ(database.value<int>("SELECT count(*) FROM pg_settings WHERE name LIKE 'evently.%fail%' "
                                "OR name LIKE 'evently.%fault%'"),
            0);
}

}  // namespace
}  // namespace evently
