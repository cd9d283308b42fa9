#include "api/http/content_coding.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/rfc7230.hpp>

namespace evently {
namespace {

namespace http = boost::beast::http;
using boost::beast::iequals;

// "q=0" and "q=0.000" say no.
bool is_refused(const http::param_list& parameters) {
  return std::any_of(parameters.begin(), parameters.end(), [](const auto& parameter) {
    return iequals(parameter.first, "q") &&
           parameter.second.find_first_not_of("0.") == boost::beast::string_view::npos;
  });
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  bool any_other = false;
  while (!accept_encoding.empty()) {
    // One at a time: the library's list lets an element have the parameters of the one before it.
    const std::string_view element = accept_encoding.substr(0, accept_encoding.find(','));
    accept_encoding.remove_prefix(std::min(element.size() + 1, accept_encoding.size()));
    const http::ext_list list(element);
    const auto first = list.begin();  // what it refers to lies in the iterator
    if (first == list.end()) continue;
    const auto& [coding, parameters] = *first;
    if (iequals(coding, "gzip") || iequals(coding, "x-gzip")) return !is_refused(parameters);
    if (coding == "*") any_other = !is_refused(parameters);
  }
  return any_other;
}

}  // namespace evently
