#include "api/http/content_coding.h"

#include <gtest/gtest.h>

namespace evently {
namespace {

TEST(AcceptEncoding, LetsAnswersBeGzipped) {
  for (const char* value : {"gzip", "br, GZIP", "gzip;q=0.5", "deflate;q=0, gzip;q=1", "*",
                            "*;q=0, gzip", "br;q=0.1,*;q=0.2", "x-gzip"})
    EXPECT_TRUE(accepts_gzip(value)) << value;
}

TEST(AcceptEncoding, OrRefusesIt) {
  for (const char* value : {"", "identity", "br, deflate", "gzip;q=0", "gzip;q=0.000, br", "*;q=0",
                            "gzip;q=0, *", "gzipped", "=;,"})
    EXPECT_FALSE(accepts_gzip(value)) << value;
}

}  // namespace
}  // namespace evently
