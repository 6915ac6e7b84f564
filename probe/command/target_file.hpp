// A file of targets (--targets), in TOML 1.0: what each is asked, and held against.
//
//   [defaults]
//   warn-below = 90
//
//   [[target]]
//   name = "example.com"
//   label = "Example, by their relay"
//   policy = "required-verify"
//   mx = ["relay1.example.com", "relay2.example.com:2525"]
//   contact = "postmaster@example.com"
#pragma once

#include "probe/command/options.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace command
{

inline constexpr std::size_t max_target_file = 4 * 1024 * 1024; // octets
inline constexpr std::size_t max_targets = 10'000;
inline constexpr std::size_t max_label = 200; // octets of a label, and of a contact

struct TargetFile
{
    std::vector<Request> requests;   // in their order
    std::vector<std::string> errors; // all there are, each one line: "FILE:LINE:COLUMN: what"
};

/// Whose requests are of use only where there are no errors. Keys are named and read as the options of the
/// command line; beside them are `name`, `label` and `contact`. Paths are taken from the folder of `path`.
/// Of what is not TOML there is one error, the first.
TargetFile read_targets(std::string_view text, const std::string& path, TargetOptions& options);

/// The same of a file, and that what its targets name can be used: certificates, keys, roots, ciphers. Throws
/// std::invalid_argument, one line, where it cannot be read or is too large.
TargetFile load_targets(const std::string& path, TargetOptions& options);

} // namespace command
