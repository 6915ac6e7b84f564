#include "report/remarks.hpp"

#include "smtp/printable.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

namespace report
{
namespace
{

/// Why a step did not go as it should.
std::string cause(const smtp::Step& step)
{
    const auto detail = smtp::printable(step.detail);
    const auto why = smtp::printable(step.fault.message());
    return detail.empty() ? why : fmt::format("{}: {}", why, detail);
}

/// What to say of a step that failed.
struct Wording
{
    std::string_view later; // after a 4xx (RFC 5321 §4.2.1)
    std::string_view no;    // after a 5xx
    std::string_view lost;  // after anything else, with the cause behind it
};

Wording wording(smtp::Stage stage)
{
    switch (stage) {
    case smtp::Stage::connect:
        return {"", "", "Cannot connect to server"};
    case smtp::Stage::greeting:
        return {"The server puts us off until later", "The server turns us away", "No greeting came"};
    case smtp::Stage::ehlo:
        return {"EHLO is put off until later", "EHLO is refused", "EHLO did not work"};
    case smtp::Stage::helo:
        return {"HELO is put off until later", "HELO is refused too", "HELO did not work"};
    case smtp::Stage::starttls:
        return {
            "STARTTLS is offered, but put off until later", "STARTTLS is offered, but refused",
            "STARTTLS command does not work on this server"};
    case smtp::Stage::handshake:
        return {"", "", "Connection not converted to SSL"};
    case smtp::Stage::ehlo_tls:
        return {
            "EHLO inside TLS is put off until later", "EHLO inside TLS is refused",
            "EHLO inside TLS did not work"};
    case smtp::Stage::mail_from:
        return {"Sender is put off until later", "Sender is refused", "Sender got no answer"};
    case smtp::Stage::rcpt_to:
        return {"Recipient is put off until later", "Recipient is refused", "Recipient got no answer"};
    case smtp::Stage::quit:
        return {"", "", "QUIT got no proper answer, which is no fault"};
    }
    return {};
}

Remark failure(const smtp::Step& step)
{
    const auto [later, no, lost] = wording(step.stage);
    const bool replied = step.reply && step.fault == smtp::errc::unexpected_reply;
    if (replied && step.is_unasked())
        return {"The server hangs up unasked", Ink::yellow};
    if (replied && step.reply->code / 100 == 4 && !later.empty())
        return {std::string(later), Ink::yellow};
    if (replied && step.reply->code / 100 == 5 && !no.empty())
        return {std::string(no), Ink::red};
    const auto text = fmt::format("{}: {}", lost, cause(step));
    return {text, step.stage == smtp::Stage::quit ? Ink::plain : Ink::red};
}

std::vector<Remark> usable(const smtp::Session& session)
{
    const Remark yes{"We can use this server"};
    if (!session.offered)
        return {yes};
    if (session.offered->starttls)
        return {yes, {"TLS is an option on this server", Ink::green}};
    if (session.offered->masked)
        return {yes, {"TLS is hidden: a keyword of X's stands in the place of STARTTLS", Ink::yellow}};
    return {yes, {"TLS is not an option on this server", Ink::red}};
}

std::vector<Remark> usable_by_helo(const smtp::Session& session)
{
    const Remark yes{"We can use this server"};
    const auto* ehlo = session.at(smtp::Stage::ehlo);
    if (ehlo && ehlo->reply && !ehlo->reply->refuses_command())
        return {yes, {"TLS may be an option to others: EHLO is refused to us", Ink::yellow}};
    return {yes, {"TLS is not an option on this server: HELO has none", Ink::red}};
}

/// What a step that went well means, in the words of the CheckTLS transcript.
std::vector<Remark> success(const smtp::Session& session, smtp::Stage stage)
{
    switch (stage) {
    case smtp::Stage::connect:
        return {{"Connected to server"}};
    case smtp::Stage::greeting:
        return {{"We are allowed to connect"}};
    case smtp::Stage::ehlo:
        return usable(session);
    case smtp::Stage::helo:
        return usable_by_helo(session);
    case smtp::Stage::starttls:
        return {{"STARTTLS command works on this server"}};
    case smtp::Stage::handshake:
        return {{"Connection converted to SSL", Ink::green}};
    case smtp::Stage::ehlo_tls:
        return {{"TLS successfully started on this server", Ink::green}};
    case smtp::Stage::mail_from:
        return {{"Sender is OK"}};
    case smtp::Stage::rcpt_to:
        return {{"Recipient is OK"}};
    case smtp::Stage::quit:
        break;
    }
    return {};
}

std::string names_of(const probe::CertificateFacts& facts)
{
    std::vector<std::string> names;
    if (!facts.common_name.empty())
        names.push_back(smtp::printable(facts.common_name));
    for (const auto& name : facts.names)
        names.push_back(smtp::printable(name));
    return names.empty() ? "no name" : fmt::format("{}", fmt::join(names, " | "));
}

Remark host_name(const probe::Identity& identity, const probe::CertificateFacts& facts)
{
    const auto names = names_of(facts);
    if (!identity.reference)
        return {
            fmt::format("  Cert Hostname DOES NOT VERIFY (no host name to look for != {})", names), Ink::red};
    const auto reference = smtp::printable(*identity.reference);
    if (identity.matched)
        return {fmt::format("  Cert Hostname VERIFIED ({} = {})", reference, names), Ink::green};
    return {fmt::format("  Cert Hostname DOES NOT VERIFY ({} != {})", reference, names), Ink::red};
}

std::vector<Remark> certificate(const probe::ChainVerdict& judged, std::size_t index)
{
    const auto& chain = judged.certificates;
    const auto& [facts, days_left, verdict] = chain[index];
    const bool valid = verdict == "ok";
    const bool unused = !is_on_path(chain[index]);
    const auto title = fmt::format(
        "Certificate {} of {} in chain: Cert {}: {}", index + 1, chain.size(),
        valid    ? "VALIDATED"
        : unused ? "NOT USED"
                 : "NOT VALIDATED",
        smtp::printable(verdict)
    );
    std::vector<Remark> remarks{{title, valid ? Ink::green : unused ? Ink::yellow : Ink::red}};
    if (index == 0)
        remarks.push_back(host_name(judged.identity, facts));
    const auto key = smtp::printable(facts.key);
    const auto signature = smtp::printable(facts.signature);
    remarks.push_back({"  Not Valid Before: " + gmt(facts.not_before)});
    remarks.push_back({fmt::format("  Not Valid After: {} ({})", gmt(facts.not_after), days(days_left))});
    remarks.push_back({"  subject= " + smtp::printable(facts.subject)});
    remarks.push_back({"  issuer= " + smtp::printable(facts.issuer)});
    remarks.push_back({fmt::format("  key= {}, signed with {}", key, signature)});
    return remarks;
}

} // namespace

std::string days(int left)
{
    if (left < 0)
        return "expired";
    if (left == 0)
        return "less than a day left";
    return fmt::format("{} {} left", left, left == 1 ? "day" : "days");
}

bool is_on_path(const probe::JudgedCertificate& certificate)
{
    return !certificate.verdict.starts_with(probe::not_on_path);
}

std::vector<Remark> remarks_on(const smtp::Step& step, const smtp::Session& session)
{
    if (step.fault)
        return {failure(step)};
    return success(session, step.stage);
}

std::vector<Remark> agreement(const smtp::Session& session, const std::optional<probe::ChainVerdict>& chain)
{
    std::vector<Remark> remarks;
    if (const auto& tls = session.tls) {
        remarks.push_back({"SSLVersion in use: " + smtp::printable(tls->version)});
        remarks.push_back({"Cipher in use: " + smtp::printable(tls->cipher)});
        if (!tls->group.empty())
            remarks.push_back({"Key exchange in use: " + smtp::printable(tls->group)});
    }
    if (!chain)
        return remarks;
    if (chain->certificates.empty())
        remarks.push_back({"The server sent no certificate", Ink::red});
    for (std::size_t index = 0; index < chain->certificates.size(); ++index) {
        const auto block = certificate(*chain, index);
        remarks.insert(remarks.end(), block.begin(), block.end());
    }
    return remarks;
}

} // namespace report
