#include "smtp/error.hpp"

#include <string>

namespace smtp
{
namespace
{

class Category final : public std::error_category
{
public:
    const char* name() const noexcept override { return "smtp"; }

    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::timed_out:
            return "timed out";
        case errc::connection_lost:
            return "the connection was lost";
        case errc::no_route:
            return "this machine cannot send there";
        case errc::no_descriptor:
            return "this machine has no descriptor left";
        case errc::unexpected_reply:
            return "an unexpected reply";
        case errc::malformed_reply:
            return "not an SMTP reply";
        case errc::line_too_long:
            return "a line too long";
        case errc::reply_too_long:
            return "a reply too long";
        case errc::plaintext_after_starttls:
            return "plaintext behind the reply to STARTTLS";
        case errc::not_tls:
            return "answered in plaintext";
        case errc::handshake_failed:
            return "the TLS handshake failed";
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

} // namespace smtp
