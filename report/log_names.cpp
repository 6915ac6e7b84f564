#include "report/log_names.hpp"

#include "report/text.hpp"
#include "smtp/printable.hpp"

#include <fmt/format.h>

namespace report
{

std::string_view name(maillog::Direction direction)
{
    return direction == maillog::Direction::receiving ? "receiving" : "delivery";
}

std::string_view name(maillog::Version version)
{
    constexpr std::array<std::string_view, maillog::versions> names{"unknown", "SSLv3",   "TLSv1.0",
                                                                    "TLSv1.1", "TLSv1.2", "TLSv1.3"};
    return names[static_cast<std::size_t>(version)];
}

std::string_view name(maillog::Server server)
{
    constexpr std::array<std::string_view, 4> names{"unknown", "appliance", "postfix", "exim"};
    return names[static_cast<std::size_t>(server)];
}

std::string_view name(maillog::Protection protection)
{
    constexpr std::array<std::string_view, 3> names{"plaintext", "tls", "failed"};
    return names[static_cast<std::size_t>(protection)];
}

std::string_view name(maillog::By by)
{
    return by == maillog::By::domain ? "domain" : "address";
}

std::string log_reason(std::string_view reason)
{
    return reason.empty() ? "unknown" : smtp::printable(reason);
}

std::string log_id(const maillog::Connection& connection)
{
    const bool receiving = connection.direction == maillog::Direction::receiving;
    switch (connection.server) {
    case maillog::Server::appliance:
        return fmt::format("{} {}", receiving ? "ICID" : "DCID", connection.id);
    case maillog::Server::postfix:
        return fmt::format("process {}", connection.id);
    default:
        return "";
    }
}

std::optional<unsigned> log_share(const maillog::Counts& counts)
{
    if (counts.empty())
        return std::nullopt;
    if (counts.messages == 0)
        return static_cast<unsigned>(counts.connections_encrypted * 1000 / counts.connections);
    return static_cast<unsigned>(counts.messages_encrypted * 1000 / counts.messages);
}

std::vector<std::string> log_remarks(const maillog::Summary& summary)
{
    std::vector<std::string> remarks;
    const auto& seen = summary.remarks;
    if (summary.unrecognised > 0)
        remarks.push_back(fmt::format(
            "Lines of no known shape, left out: {} of {}.", grouped(summary.unrecognised),
            grouped(summary.lines.read)
        ));
    if (summary.lines.too_long > 0)
        remarks.push_back(fmt::format(
            "Lines of more than {} octets, left out: {}.", grouped(maillog::longest_line),
            grouped(summary.lines.too_long)
        ));
    if (seen.local > 0)
        remarks.push_back(fmt::format(
            "Messages over loopback, or made by the server itself, left out: {}.", grouped(seen.local)
        ));
    if (seen.local_connections > 0)
        remarks.push_back(
            fmt::format("Connections over loopback, left out: {}.", grouped(seen.local_connections))
        );
    if (seen.headless > 0)
        remarks.push_back(fmt::format(
            "Connections with messages that began before the log, counted as plaintext where it tells of no "
            "TLS: "
            "{}.",
            grouped(seen.headless)
        ));
    if (seen.postfix_deliveries > 0 && seen.postfix_delivery_tls == 0)
        remarks.emplace_back(
            "Postfix logs no TLS of its deliveries here, so that they count as plaintext: set "
            "smtp_tls_loglevel = 1."
        );
    return remarks;
}

} // namespace report
