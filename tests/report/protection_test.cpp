#include "report/protection.hpp"

#include "verdicts.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace report
{
namespace
{

using probe::DaneState;
using probe::DaneVerdict;
using probe::StsMode;
using probe::StsVerdict;
using probe::TlsaState;
using probe::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string name = "mx1.example.com";

dns::Tlsa record(std::uint8_t usage, std::uint8_t octet, std::size_t octets = 32)
{
    return {usage, 1, 1, std::vector<std::uint8_t>(octets, octet)};
}

/// The records 3 1 1 01…, 3 1 1 02… and so on, of which one matches.
DaneVerdict valid_by(std::size_t matched, std::size_t records)
{
    DaneVerdict dane{.state = DaneState::valid, .records = {}, .by = matched};
    for (std::size_t i = 0; i < records; ++i)
        dane.records.push_back(
            {.record = record(3, static_cast<std::uint8_t>(i + 1)),
             .state = i == matched ? TlsaState::matched : TlsaState::not_matched}
        );
    return dane;
}

/// One host with an address for each of these.
Verdict with(const std::vector<std::optional<DaneVerdict>>& danes)
{
    auto verdict = verdicts::well();
    auto& host = verdict.hosts[0];
    host.endpoints.clear();
    for (const auto& dane : danes) {
        host.endpoints.push_back(
            verdicts::good_endpoint(fmt::format("192.0.2.{}", host.endpoints.size() + 1), name)
        );
        host.endpoints.back().dane = dane;
    }
    return verdict;
}

std::string first_line(const Verdict& verdict, bool color = false)
{
    const auto lines = protection(verdict, color);
    return lines.substr(0, lines.find('\n'));
}

// DANE: the addresses of a host in a word.

struct Mixture
{
    std::vector<std::optional<DaneState>> states;
    std::string told;
};

TEST(Protection, TellsTheWorstThatTheAddressesOfAHostComeTo)
{
    const auto valid = DaneState::valid;
    const auto invalid = DaneState::invalid;
    const auto none = DaneState::none;
    const std::vector<Mixture> mixtures{
        {{valid}, "DANE valid (3 1 1)"},
        {{valid, valid}, "DANE valid (3 1 1)"},
        {{valid, none}, "DANE valid (3 1 1) at 1 of 2 addresses"},
        {{valid, std::nullopt, std::nullopt}, "DANE valid (3 1 1) at 1 of 3 addresses"},
        {{valid, invalid}, "DANE invalid at 1 of 2 addresses"},
        {{invalid}, "DANE invalid"},
        {{DaneState::error, invalid}, "DANE look-up failed"},
        {{DaneState::unusable, none}, "DANE records that SMTP cannot use"},
        {{none, none}, "DANE none"},
        {{std::nullopt}, "DANE not looked at"},
    };
    for (const auto& [states, told] : mixtures) {
        std::vector<std::optional<DaneVerdict>> danes;
        for (const auto state : states) {
            danes.emplace_back();
            if (state)
                danes.back() = *state == valid ? valid_by(0, 1) : DaneVerdict{.state = *state};
        }
        EXPECT_EQ(first_line(with(danes)), "mx1.example.com: DNSSEC secure \u00b7 " + told);
    }
}

TEST(Protection, NamesEachKindOfRecordThatAuthenticates)
{
    auto anchor = valid_by(0, 1);
    anchor.records[0].record = record(2, 1);
    EXPECT_THAT(
        first_line(with({valid_by(0, 1), anchor, valid_by(0, 1)})), HasSubstr("valid (3 1 1, 2 1 1)")
    );
}

TEST(Protection, RecordsThatNoHandshakeMetAreNoneThatMatch)
{
    auto verdict = with({std::nullopt});
    verdict.hosts[0].tlsa = probe::TlsaVerdict{name, {record(3, 1)}, true};
    EXPECT_THAT(first_line(verdict), HasSubstr("DANE records, which only TLS could match"));
    verdict.hosts[0].tlsa = probe::TlsaVerdict{name, {}, false};
    EXPECT_THAT(first_line(verdict), HasSubstr("DANE none"));
}

TEST(Protection, AMatchIsWorthLessWhereTheMxAnswerIsNotSecure)
{
    auto verdict = with({valid_by(0, 1)});
    verdict.dnssec = dns::Security::insecure;
    EXPECT_THAT(first_line(verdict), testing::EndsWith("DANE valid (3 1 1), MX insecure"));
    verdict.route = probe::Route::implicit;
    verdict.dnssec = dns::Security::unknown;
    EXPECT_THAT(first_line(verdict), testing::EndsWith("DANE valid (3 1 1), MX unknown"));
    verdict.route = probe::Route::given;
    EXPECT_THAT(first_line(verdict), testing::EndsWith("DANE valid (3 1 1)"));
}

TEST(Protection, ColoursTellGoodFromBad)
{
    EXPECT_THAT(first_line(with({valid_by(0, 1)}), true), HasSubstr("DANE \x1b[32mvalid (3 1 1)\x1b[0m"));
    EXPECT_THAT(
        first_line(with({DaneVerdict{.state = DaneState::invalid}}), true),
        HasSubstr("DANE \x1b[31minvalid\x1b[0m")
    );
    auto half = with({valid_by(0, 1)});
    half.dnssec = dns::Security::insecure;
    EXPECT_THAT(first_line(half, true), HasSubstr("\x1b[33mvalid"));
    EXPECT_THAT(first_line(with({DaneVerdict{}}), true), Not(HasSubstr("\x1b")));
}

// Spare records.

TEST(Protection, NamesRecordsThatMatchNothing)
{
    const auto verdict = with({valid_by(0, 3)});
    EXPECT_THAT(
        protection(verdict, false), HasSubstr(
                                        "mx1.example.com: spare TLSA records, which match nothing that was "
                                        "presented (without --key-types): 3 1 1 " +
                                        std::string("02020202")
                                    )
    );
    EXPECT_THAT(
        protection(with({valid_by(0, 2)}), false),
        HasSubstr("mx1.example.com: spare TLSA record, which matches nothing that was presented (without "
                  "--key-types): 3 1 1 02")
    );
    EXPECT_THAT(protection(with({valid_by(0, 1)}), false), Not(HasSubstr("spare")));
}

TEST(Protection, ARecordThatMatchesAnywhereIsNotSpare)
{
    EXPECT_THAT(protection(with({valid_by(0, 2), valid_by(1, 2)}), false), Not(HasSubstr("spare")))
        << "another address";

    auto verdict = with({valid_by(0, 2)});
    auto& other = verdict.hosts[0].endpoints[0].other_keys.emplace_back();
    other.type = smtp::KeyType::rsa;
    other.dane = valid_by(1, 2);
    EXPECT_THAT(protection(verdict, false), Not(HasSubstr("spare"))) << "the other certificate";
    other.dane->records[1].state = TlsaState::not_matched;
    EXPECT_THAT(protection(verdict, false), HasSubstr("spare"));
}

TEST(Protection, WhereNothingMatchesNothingIsSpare)
{
    auto invalid = valid_by(0, 2);
    invalid.state = DaneState::invalid;
    invalid.by.reset();
    invalid.records[0].state = TlsaState::not_matched;
    EXPECT_THAT(protection(with({invalid}), false), Not(HasSubstr("spare")));
}

TEST(Protection, OfManySpareRecordsAFewAreTold)
{
    const auto lines = protection(with({valid_by(0, 200)}), false);
    EXPECT_THAT(lines, HasSubstr(", 194 more\n"));
    EXPECT_LT(lines.size(), 1000u);
}

TEST(Protection, OfALongRecordTheBeginningIsTold)
{
    auto dane = valid_by(0, 3);
    dane.records[1].record.data.assign(64, 0xab); // the longest digest
    dane.records[2].record.data.assign(60'000, 0xcd);
    const auto lines = protection(with({dane}), false);
    std::string whole = "3 1 1 ";
    for (int i = 0; i < 64; ++i)
        whole += "ab";
    EXPECT_THAT(lines, HasSubstr(whole + ", "));
    EXPECT_THAT(lines, HasSubstr("cdcd... (60000 octets)\n"));
    EXPECT_LT(lines.size(), 1000u);
}

// MTA-STS

Verdict with_sts(StsMode mode, std::optional<bool> covered, std::optional<bool> verified)
{
    auto verdict = with({DaneVerdict{}});
    verdict.mta_sts = StsVerdict{
        mode == StsMode::testing ? StsVerdict::State::testing : StsVerdict::State::ok,
        "20261101",
        probe::StsPolicy{mode, 86'400, {name}},
        {},
        {}};
    verdict.hosts[0].sts_covered = covered;
    verdict.hosts[0].endpoints[0].sts_verified = verified;
    return verdict;
}

TEST(Protection, TellsWhatThePolicyMakesOfAHost)
{
    struct Case
    {
        Verdict verdict;
        std::string told;
    };
    auto record_only = with_sts(StsMode::none, {}, {});
    record_only.mta_sts->policy.reset();
    record_only.mta_sts->state = StsVerdict::State::error;
    auto no_record = record_only;
    no_record.mta_sts->state = StsVerdict::State::none;
    auto no_starttls = with_sts(StsMode::enforce, true, {});
    no_starttls.hosts[0].endpoints[0].offer = probe::Offer::plain;
    auto broken = no_starttls;
    broken.hosts[0].endpoints[0].offer = probe::Offer::broken;
    const std::vector<Case> cases{
        {with_sts(StsMode::enforce, true, true), "MTA-STS \x1b[32menforce, covered\x1b[0m"},
        {with_sts(StsMode::enforce, true, false), "MTA-STS \x1b[31menforce, covered, not satisfied\x1b[0m"},
        {with_sts(StsMode::enforce, true, {}), "MTA-STS enforce, covered"}, // nothing was seen of it
        {with_sts(StsMode::enforce, false, {}), "MTA-STS \x1b[31menforce, not covered\x1b[0m"},
        {with_sts(StsMode::testing, true, true), "MTA-STS \x1b[32mtesting, covered\x1b[0m"},
        {with_sts(StsMode::testing, true, false), "MTA-STS \x1b[33mtesting, covered, not satisfied\x1b[0m"},
        {with_sts(StsMode::testing, false, {}), "MTA-STS \x1b[33mtesting, not covered\x1b[0m"},
        {with_sts(StsMode::none, {}, {}), "MTA-STS mode none"},
        {no_starttls, "MTA-STS \x1b[31menforce, covered, not satisfied\x1b[0m"},
        {broken, "MTA-STS \x1b[31menforce, covered, not satisfied\x1b[0m"},
        {record_only, "MTA-STS error"},
        {no_record, "MTA-STS none"},
    };
    for (const auto& [verdict, told] : cases)
        EXPECT_THAT(first_line(verdict, true), testing::EndsWith("\u00b7 " + told));
}

TEST(Protection, OneAddressThatFailsThePolicyIsEnough)
{
    auto verdict = with({DaneVerdict{}, DaneVerdict{}});
    const auto one = with_sts(StsMode::enforce, true, true);
    verdict.mta_sts = one.mta_sts;
    verdict.hosts[0].sts_covered = true;
    verdict.hosts[0].endpoints[0].sts_verified = true;
    verdict.hosts[0].endpoints[1].sts_verified = false;
    EXPECT_THAT(first_line(verdict), testing::EndsWith("enforce, covered, not satisfied"));
}

// The domain

std::string last_lines(const Verdict& verdict)
{
    const auto lines = protection(verdict, false);
    return lines.substr(lines.find('\n') + 1);
}

TEST(Protection, TellsWhatTheDomainPublishes)
{
    auto verdict = with_sts(StsMode::enforce, true, true);
    verdict.tls_rpt = probe::TlsRptVerdict{
        probe::TlsRptVerdict::State::ok, {"mailto:tls@example.com", "https://example.com/tls"}};
    EXPECT_EQ(
        last_lines(verdict),
        "example.com: DNSSEC secure \u00b7 MTA-STS mode enforce, id 20261101, for 1 day \u00b7 TLS-RPT "
        "mailto:tls@example.com, https://example.com/tls\n"
    );
    verdict.mta_sts->policy->max_age = 604'800;
    EXPECT_THAT(last_lines(verdict), HasSubstr("for 7 days"));
    verdict.mta_sts->policy->max_age = 3'601;
    EXPECT_THAT(last_lines(verdict), HasSubstr("for 3601 s"));
    verdict.mta_sts->policy->max_age = 0;
    EXPECT_THAT(last_lines(verdict), HasSubstr("for 0 s"));
    verdict.mta_sts->state = StsVerdict::State::error;
    verdict.mta_sts->policy.reset();
    verdict.tls_rpt = probe::TlsRptVerdict{probe::TlsRptVerdict::State::error, {}};
    EXPECT_EQ(last_lines(verdict), "example.com: DNSSEC secure \u00b7 MTA-STS error \u00b7 TLS-RPT error\n");
    verdict.tls_rpt->state = probe::TlsRptVerdict::State::none;
    EXPECT_THAT(last_lines(verdict), testing::EndsWith("TLS-RPT none\n"));
}

TEST(Protection, TellsOfPatternsAndRemarks)
{
    auto verdict = with_sts(StsMode::enforce, true, true);
    verdict.mta_sts->stale = {"old.example.com", "*.example.net"};
    verdict.mta_sts->remarks = {"line 4 is empty"};
    EXPECT_THAT(
        last_lines(verdict),
        testing::EndsWith("\nexample.com: no MX host is covered by old.example.com, *.example.net\n"
                          "example.com: of the MTA-STS policy: line 4 is empty\n")
    );
    verdict.mta_sts->stale.assign(1000, "old.example.com");
    EXPECT_THAT(last_lines(verdict), HasSubstr("old.example.com, 995 more\n"));
}

TEST(Protection, ManyAddressesForReportsAreCounted)
{
    auto verdict = with({DaneVerdict{}});
    verdict.tls_rpt = probe::TlsRptVerdict{
        probe::TlsRptVerdict::State::ok, std::vector<std::string>(50, "mailto:tls@example.com")};
    EXPECT_THAT(last_lines(verdict), testing::EndsWith("mailto:tls@example.com, 45 more\n"));
}

TEST(Protection, SaysNothingWhereNobodyLooked)
{
    auto verdict = with({std::nullopt});
    verdict.route = probe::Route::given;
    verdict.dnssec = dns::Security::unknown;
    verdict.hosts[0].dnssec = dns::Security::unknown;
    EXPECT_EQ(protection(verdict, false), "");

    EXPECT_EQ(protection(verdicts::null_mx(), false), "");
    EXPECT_EQ(protection(verdicts::no_domain(), false), "");
}

TEST(Protection, WhatServersAndDnsWriteReachesNoTerminalRaw)
{
    const std::string evil = "a\x1b[2J\nb";
    auto verdict = with_sts(StsMode::enforce, true, true);
    verdict.domain = verdict.hosts[0].name = evil;
    verdict.hosts[0].endpoints[0].dane = valid_by(0, 2);
    verdict.mta_sts->id = evil;
    verdict.mta_sts->stale = verdict.mta_sts->remarks = {evil};
    verdict.tls_rpt = probe::TlsRptVerdict{probe::TlsRptVerdict::State::ok, {evil}};
    const auto lines = protection(verdict, false);
    EXPECT_THAT(lines, Not(HasSubstr("\x1b")));
    EXPECT_THAT(lines, HasSubstr("id a\\x1b[2J\\x0ab"));
    EXPECT_EQ(std::ranges::count(lines, '\n'), 5);
}

// The transcript

TEST(RecordsOf, TellsEachRecordAndTheWhole)
{
    auto dane = valid_by(0, 2);
    dane.records.push_back({record(1, 3), TlsaState::unusable, "usage 1 (PKIX-EE) is not for SMTP"});
    std::vector<std::string> texts;
    std::vector<Ink> inks;
    for (const auto& remark : records_of(dane)) {
        texts.push_back(remark.text);
        inks.push_back(remark.ink);
    }
    EXPECT_THAT(
        texts, ElementsAre(
                   testing::MatchesRegex("TLSA 3 1 1 (01)*: matched"),
                   testing::MatchesRegex("TLSA 3 1 1 (02)*: not-matched"),
                   testing::MatchesRegex("TLSA 1 1 1 (03)*: unusable: usage 1 .PKIX-EE. is not for SMTP"),
                   "DANE valid"
               )
    );
    EXPECT_THAT(inks, ElementsAre(Ink::green, Ink::plain, Ink::plain, Ink::green));
}

TEST(RecordsOf, AMatchThatAuthenticatesNobodyIsNotGreen)
{
    DaneVerdict dane{.state = DaneState::invalid};
    dane.records = {{record(2, 1), TlsaState::matched, "the certificate does not name \x1b[2J"}};
    const auto remarks = records_of(dane);
    ASSERT_EQ(remarks.size(), 2u);
    EXPECT_EQ(remarks[0].ink, Ink::plain);
    EXPECT_THAT(remarks[0].text, testing::EndsWith("matched: the certificate does not name \\x1b[2J"));
    EXPECT_EQ(remarks[1].text, "DANE invalid");
    EXPECT_EQ(remarks[1].ink, Ink::red);
}

TEST(RecordsOf, IsSilentWithoutRecords)
{
    EXPECT_THAT(records_of(std::nullopt), IsEmpty());
    EXPECT_THAT(records_of(DaneVerdict{}), IsEmpty());
    EXPECT_THAT(records_of(DaneVerdict{.state = DaneState::error}), IsEmpty());
}

} // namespace
} // namespace report
