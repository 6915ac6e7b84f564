#include "dns/error.hpp"

#include <string>

namespace dns
{
namespace
{

class Category final : public std::error_category
{
public:
    const char* name() const noexcept override { return "dns"; }

    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::timed_out:
            return "no resolver answered in time";
        case errc::unreachable:
            return "no resolver could be reached";
        case errc::server_failure:
            return "the resolver answered SERVFAIL";
        case errc::bogus:
            return "DNSSEC validation fails";
        case errc::refused:
            return "the resolver answered REFUSED";
        case errc::not_implemented:
            return "the resolver cannot answer this question";
        case errc::malformed:
            return "the answer is malformed";
        case errc::too_many_aliases:
            return "too many aliases, or a loop of them";
        case errc::bad_name:
            return "not a DNS name";
        }
        return "unknown";
    }
};

} // namespace

const std::error_category& category() noexcept
{
    static const Category instance;
    return instance;
}

std::error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), category()};
}

} // namespace dns
