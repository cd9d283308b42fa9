#pragma once

namespace evently::places {

// Absolute paths in this checkout and this build. They are compiled in one generated file, so that
// a compiler cache finds every other file of another checkout.
extern const char* const stack_script;
extern const char* const api_program;
extern const char* const bridge_program;
extern const char* const haproxy_config;
extern const char* const unguarded_functions;

}  // namespace evently::places
