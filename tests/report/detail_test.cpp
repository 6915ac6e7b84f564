#include "report/detail.hpp"

#include "golden.hpp"
#include "verdicts.hpp"

#include <gmock/gmock.h>

namespace report
{
namespace
{

using golden::same;
using testing::HasSubstr;

probe::Verdict with_one(const probe::EndpointVerdict& endpoint)
{
    auto verdict = verdicts::well();
    verdict.hosts = {verdicts::host("mx.example.com", 10, 50, {endpoint})};
    return verdict;
}

TEST(Detail, TellsASessionThatGoesWell)
{
    EXPECT_TRUE(same(detail(verdicts::well(), {}), "well.detail.txt"));
}

TEST(Detail, TellsAMismatchWithRcpt)
{
    EXPECT_TRUE(same(detail(verdicts::mismatch(), {}), "mismatch.detail.txt"));
}

TEST(Detail, IsColoredWhereAskedFor)
{
    EXPECT_TRUE(same(detail(verdicts::mismatch(), {.color = true}), "mismatch.detail.color.txt"));
}

TEST(Detail, TellsEveryWayToFail)
{
    EXPECT_TRUE(same(detail(verdicts::failures(), {}), "failures.detail.txt"));
}

TEST(Detail, TellsWhereASessionStoppedWhenInterrupted)
{
    EXPECT_TRUE(same(detail(verdicts::interrupted(), {}), "interrupted.detail.txt"));
}

TEST(Detail, TellsWhatWasNotTried)
{
    EXPECT_TRUE(same(detail(verdicts::partly_excluded(), {}), "excluded.detail.txt"));
}

TEST(Detail, TellsAnAddressWithoutNameOrPreference)
{
    EXPECT_TRUE(same(detail(verdicts::given_address(), {}), "given-address.detail.txt"));
}

TEST(Detail, HasNoTranscriptWithoutHosts)
{
    EXPECT_TRUE(same(detail(verdicts::null_mx(), {}), "null-mx.detail.txt"));
    EXPECT_EQ(transcripts(verdicts::null_mx(), {}), "");
}

TEST(Detail, ShowsHeloAfterARefusedEhlo)
{
    verdicts::Conversation conversation("192.0.2.1");
    using smtp::Stage;
    using namespace std::chrono_literals;
    conversation.say(Stage::ehlo, 50ms, "EHLO probe.example.org", 502, {"What?"});
    conversation.fault(smtp::errc::unexpected_reply);
    conversation.say(Stage::helo, 50ms, "HELO probe.example.org", 250, {"mx.example.com"});
    const auto endpoint = verdicts::bad_endpoint(conversation, probe::Column::tls, {}, probe::Offer::plain);

    EXPECT_THAT(
        transcripts(with_one(endpoint), {}), HasSubstr("[000.000] --> EHLO probe.example.org\n"
                                                       "[000.050] <-- 502 What?\n"
                                                       "[000.050]     EHLO is refused\n"
                                                       "[000.050] --> HELO probe.example.org\n"
                                                       "[000.100] <-- 250 mx.example.com\n"
                                                       "[000.100]     We can use this server\n"
                                                       "[000.100]     TLS is not an option on this server")
    );
}

TEST(Detail, SaysThatNoCertificateWasSent)
{
    auto endpoint = verdicts::good_endpoint("192.0.2.1", "mx.example.com");
    endpoint.chain->certificates.clear();
    EXPECT_THAT(transcripts(with_one(endpoint), {}), HasSubstr("The server sent no certificate\n"));
}

TEST(Detail, ShowsAReplyWithoutText)
{
    verdicts::Conversation conversation("192.0.2.1");
    using namespace std::chrono_literals;
    conversation.say(smtp::Stage::greeting, 1ms, "", 220, {""});
    const auto endpoint =
        verdicts::bad_endpoint(conversation, probe::Column::helo, {}, probe::Offer::unknown);
    EXPECT_THAT(transcripts(with_one(endpoint), {}), HasSubstr("[000.001] <-- 220\n"));
}

} // namespace
} // namespace report
