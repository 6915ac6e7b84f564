#include "dns/records.hpp"

namespace dns
{

std::string_view name(Security security) noexcept
{
    switch (security) {
    case Security::bogus:
        return "bogus";
    case Security::unknown:
        break;
    case Security::insecure:
        return "insecure";
    case Security::secure:
        return "secure";
    }
    return "unknown";
}

} // namespace dns
