#include "api/http/json_body.h"

#include <set>
#include <stdexcept>
#include <vector>

namespace evently {
namespace {

struct BodyFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Told of every token while the document is still being read, so that what we refuse is never
// built: deep nesting, or the second of two equal keys (the library would keep the last).
class Inspector {
 public:
  void operator()(int depth, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    switch (event) {
      case Event::object_start:
      case Event::array_start:
        if (depth >= json_depth_max) throw BodyFault("is nested too deeply");
        if (event == Event::object_start) keys_.emplace_back();
        break;
      case Event::object_end:
        keys_.pop_back();
        break;
      case Event::key:
        if (!keys_.back().insert(parsed.get<std::string>()).second) {
          throw BodyFault("has the same key twice in one object");
        }
        refuse_nul(parsed);
        break;
      case Event::value:
        if (parsed.is_string()) refuse_nul(parsed);
        break;
      case Event::array_end:
        break;
    }
  }

 private:
  static void refuse_nul(const nlohmann::json& text) {
    if (text.get_ref<const std::string&>().find('\0') != std::string::npos) {
      throw BodyFault("contains \\u0000, which cannot be stored");
    }
  }

  std::vector<std::set<std::string>> keys_;  // of the objects that are open
};

}  // namespace

nlohmann::json parse_object(const std::string& body, std::string& fault) {
  try {
    if (body.compare(0, 3, "\xEF\xBB\xBF") == 0) throw BodyFault("begins with a byte order mark");
    Inspector inspector;
    nlohmann::json document = nlohmann::json::parse(
        body, [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
          inspector(depth, event, parsed);
          return true;
        });
    if (document.is_object()) return document;
    fault = "must be a JSON object";
  } catch (const BodyFault& error) {
    fault = error.what();
  } catch (const nlohmann::json::exception&) {
    fault = "is not valid JSON in UTF-8";
  }
  return nlohmann::json::object();
}

}  // namespace evently
