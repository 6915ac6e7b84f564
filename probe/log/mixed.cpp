#include "probe/log/mixed.hpp"

#include <random>

namespace maillog
{
namespace
{

std::uint64_t drawn()
{
    std::random_device source;
    return std::uint64_t{source()} << 32 | source() | 1;
}

} // namespace

const std::uint64_t mixing_secret = drawn();

} // namespace maillog
