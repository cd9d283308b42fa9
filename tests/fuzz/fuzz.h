#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

// Fuzz targets: each takes any bytes that a client, or the database's channel, may send, and throws
// BrokenPromise when the code that reads them does what it must not. Crashes show themselves.
namespace evently {

void fuzz_body(std::string_view input);          // a request: headers and JSON to a command
void fuzz_cursor(std::string_view input);        // the parameter `after`
void fuzz_etags(std::string_view input);         // If-Match and If-None-Match
void fuzz_head(std::string_view input);          // a header section and the guards on it
void fuzz_notification(std::string_view input);  // a payload of the channel
void fuzz_query(std::string_view input);         // a query string to a page and its Link

struct FuzzTarget {
  const char* name;  // also of its folder in the corpus
  void (*run)(std::string_view input);
};

inline constexpr FuzzTarget fuzz_targets[] = {
    {"body", fuzz_body},
    {"cursor", fuzz_cursor},
    {"etags", fuzz_etags},
    {"head", fuzz_head},
    {"notification", fuzz_notification},
    {"query", fuzz_query},
};

struct BrokenPromise : std::logic_error {
  using std::logic_error::logic_error;
};

inline void promise(bool holds, const char* sentence) {
  if (!holds) throw BrokenPromise(sentence);
}

}  // namespace evently
