#include "probe/tls_rpt.hpp"

#include "probe/fields.hpp"

#include <asio/ip/address_v4.hpp>
#include <asio/ip/address_v6.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace probe
{
namespace
{

constexpr std::string_view mailto = "mailto:";
constexpr std::string_view https = "https://";

bool is_scheme_of(std::string_view scheme, std::string_view uri)
{
    return lower(uri.substr(0, scheme.size())) == scheme;
}

/// RFC 3986 §2, without what RFC 8460 §3 wants encoded.
bool is_of_uris(char octet) noexcept
{
    constexpr std::string_view others = "-._~:/?#[]@$&'()*+=%";
    return is_letter_or_digit(octet) || others.find(octet) != std::string_view::npos;
}

/// RFC 6068 §2: an address, and header fields that nobody needs here.
bool is_mailbox(std::string_view text)
{
    const auto address = text.substr(0, text.find('?'));
    const auto at = address.rfind('@');
    return at != std::string_view::npos && at > 0 && is_host_name(address.substr(at + 1)) &&
           address.find_first_of("@/#[]") == at;
}

bool is_address(std::string_view host)
{
    std::error_code no_v4;
    std::error_code no_v6;
    asio::ip::make_address_v4(host, no_v4);
    if (host.starts_with('[') && host.ends_with(']'))
        asio::ip::make_address_v6(host.substr(1, host.size() - 2), no_v6);
    else
        no_v6 = std::make_error_code(std::errc::invalid_argument);
    return !no_v4 || !no_v6;
}

bool is_port(std::string_view text)
{
    unsigned port = 0;
    for (const char digit : text) {
        if (!is_digit(digit) || port > 65535)
            return false;
        port = port * 10 + static_cast<unsigned>(digit - '0');
    }
    return port > 0 && port <= 65535;
}

/// RFC 3986 §3.2, without the user information, which no https URI should have.
bool is_authority(std::string_view text)
{
    const auto authority = text.substr(0, text.find_first_of("/?#"));
    const auto bracket = authority.rfind(']');
    const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1)))
        return false;
    const auto host = authority.substr(0, colon);
    return is_host_name(host) || is_address(host);
}

std::string fault_of_uri(std::string_view uri)
{
    if (uri.empty())
        return "its rua has an empty place: a comma with nothing beside it, or nothing at all";
    const auto wrong = std::ranges::find_if_not(uri, is_of_uris);
    if (wrong != uri.end())
        return fmt::format(
            "its rua {} has {} in it, which must be percent-encoded", quoted(uri), quoted({&*wrong, 1})
        );
    if (is_scheme_of(mailto, uri))
        return is_mailbox(uri.substr(mailto.size()))
                   ? std::string()
                   : fmt::format("its rua {} has no mail address behind \"mailto:\"", quoted(uri));
    if (is_scheme_of(https, uri))
        return is_authority(uri.substr(https.size()))
                   ? std::string()
                   : fmt::format("its rua {} has no name of a host behind \"https://\"", quoted(uri));
    return fmt::format("its rua {} begins with neither \"mailto:\" nor \"https://\"", quoted(uri));
}

void take_uris(std::string_view value, TlsRptRecord& record)
{
    for (bool is_last = false; !is_last;) {
        const auto comma = value.find(',');
        is_last = comma == std::string_view::npos;
        const auto uri = without_blanks_behind(without_blanks_before(value.substr(0, comma)));
        value.remove_prefix(is_last ? value.size() : comma + 1);
        auto fault = fault_of_uri(uri);
        if (fault.empty())
            record.rua.emplace_back(uri);
        else if (record.fault.empty())
            record.fault = std::move(fault);
    }
}

std::string fault_of_missing_rua(const std::vector<TxtField>& fields)
{
    const auto look_alike =
        std::ranges::find_if(fields, [](const TxtField& field) { return lower(field.name) == "rua"; });
    if (look_alike == fields.end())
        return "it has no rua, and so no address for reports";
    return fmt::format("it has no \"rua\", only {}", quoted(look_alike->name));
}

/// Of what keeps senders from using any of it.
std::string fault_of(const TxtFields& fields)
{
    if (!fields.fault.empty())
        return fields.fault;
    bool has_rua = false;
    for (const auto& field : fields.all) {
        has_rua = has_rua || field.name == "rua";
        auto fault = field.name == "rua" ? std::string() : fault_of_extension(field);
        if (!fault.empty())
            return fault;
    }
    return has_rua ? std::string() : fault_of_missing_rua(fields.all);
}

} // namespace

TlsRptRecord read_tls_rpt(std::span<const dns::Text> records)
{
    const auto selection = select_record(records, "v=TLSRPTv1");
    if (!selection.fields && selection.fault.empty())
        return {};
    TlsRptRecord record{TlsRptRecord::State::invalid, {}, selection.fault};
    if (!selection.fields)
        return record;
    const auto fields = read_fields(*selection.fields);
    record.fault = fault_of(fields);
    if (!record.fault.empty())
        return record;
    for (const auto& field : fields.all) {
        if (field.name == "rua")
            take_uris(field.value, record);
    }
    if (record.fault.empty())
        record.state = TlsRptRecord::State::valid;
    return record;
}

} // namespace probe
