#include "probe/refuse.hpp"

#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace probe
{

void refuse(std::string_view value, std::string_view why)
{
    throw std::invalid_argument(fmt::format("'{}' {}", smtp::printable(value), why));
}

} // namespace probe
