#include "probe/command/resolver_doubt.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace command
{
namespace
{

constexpr std::uint16_t usual_port = 53;

std::string text(const dns::Server& server)
{
    const auto address = server.address.to_string();
    if (server.port == usual_port)
        return address;
    return server.address.is_v6() ? fmt::format("[{}]:{}", address, server.port)
                                  : fmt::format("{}:{}", address, server.port);
}

} // namespace

std::optional<std::string> doubt_about(const dns::ServerValidation& resolver)
{
    const bool does_not = resolver.validation == dns::Validation::not_validating;
    if (!does_not && resolver.validation != dns::Validation::no_answer)
        return std::nullopt;
    return fmt::format(
        "the resolver {} {}: what it says of DNSSEC is told as unknown", text(resolver.server),
        does_not ? "does not validate" : "did not answer when asked whether it validates"
    );
}

} // namespace command
