#include "api/http/target.h"

#include <algorithm>
#include <boost/url/decode_view.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/parse_query.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>

namespace evently {
namespace {

namespace urls = boost::urls;

// As forms send them, where "+" is a space.
bool read_query(std::string_view text, QueryParameters& query) {
  const auto parsed = urls::parse_query(text);
  if (!parsed) return false;
  urls::encoding_opts as_in_forms;
  as_in_forms.space_as_plus = true;
  for (const auto& parameter : *parsed) {
    if (parameter.key.empty() && parameter.value.empty()) continue;  // as between "&&"
    const urls::decode_view name(parameter.key, as_in_forms);
    const urls::decode_view value(parameter.value, as_in_forms);
    query.emplace_back(std::string(name.begin(), name.end()),
                       std::string(value.begin(), value.end()));
  }
  return true;
}

// Without scheme and authority, which our answers do not depend on; empty when it is malformed.
std::string origin_form_of(std::string_view target) {
  if (target.starts_with('/') || target == "*") return std::string(target);
  const auto parsed = urls::parse_absolute_uri(target);
  if (!parsed || !parsed->has_authority() ||
      (parsed->scheme_id() != urls::scheme::http && parsed->scheme_id() != urls::scheme::https)) {
    return {};
  }
  const std::size_t authority = target.find("//") + 2;
  const std::size_t path = target.find_first_of("/?", authority);
  if (path == std::string_view::npos) return "/";
  return (target[path] == '?' ? "/" : "") + std::string(target.substr(path));
}

}  // namespace

RequestTarget parse_target(std::string_view target) {
  RequestTarget parsed;
  const std::string origin_form = origin_form_of(target);
  const std::size_t question_mark = origin_form.find('?');
  parsed.path = origin_form.substr(0, question_mark);
  parsed.well_formed = !origin_form.empty();
  if (question_mark != std::string_view::npos) {
    parsed.well_formed =
        read_query(std::string_view(origin_form).substr(question_mark + 1), parsed.query);
  }
  return parsed;
}

bool is_authority(std::string_view text) {
  const auto parsed = urls::parse_authority(text);
  return parsed && !parsed->has_userinfo() && !parsed->host().empty();
}

bool is_plain_path(std::string_view text) {
  return text.starts_with('/') && !text.ends_with('/') &&
         text.find("//") == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return c == '/' || urls::unreserved_chars(c); });
}

std::string percent_encoded(std::string_view text) {
  return urls::encode(text, urls::unreserved_chars);
}

}  // namespace evently
