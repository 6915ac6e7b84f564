#include "probe/log/ledger.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>
#include <vector>

using namespace maillog;

namespace
{

constexpr std::string_view appliance = "Sat Feb 14 19:20:28 2026 Info: ";
constexpr std::string_view postfix = "Feb 14 19:20:28 mx1 postfix/";

struct Told
{
    explicit Told(By by = By::domain, Bounds bounds = {}, LedgerBounds open = {})
        : tally(by, bounds),
          ledger(
              tally, [this](const Connection& each) { ended.push_back(each); }, open
          )
    {}

    void read(std::string_view prefix, const std::vector<std::string>& texts)
    {
        for (const auto& text : texts) {
            const auto line = std::string(prefix) + text;
            ledger.enter(parse(line));
        }
    }

    Tally tally;
    Ledger ledger;
    std::vector<Connection> ended;
};

} // namespace

TEST(Ledger, AMessageWithoutATlsEntryIsPlaintext)
{
    Told told;
    told.read(
        appliance, {"New SMTP ICID 5 interface X (192.0.2.9) address 192.0.2.1", "Start MID 7 ICID 5",
                    "MID 7 ICID 5 From: <a@B.example>", "ICID 5 close"}
    );
    const auto& total = told.tally.total(Direction::receiving);
    EXPECT_EQ(total.messages, 1U);
    EXPECT_EQ(total.messages_encrypted, 0U);
    ASSERT_EQ(told.ended.size(), 1U);
    EXPECT_EQ(told.ended[0].protection, Protection::plaintext);
    EXPECT_EQ(told.tally.rows(Direction::receiving).at(0)->name, "b.example");
}

TEST(Ledger, AMessageThatAFilterTakesFirstIsOne)
{
    Told told;
    told.read(
        postfix,
        {"smtpd[5]: connect from a.example[192.0.2.1]",
         "smtpd[5]: Anonymous TLS connection established from a.example[192.0.2.1]: TLSv1.3 with cipher X "
         "(1/1 bits)",
         "smtpd[5]: NOQUEUE: client=a.example[192.0.2.1]",
         "smtpd[5]: NOQUEUE: client=a.example[192.0.2.1], sasl_method=X",
         "smtpd[6]: connect from localhost[127.0.0.1]",
         "smtpd[6]: ABCDEF1: client=a.example[192.0.2.1]:61309",
         "qmgr[7]: ABCDEF1: from=<x@a.example>, size=9, nrcpt=1 (queue active)",
         "smtpd[5]: disconnect from a.example[192.0.2.1] ehlo=2 starttls=1 mail=2",
         "smtpd[5]: connect from b.example[192.0.2.2]", "smtpd[5]: NOQUEUE: client=b.example[192.0.2.2]",
         "smtpd[5]: disconnect from b.example[192.0.2.2] ehlo=2 starttls=1 mail=1",
         "smtpd[5]: connect from c.example[192.0.2.3]", "smtpd[5]: NOQUEUE: client=c.example[192.0.2.3]",
         "smtpd[5]: disconnect from c.example[192.0.2.3] ehlo=1 mail=1"}
    );
    told.ledger.finish();
    const auto& total = told.tally.total(Direction::receiving);
    EXPECT_EQ(total.connections, 3U);
    EXPECT_EQ(total.messages, 4U);
    EXPECT_EQ(told.ended.at(0).messages, "");
    EXPECT_EQ(total.messages_encrypted, 3U) << "of b, that is told at the end only";
    EXPECT_EQ(told.ledger.remarks().local, 1U);
}

TEST(Ledger, EachErrorOfAnEximThatListensIsAConnection)
{
    Told told;
    const std::string line = "TLS error on connection from [192.0.2.1]:9 (gnutls_handshake): no";
    told.read("2026-02-14 19:20:28 ", {line, line});
    told.read("2026-02-15 19:20:28 ", {line});
    told.ledger.finish();
    EXPECT_EQ(told.tally.total(Direction::receiving).connections_failed, 3U);
}

TEST(Ledger, AMessageNamesNoLaterConnectionOfItsProcess)
{
    Told told;
    told.read(
        postfix,
        {"smtpd[5]: connect from a.example[192.0.2.1]", "smtpd[5]: ABCDEF1: client=a.example[192.0.2.1]",
         "smtpd[5]: disconnect from a.example[192.0.2.1] ehlo=1",
         "smtpd[5]: connect from b.example[192.0.2.2]",
         "qmgr[6]: ABCDEF1: from=<x@a.example>, size=9, nrcpt=1 (queue active)",
         "smtpd[5]: SSL_accept error from b.example[192.0.2.2]: -1"}
    );
    told.ledger.finish();
    ASSERT_EQ(told.ended.size(), 2U);
    EXPECT_EQ(told.ended[1].protection, Protection::failed);
    EXPECT_EQ(told.ended[1].domain, "");
}

TEST(Ledger, ADeliveryThatWasRefusedHadAConnection)
{
    constexpr std::string_view refused = "mx[192.0.2.1]:25, delay=1, dsn=4.0.0, status=deferred (host "
                                         "mx[192.0.2.1] said: 450 later (in reply to "
                                         "RCPT TO command))";
    const auto line = [&](std::string_view id) {
        return fmt::format("smtp[5]: {}: to=<x@a.example>, relay={}", id, refused);
    };
    Told told;
    told.read(
        postfix,
        {"smtp[5]: Trusted TLS connection established to mx[192.0.2.1]:25: TLSv1.3 with cipher X (1/1 bits)",
         line("ABCDEF1"), line("ABCDEF2"),
         "smtp[5]: ABCDEF3: to=<x@a.example>, relay=mx[192.0.2.1]:25, delay=1, status=sent (250 ok)",
         "smtp[5]: ABCDEF4: to=<x@a.example>, relay=mx[192.0.2.1]:25, delay=1, status=deferred (host "
         "mx[192.0.2.1] refused to talk to me: 450 later)"}
    );
    told.ledger.finish();
    const auto& total = told.tally.total(Direction::delivery);
    EXPECT_EQ(total.connections, 3U);
    EXPECT_EQ(total.connections_encrypted, 1U) << "of the first message, and of no other";
    EXPECT_EQ(total.messages, 1U);
    EXPECT_EQ(total.messages_encrypted, 0U);
    EXPECT_EQ(told.tally.rows(Direction::delivery).size(), 1U);
}

TEST(Ledger, TheSameNumberAgainIsAnotherConnection)
{
    Told told;
    told.read(
        appliance, {"New SMTP ICID 5 interface X (192.0.2.9) address 192.0.2.1", "ICID 5 TLS success",
                    "New SMTP ICID 5 interface X (192.0.2.9) address 192.0.2.2"}
    );
    told.ledger.finish();
    ASSERT_EQ(told.ended.size(), 2U);
    EXPECT_EQ(told.ended[0].protection, Protection::encrypted);
    EXPECT_EQ(told.ended[1].protection, Protection::plaintext);
    EXPECT_EQ(told.ended[1].address, "192.0.2.2");
}

TEST(Ledger, TheSameNumberOfAnotherHostIsAnotherConnection)
{
    Told told;
    told.read(
        "Feb 14 19:20:28 esa1 mail_logs: Info: ", {"New SMTP DCID 5 interface 192.0.2.9 address 192.0.2.1"}
    );
    told.read("Feb 14 19:20:28 esa2 mail_logs: Info: ", {"DCID 5 TLS success"});
    told.ledger.finish();
    ASSERT_EQ(told.ended.size(), 2U);
    EXPECT_EQ(told.ended[0].protection, Protection::plaintext);
}

TEST(Ledger, MoreThanFitIsCountedAsItStands)
{
    Told told(By::address, {}, {.connections = 10, .messages = 10});
    for (int number = 1; number <= 1000; ++number) {
        const auto id = std::to_string(number);
        told.read(
            appliance,
            {"New SMTP ICID " + id + " interface X (192.0.2.9) address 192.0.2.1",
             "ICID " + id + " TLS success protocol TLSv1.3 cipher C", "Start MID " + id + " ICID " + id}
        );
    }
    told.ledger.finish();
    const auto& total = told.tally.total(Direction::receiving);
    EXPECT_EQ(total.connections, 1000U);
    EXPECT_EQ(total.connections_encrypted, 1000U);
    EXPECT_EQ(total.messages, 1000U);
    EXPECT_EQ(total.messages_encrypted, 1000U);
}

TEST(Ledger, NamesBeyondTheBoundAreOthers)
{
    Told told(By::domain, {.rows = 2, .reasons = 1, .failures = 2, .ciphers = 1});
    for (const std::string_view domain : {"one", "two", "three", "four"})
        told.read(
            "2026-02-14 19:20:28 ", {"1rVcYy-0000Ab-Cd == a@" + std::string(domain) +
                                         " R=r T=t defer (-38) H=mx [192.0.2.1]:"
                                         " a TLS session is required, but not for " +
                                         std::string(domain),
                                     "1rVcYy-0000Ab-Cd => a@" + std::string(domain) +
                                         " R=r T=t H=mx [192.0.2.1] X=TLS1.3:" + std::string(domain) + ":256"}
        );
    told.ledger.finish();
    EXPECT_EQ(told.tally.rows(Direction::delivery).size(), 2U);
    EXPECT_EQ(told.tally.others(Direction::delivery).messages, 2U);
    EXPECT_EQ(told.tally.total(Direction::delivery).messages, 4U);
    std::uint64_t failures = 0;
    for (const auto& failure : told.tally.failures(Direction::delivery))
        failures += failure.count;
    EXPECT_EQ(failures, 4U);
    EXPECT_EQ(told.tally.ciphers(Direction::delivery).size(), 2U);
}

TEST(Ledger, ServersThatLogNoTlsSaySoAtTheEnd)
{
    Told told;
    told.read(
        postfix, {"smtpd[9]: connect from mail.example[192.0.2.1]",
                  "smtpd[9]: 4T5XyZ0abc: client=mail.example[192.0.2.1]",
                  "qmgr[1]: 4T5XyZ0abc: from=<a@b.example>, size=1, nrcpt=1 (queue active)",
                  "qmgr[1]: 4T5XyZ0abc: removed", "smtpd[9]: 4T5XyZ1abc: client=mail.example[192.0.2.1]",
                  "smtpd[9]: disconnect from mail.example[192.0.2.1] ehlo=2 starttls=1 mail=2 commands=5"}
    );
    told.ledger.finish();
    const auto& total = told.tally.total(Direction::receiving);
    EXPECT_EQ(total.messages, 2U);
    EXPECT_EQ(total.messages_encrypted, 2U);
    EXPECT_EQ(total.connections_encrypted, 1U);
}

TEST(Ledger, ADeferredMessageIsNotReceivedAgain)
{
    Told told;
    told.read(
        postfix, {"smtpd[9]: 4T5XyZ0abc: client=mail.example[192.0.2.1]",
                  "qmgr[1]: 4T5XyZ0abc: from=<a@b.example>, size=1, nrcpt=1 (queue active)",
                  "qmgr[1]: 4T5XyZ0abc: from=<a@b.example>, size=1, nrcpt=1 (queue active)",
                  "qmgr[1]: 4T5XyZ9xyz: from=<c@d.example>, size=1, nrcpt=1 (queue active)"}
    );
    told.ledger.finish();
    EXPECT_EQ(told.tally.total(Direction::receiving).messages, 1U);
}

TEST(Ledger, PostfixGoesFromHostToHostInOneProcess)
{
    Told told;
    told.read(
        postfix,
        {"smtp[9]: Trusted TLS connection established to a[192.0.2.1]:25: TLSv1.3 with cipher X (256/256 "
         "bits)",
         "smtp[9]: 4T5XyZ0abc: to=<u@one.example>, relay=a[192.0.2.1]:25, dsn=2.0.0, status=sent (ok)",
         "smtp[9]: 4T5XyZ0abc: to=<v@one.example>, relay=a[192.0.2.1]:25, dsn=2.0.0, status=sent (ok)",
         "smtp[9]: 4T5XyZ1abc: to=<w@two.example>, relay=b[192.0.2.2]:25, dsn=2.0.0, status=sent (ok)",
         "smtp[9]: 4T5XyZ2abc: to=<w@two.example>, relay=b[192.0.2.2]:25, dsn=2.0.0, status=sent (ok)",
         "smtp[9]: 4T5XyZ3abc: to=<w@two.example>, relay=b[192.0.2.2]:25, conn_use=2, dsn=2.0.0, status=sent "
         "(ok)"}
    );
    told.ledger.finish();
    const auto& total = told.tally.total(Direction::delivery);
    EXPECT_EQ(total.messages, 5U);
    EXPECT_EQ(total.messages_encrypted, 2U);
    EXPECT_EQ(total.connections, 3U);
    EXPECT_EQ(total.connections_encrypted, 1U);
}

TEST(Ledger, SeveralRecipientsOfOneFailureAreOneFailure)
{
    Told told;
    told.read(
        postfix,
        {"smtp[9]: SSL_connect error to mx[192.0.2.1]:25: -1",
         "smtp[9]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:../ssl/x.c:1:",
         "smtp[9]: 4T5XyZ0abc: to=<u@one.example>, relay=mx[192.0.2.1]:25, status=deferred (Cannot start "
         "TLS: handshake failure)",
         "smtp[9]: 4T5XyZ0abc: to=<v@one.example>, relay=mx[192.0.2.1]:25, status=deferred (Cannot start "
         "TLS: handshake failure)"}
    );
    told.ledger.finish();
    const auto failures = told.tally.failures(Direction::delivery);
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_EQ(failures[0].count, 1U);
    EXPECT_EQ(failures[0].name, "one.example");
    EXPECT_EQ(failures[0].reason, "no shared cipher");
}
