#include "report/pages.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

namespace report
{
namespace
{

// Section 5 of the contract, word for word: a code that is added there is added here.
constexpr std::string_view contract[] = {
    "dns-nxdomain",
    "dns-no-answer",
    "dnssec-invalid",
    "mx-null",
    "mx-null-not-alone",
    "mx-implicit",
    "mx-is-address",
    "mx-is-alias",
    "mx-no-address",
    "mx-loop",
    "connect-refused",
    "connect-timeout",
    "connect-unreachable",
    "connect-local",
    "connect-closed",
    "greeting-timeout",
    "greeting-deferred",
    "greeting-refused",
    "greeting-malformed",
    "ehlo-refused",
    "ehlo-deferred",
    "ehlo-malformed",
    "reply-too-long",
    "command-timeout",
    "connection-lost",
    "starttls-not-supported",
    "starttls-refused",
    "starttls-injection",
    "starttls-masked",
    "starttls-repeated",
    "plaintext-accepted",
    "tls-handshake-failed",
    "tls-timeout",
    "tls-not-tls",
    "tls-version-weak",
    "cipher-weak",
    "cipher-no-forward-secrecy",
    "certificate-expired",
    "certificate-not-yet-valid",
    "certificate-host-mismatch",
    "certificate-not-trusted",
    "certificate-self-signed",
    "certificate-name-in-cn-only",
    "certificate-expires-soon",
    "certificate-key-weak",
    "certificate-signature-weak",
    "certificate-purpose",
    "certificate-constraint",
    "certificate-revoked",
    "ocsp-invalid",
    "ocsp-missing",
    "chain-incomplete",
    "chain-duplicate",
    "chain-misordered",
    "chain-unrelated",
    "chain-root-included",
    "greeting-name-differs",
    "mail-from-refused",
    "mail-from-deferred",
    "rcpt-refused",
    "rcpt-deferred",
    "tlsa-invalid",
    "tlsa-unusable",
    "tlsa-insecure",
    "dane-required",
    "sts-policy-fetch-error",
    "sts-policy-invalid",
    "sts-webpki-invalid",
    "sts-mx-mismatch",
    "sts-record-invalid",
    "sts-required", // beyond the contract, beside dane-required
    "tls-rpt-invalid",
    "target-invalid", // the last three: beyond the contract, of scans
    "target-abandoned",
    "excluded",
};

std::vector<Page> all_pages()
{
    std::vector<Page> all;
    for (const auto& subject : subjects())
        all.insert(all.end(), subject.pages.begin(), subject.pages.end());
    return all;
}

std::vector<std::string_view> texts_of(const Page& page)
{
    return {page.brief, page.remedy, page.meaning, page.matters, page.verify, page.mend, page.rfc};
}

std::size_t words_in(std::string_view text)
{
    std::size_t count = 0;
    bool inside = false;
    for (const char letter : text) {
        const bool blank = letter == ' ' || letter == '\n';
        count += !blank && !inside;
        inside = !blank;
    }
    return count;
}

/// The commands among a text, as they are shown.
std::vector<std::string> commands_in(std::string_view text)
{
    static const std::regex line("\n *\\$ ([^\n]*)");
    const std::string whole(text);
    std::vector<std::string> commands;
    for (std::sregex_iterator at(whole.begin(), whole.end(), line), end; at != end; ++at)
        commands.push_back((*at)[1]);
    return commands;
}

TEST(Pages, AreThereForEveryCodeOfTheContractAndNoOther)
{
    std::vector<std::string_view> codes;
    for (const auto& page : all_pages())
        codes.push_back(page.code);
    EXPECT_THAT(codes, testing::UnorderedElementsAreArray(contract));
}

TEST(Pages, AreThereForEveryCodeOfTheProgram)
{
    for (int value = 0; value < 256; ++value) {
        const auto code = static_cast<probe::Code>(value);
        if (!name(code).empty()) {
            EXPECT_NE(page_of(name(code)), nullptr) << name(code);
            EXPECT_FALSE(remedy(code).empty()) << name(code);
        }
    }
    EXPECT_EQ(page_of("certificate"), nullptr);
    EXPECT_EQ(page_of(""), nullptr);
}

TEST(Pages, AreFilledToTheLastField)
{
    for (const auto& page : all_pages()) {
        for (const auto text : texts_of(page))
            EXPECT_FALSE(text.empty()) << page.code;
        EXPECT_FALSE(commands_in(page.verify).empty()) << page.code;
        EXPECT_THAT(
            std::string(page.rfc), testing::MatchesRegex("(RFC [0-9]+ (section|sections) [^;]*(; |$))+")
        ) << page.code;
    }
}

TEST(Pages, ArePlainAscii)
{
    for (const auto& page : all_pages()) {
        for (const auto text : texts_of(page))
            EXPECT_TRUE(std::ranges::all_of(text, [](char letter) {
                return letter == '\n' || (letter >= ' ' && letter <= '~');
            })) << page.code;
    }
}

TEST(Pages, AreShort)
{
    for (const auto& page : all_pages()) {
        EXPECT_LE(page.brief.size(), 50U) << page.code;
        EXPECT_FALSE(page.brief.ends_with('.')) << page.code;
        EXPECT_LE(page.remedy.size(), 200U) << page.code;
        EXPECT_TRUE(page.remedy.ends_with('.')) << page.code;
        for (const auto text : {page.meaning, page.matters, page.verify, page.mend})
            EXPECT_LE(words_in(text), 120U) << page.code;
    }
}

TEST(Pages, SayOfWhatHidTheServerThatItIsNotItsTls)
{
    for (const auto* code :
         {"connect-refused", "connect-timeout", "connect-unreachable", "connect-closed", "greeting-timeout",
          "greeting-deferred", "greeting-refused", "greeting-malformed", "ehlo-deferred", "ehlo-malformed",
          "reply-too-long", "command-timeout", "connection-lost", "dns-no-answer"}) {
        const auto* page = page_of(code);
        const auto said = std::string(page->remedy) + std::string(page->meaning);
        EXPECT_THAT(said, testing::ContainsRegex("says nothing[ \n]+about[ \n]+TLS")) << code;
    }
}

TEST(Pages, NameNobodyButExamples)
{
    const std::regex name("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+");
    const std::regex example("(.*\\.)?example\\.(com|net|org)" // RFC 2606
                             "|192\\.0\\.2\\.[0-9]+"           // RFC 5737
                             "|.*\\.(pem|txt)"                 // files
    );
    for (const auto& page : all_pages()) {
        for (const auto text : {page.verify, page.mend}) {
            for (const auto& command : commands_in(text)) {
                for (std::sregex_iterator at(command.begin(), command.end(), name), end; at != end; ++at)
                    EXPECT_TRUE(std::regex_match(at->str(), example)) << page.code << ": " << at->str();
            }
        }
    }
}

TEST(Pages, HaveCommandsThatFitALine)
{
    for (const auto& page : all_pages()) {
        for (const auto text : {page.verify, page.mend}) {
            for (const auto& command : commands_in(text))
                EXPECT_LE(command.size(), 76U) << page.code << ": " << command;
        }
    }
}

} // namespace
} // namespace report
