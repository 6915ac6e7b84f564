#include "probe/log/event.hpp"

#include <gmock/gmock.h>

#include <string>

using namespace maillog;

namespace
{

constexpr std::string_view appliance = "Sat Feb 14 19:20:28 2026 Info: ";
constexpr std::string_view postfix = "Feb 14 19:20:28 mx1 postfix/smtp[77]: ";

/// Lines outlive the events that look into them.
Event parsed(std::string_view prefix, std::string_view text)
{
    static std::string line;
    line = std::string(prefix) + std::string(text);
    return parse(line);
}

} // namespace

TEST(Event, EveryStampThatALogBegins)
{
    for (const std::string_view line :
         {"Sat Feb 14 19:20:28 2026 Info: ICID 5 close", "Sat Feb  4 19:20:28 2026 Info: ICID 5 close",
          "Feb 14 19:20:28 esa mail_logs: Info: ICID 5 close",
          "<22>Feb  4 19:20:28 esa mail_logs: Info: ICID 5 close",
          "2026-02-14T19:20:28.123+01:00 esa mail_logs: Info: ICID 5 close"}) {
        const auto event = parse(line);
        EXPECT_EQ(event.kind, Kind::closed) << line;
        EXPECT_EQ(event.server, Server::appliance) << line;
        EXPECT_EQ(event.connection, 5U) << line;
        EXPECT_FALSE(event.stamp.empty()) << line;
    }
}

TEST(Event, EximWritesZoneAndProcess)
{
    for (const std::string_view stamp :
         {"2026-02-14 19:20:28", "2026-02-14 19:20:28.123", "2026-02-14 19:20:28 +0100",
          "2026-02-14 19:20:28.123 -0930"}) {
        for (const std::string_view process : {" ", " [4711] "}) {
            const auto event = parsed(
                std::string(stamp) + std::string(process),
                "1rVcYy-0000Ab-Cd <= a@b.example H=c [192.0.2.1] P=esmtp"
            );
            EXPECT_EQ(event.kind, Kind::received) << stamp;
            EXPECT_EQ(event.stamp, stamp);
            EXPECT_EQ(event.domain, "b.example");
        }
    }
    const auto event =
        parse("Feb 14 19:20:28 mx exim[5]: 1rVcYy-0000Ab-Cd <= a@b.example H=c [192.0.2.1] P=esmtps");
    EXPECT_EQ(event.kind, Kind::received);
    EXPECT_TRUE(event.encrypted);
    EXPECT_EQ(event.origin, "mx");
}

TEST(Event, EximsProtocolSaysWhetherThereWasTlsWhereNothingElseDoes)
{
    const auto encrypted = [](const std::string& protocol) {
        return parsed("2026-02-14 19:20:28 ", "1rVcYy-0000Ab-Cd <= a@b.example H=c [192.0.2.1] P=" + protocol)
            .encrypted;
    };
    for (const auto* protocol : {"esmtps", "esmtpsa", "smtps", "utf8esmtps", "utf8esmtpsa S=9"})
        EXPECT_TRUE(encrypted(protocol)) << protocol;
    for (const auto* protocol : {"smtp", "esmtp", "esmtpa", "utf8esmtp", "utf8esmtpa"})
        EXPECT_FALSE(encrypted(protocol)) << protocol;
}

TEST(Event, EximSaysHowASessionThatSpokeTlsEnded)
{
    for (const std::string_view text :
         {"1rVcYy-0000Ab-Cd H=mx.dest.example [198.51.100.1] TLS error on connection (recv): The TLS "
          "connection "
          "was non-properly terminated.",
          "1rVcYy-0000Ab-Cd H=mx.dest.example [198.51.100.1] TLS error on connection (send): Error in the "
          "push "
          "function.",
          "TLS error on connection from mail.example (x) [192.0.2.10]:4711 I=[192.0.2.1]:25 (recv): The TLS "
          "connection was non-properly terminated."})
        EXPECT_EQ(parsed("2026-02-14 19:20:28 ", text).kind, Kind::other) << text;
    EXPECT_EQ(
        parsed(
            "2026-02-14 19:20:28 ", "TLS error on connection from [192.0.2.31]:9 I=[192.0.2.1]:25 "
                                    "(gnutls_handshake): No supported cipher suites have been found."
        )
            .reason,
        "No supported cipher suites have been found."
    );
}

TEST(Event, WhatIsNoLogIsNotRecognised)
{
    for (const std::string_view line :
         {"", " ", "hello", "Sat Feb 14 19:20", "2026-02-14", "2026-02-14 19:20:28", "\x01\x02\xff",
          "ICID 5 TLS success", "<", "<22>"})
        EXPECT_EQ(parse(line).kind, Kind::unrecognised) << line;
}

TEST(Event, HalfLinesAndOddNumbersAreOther)
{
    for (const std::string_view text :
         {"", "ICID", "ICID ", "ICID x TLS success", "DCID 99999999999999999999999 close", "New SMTP ICID",
          "MID", "MID 5", "MID 5 ICID", "MID 5 ICID 6 RID", "MID 5 ICID 6 RID x To: <a@b>", "Start MID 5",
          "Delivery start DCID 5", "Connection Error: DCID", "MID 5 rewritten to MID x"})
        EXPECT_EQ(parsed(appliance, text).kind, Kind::other) << text;
    for (const std::string_view text :
         {"", "4T5XyZ0abc: to=<a@b", "4T5XyZ0abc: to=<a@b>, relay=none, status=sent (ok)",
          "SSL_connect error", "Untrusted TLS connection", "4T5XyZ0abc: host mx said: 421"})
        EXPECT_EQ(parsed(postfix, text).kind, Kind::other) << text;
}

TEST(Event, ASubjectTellsNothing)
{
    EXPECT_EQ(parsed(appliance, "MID 7 Subject 'ICID 5 TLS failed: forged'").kind, Kind::other);
}

TEST(Event, ARemoteReplyTellsNothingOfTls)
{
    const auto event = parsed(
        "2026-02-14 19:20:28 ",
        "1rVcYy-0000Ab-Cd => a@b.example R=r T=t H=mx [192.0.2.1] C=\"250 X=TLS1.3:forged:256\""
    );
    EXPECT_EQ(event.kind, Kind::sent);
    EXPECT_FALSE(event.encrypted);
}

TEST(Event, ReasonsAreWhatTheLibraryGave)
{
    EXPECT_EQ(
        reason_of("(336109761, 'error:1408A0C1:SSL routines:SSL3_GET_CLIENT_HELLO:no shared cipher')"),
        "no shared cipher"
    );
    EXPECT_EQ(
        reason_of("('SSL routines:tls_early_post_process_client_hello:no shared cipher')"), "no shared cipher"
    );
    EXPECT_EQ(
        reason_of("error:0A000102:SSL routines::unsupported protocol:../ssl/x.c:1686:"),
        "unsupported protocol"
    );
    EXPECT_EQ(reason_of("[Errno 0] Error"), "[Errno 0] Error");
    EXPECT_EQ(reason_of("STARTTLS unexpected response"), "STARTTLS unexpected response");
    EXPECT_EQ(reason_of("TLS required (always)"), "TLS required (always)");
    EXPECT_EQ(reason_of("()"), "");
    EXPECT_EQ(reason_of(""), "");
}

TEST(Event, VersionsByAnyOfTheirNames)
{
    EXPECT_EQ(version_of("TLSv1"), Version::tlsv1_0);
    EXPECT_EQ(version_of("TLS1.0"), Version::tlsv1_0);
    EXPECT_EQ(version_of("TLSv1.1"), Version::tlsv1_1);
    EXPECT_EQ(version_of("TLS1.2"), Version::tlsv1_2);
    EXPECT_EQ(version_of("TLSv1.3"), Version::tlsv1_3);
    EXPECT_EQ(version_of("SSLv3"), Version::sslv3);
    EXPECT_EQ(version_of("TLSv1.33"), Version::unknown);
    EXPECT_EQ(version_of(""), Version::unknown);
}

TEST(Event, PostfixTellsWhyADeliveryWaits)
{
    const auto status = [](std::string_view why) {
        return parsed(
            postfix,
            "4T5XyZ0abc: to=<a@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=4.7.4, status=deferred (" +
                std::string(why) + ")"
        );
    };
    EXPECT_EQ(status("Cannot start TLS: handshake failure").reason, "Cannot start TLS: handshake failure");
    EXPECT_EQ(
        status("TLS is required, but was not offered by host mx[192.0.2.1]").reason,
        "TLS is required, but was not offered"
    );
    EXPECT_EQ(
        status("host mx[192.0.2.1] said: 530 5.7.0 Must issue a STARTTLS command first (in reply to MAIL "
               "FROM command)")
            .reason,
        "530 5.7.0 Must issue a STARTTLS command first"
    );
    EXPECT_EQ(
        status("host mx[192.0.2.1] said: 450 4.2.0 Greylisted (in reply to RCPT TO command)").kind,
        Kind::refused
    );
    EXPECT_EQ(status("Server certificate not trusted").kind, Kind::failed);
}

TEST(Event, PostfixUnderAnyNameOfAnInstance)
{
    for (const std::string_view program :
         {"postfix/smtpd", "postfix/submission/smtpd", "postfix-out/smtpd"}) {
        const auto event = parsed(
            "Feb 14 19:20:28 mx1 " + std::string(program), "[5]: connect from mail.example[2001:db8::1]"
        );
        EXPECT_EQ(event.kind, Kind::opened) << program;
        EXPECT_EQ(event.connection, 5U);
        EXPECT_EQ(event.address, "2001:db8::1");
        EXPECT_EQ(event.host, "mail.example");
    }
}
