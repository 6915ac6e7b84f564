// Every dialogue of fixtures/dialogues that has something to say about a session, and what comes of it.
#include "tests/smtp/conversation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

namespace
{

using namespace smtp_tests;

struct Case
{
    std::string dialogue;
    std::string steps;
    smtp::Limits limits = patient;
};

void PrintTo(const Case& one, std::ostream* out)
{
    *out << one.dialogue;
}

class Dialogue : public testing::TestWithParam<Case>
{};

TEST_P(Dialogue, IsObserved)
{
    peer::Server server(playing(GetParam().dialogue));
    Client client;
    client.settings.limits = GetParam().limits;
    const auto session = client.converse(server.endpoint());
    EXPECT_EQ(trace(session), GetParam().steps);
    EXPECT_TRUE(session.finished);
}

const std::string ehlo = "connect, greeting 220, ehlo 250, ";
const std::string tls = ehlo + "starttls 220, handshake, ";
const std::string mail = tls + "ehlo_tls 250, mail_from 250, quit 221";
const std::string plain_mail = ehlo + "mail_from 250, quit 221";

std::string name_of(const testing::TestParamInfo<Case>& info)
{
    auto text = info.param.dialogue;
    std::ranges::replace(text, '-', '_');
    return text;
}

INSTANTIATE_TEST_SUITE_P(
    ThatEndsWell, Dialogue,
    testing::Values(
        Case{"good", mail}, Case{"good-esmtp-multiline", mail}, Case{"postscreen", mail},
        Case{"lf-only", mail}, Case{"byte-by-byte", mail}, Case{"no-close-notify", mail},
        Case{"client-certificate", mail}, Case{"one-group", mail}, Case{"starttls-repeated", mail},
        Case{"tls10", mail}, Case{"tls11", mail}, Case{"tls12", mail}, Case{"tls13", mail},
        Case{"rsa-key-exchange", mail}, Case{"no-starttls", plain_mail}, Case{"masked", plain_mail},
        Case{"starttls-in-name-only", plain_mail}, Case{"ehlo-1000-extensions", mail}, Case{"ehlo-nul", mail},
        Case{"starttls-lower-case", mail}, Case{"starttls-with-parameter", mail}, Case{"stapled", mail},
        Case{"staple-garbled", mail}, Case{"expired", mail}, Case{"untrusted", mail},
        Case{"wrong-name", mail}, Case{"self-signed", mail}, Case{"incomplete-chain", mail},
        Case{"hostile-certificate", mail}, Case{"x-starttls", plain_mail}, Case{"starttls-nul", plain_mail},
        Case{"ehlo-bare-code", plain_mail},
        Case{
            "helo-only",
            "connect, greeting 220, ehlo 502 (an unexpected reply), helo 250, mail_from 250, quit 221"},
        Case{"silent-after-quit", tls + "ehlo_tls 250, mail_from 250, quit", hasty}
    ),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    WithoutAGreeting, Dialogue,
    testing::Values(
        Case{"connect-timeout", "connect (timed out)", hasty},
        Case{"silent", "connect, greeting (timed out)", hasty},
        Case{"drip", "connect, greeting (timed out)", hasty},
        Case{"drip-lines", "connect, greeting (timed out)", hasty},
        Case{"close-before-greeting", "connect, greeting (the connection was lost)"},
        Case{"close-inside-greeting", "connect, greeting (the connection was lost)"},
        Case{"reset-before-greeting", "connect, greeting (the connection was lost)"},
        Case{"greeting-421", "connect, greeting 421 (an unexpected reply), quit"},
        Case{"greeting-450", "connect, greeting 450 (an unexpected reply), quit 221"},
        Case{"postscreen-drop", "connect, greeting 521 (an unexpected reply), quit"},
        Case{"greeting-554", "connect, greeting 554 (an unexpected reply), quit 221"},
        Case{"greeting-421-rate", "connect, greeting 421 (an unexpected reply), quit"},
        Case{"greeting-421-bare", "connect, greeting 421 (an unexpected reply), quit"},
        Case{"greeting-451-rate", "connect, greeting 451 (an unexpected reply), quit 221"},
        Case{"greeting-554-rate", "connect, greeting 554 (an unexpected reply), quit 221"},
        Case{"greeting-250", "connect, greeting 250 (an unexpected reply), quit"},
        Case{"greeting-354", "connect, greeting 354 (an unexpected reply), quit"},
        Case{"greeting-letter-in-code", "connect, greeting (not an SMTP reply), quit"},
        Case{"greeting-no-separator", "connect, greeting (not an SMTP reply), quit"},
        Case{"greeting-unfinished", "connect, greeting (the connection was lost)"},
        Case{"greeting-unfinished-silent", "connect, greeting (timed out)", hasty},
        Case{"not-smtp", "connect, greeting (not an SMTP reply), quit"},
        Case{"not-smtp-http", "connect, greeting (not an SMTP reply), quit"},
        Case{"long-line", "connect, greeting (a line too long), quit"},
        Case{"endless-line", "connect, greeting (a line too long), quit"}
    ),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    WithoutEhlo, Dialogue,
    testing::Values(
        Case{"ehlo-421", "connect, greeting 220, ehlo 421 (an unexpected reply), quit"},
        Case{"ehlo-450", "connect, greeting 220, ehlo 450 (an unexpected reply), quit 221"},
        Case{
            "ehlo-and-helo-refused", "connect, greeting 220, ehlo 550 (an unexpected reply), "
                                     "helo 550 (an unexpected reply), quit 221"},
        Case{"ehlo-codes-differ", "connect, greeting 220, ehlo (not an SMTP reply), quit"},
        Case{"greeting-unasked-421", "connect, greeting 220, ehlo 421 (an unexpected reply), quit"},
        Case{"greeting-twice", "connect, greeting 220, ehlo (not an SMTP reply), quit"},
        Case{"ehlo-220", "connect, greeting 220, ehlo 220 (an unexpected reply), quit"},
        Case{"ehlo-malformed", "connect, greeting 220, ehlo (not an SMTP reply), quit"},
        Case{"ehlo-421-inside", "connect, greeting 220, ehlo 421 (an unexpected reply), quit"},
        Case{"ehlo-451-rate", "connect, greeting 220, ehlo 451 (an unexpected reply), quit 221"},
        Case{
            "ehlo-554-rate", "connect, greeting 220, ehlo 554 (an unexpected reply), "
                             "helo 554 (an unexpected reply), quit 221"},
        Case{
            "ehlo-554-helo-250", "connect, greeting 220, ehlo 554 (an unexpected reply), "
                                 "helo 250, mail_from 250, quit 221"},
        Case{
            "ehlo-502-helo-421", "connect, greeting 220, ehlo 502 (an unexpected reply), "
                                 "helo 421 (an unexpected reply), quit"},
        Case{
            "close-after-ehlo-550", "connect, greeting 220, ehlo 550 (an unexpected reply), "
                                    "helo (the connection was lost)"},
        Case{"ehlo-broken-off", "connect, greeting 220, ehlo (timed out), quit", hasty},
        Case{"ehlo-broken-off-close", "connect, greeting 220, ehlo (the connection was lost)"},
        Case{"ehlo-reset", "connect, greeting 220, ehlo (the connection was lost)"},
        Case{"ehlo-bare-cr", "connect, greeting 220, ehlo (timed out), quit", hasty},
        Case{"ehlo-no-separator", "connect, greeting 220, ehlo (not an SMTP reply), quit"},
        Case{"ehlo-letter-in-code", "connect, greeting 220, ehlo (not an SMTP reply), quit"},
        Case{"ehlo-long-line", "connect, greeting 220, ehlo (a line too long), quit"},
        Case{"close-after-ehlo", "connect, greeting 220, ehlo (the connection was lost)"},
        Case{"silent-after-ehlo", "connect, greeting 220, ehlo (timed out), quit", hasty},
        Case{"long-reply", "connect, greeting 220, ehlo (a reply too long), quit"},
        Case{"endless-reply", "connect, greeting 220, ehlo (a reply too long), quit"}
    ),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    WithoutTls, Dialogue,
    testing::Values(
        Case{"starttls-454", ehlo + "starttls 454 (an unexpected reply), quit 221"},
        Case{"starttls-502", ehlo + "starttls 502 (an unexpected reply), quit 221"},
        Case{"starttls-250", ehlo + "starttls 250 (an unexpected reply), quit 221"},
        Case{"starttls-malformed", ehlo + "starttls (not an SMTP reply), quit"},
        Case{"ehlo-unasked-421", ehlo + "starttls 421 (an unexpected reply), quit"},
        Case{"starttls-421", ehlo + "starttls 421 (an unexpected reply), quit"},
        Case{"starttls-554", ehlo + "starttls 554 (an unexpected reply), quit 221"},
        Case{"starttls-unfinished", ehlo + "starttls (the connection was lost)"},
        Case{"starttls-reset", ehlo + "starttls (the connection was lost)"},
        Case{"masked-mail-from-530", ehlo + "mail_from 530 (an unexpected reply), quit 221"},
        Case{"421-in-clear", ehlo + "mail_from 421 (an unexpected reply), quit"},
        Case{"silent-after-starttls", ehlo + "starttls (timed out), quit", hasty},
        Case{"close-after-starttls", ehlo + "starttls (the connection was lost)"},
        Case{"injection", ehlo + "starttls 220 (plaintext behind the reply to STARTTLS)"},
        Case{"injection-partial", ehlo + "starttls 220 (plaintext behind the reply to STARTTLS)"}
    ),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    WithoutAHandshake, Dialogue,
    testing::Values(
        Case{"plaintext-for-tls", ehlo + "starttls 220, handshake (answered in plaintext)"},
        Case{"octet-for-tls", ehlo + "starttls 220, handshake (answered in plaintext)"},
        Case{"garbage-tls", ehlo + "starttls 220, handshake (answered in plaintext)"},
        Case{"tls-alert", ehlo + "starttls 220, handshake (the TLS handshake failed)"},
        Case{"tls-alert-version", ehlo + "starttls 220, handshake (the TLS handshake failed)"},
        Case{"alert-after-server-hello", ehlo + "starttls 220, handshake (the TLS handshake failed)"},
        Case{"oversize-record", ehlo + "starttls 220, handshake (the TLS handshake failed)"},
        Case{"application-data-for-tls", ehlo + "starttls 220, handshake (the TLS handshake failed)"},
        Case{"ssl2-for-tls", ehlo + "starttls 220, handshake (answered in plaintext)"},
        Case{"http-for-tls", ehlo + "starttls 220, handshake (answered in plaintext)"},
        Case{"421-for-tls", ehlo + "starttls 220, handshake (answered in plaintext)"},
        Case{"close-notify-for-tls", ehlo + "starttls 220, handshake (the connection was lost)"},
        Case{"close-after-client-hello", ehlo + "starttls 220, handshake (the connection was lost)"},
        Case{"close-inside-server-hello", ehlo + "starttls 220, handshake (the connection was lost)"},
        Case{"reset-after-server-hello", ehlo + "starttls 220, handshake (the connection was lost)"},
        Case{"silent-after-server-hello", ehlo + "starttls 220, handshake (timed out)", hasty},
        Case{"anonymous-cipher", ehlo + "starttls 220, handshake (the TLS handshake failed)"},
        Case{"weak-cipher", ehlo + "starttls 220, handshake (the TLS handshake failed)"},
        Case{"close-after-220", ehlo + "starttls 220, handshake (the connection was lost)"},
        Case{"reset-after-220", ehlo + "starttls 220, handshake (the connection was lost)"},
        Case{"silent-handshake", ehlo + "starttls 220, handshake (timed out)", hasty}
    ),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    StoppedInsideTls, Dialogue,
    testing::Values(
        Case{"ehlo-refused-inside-tls", tls + "ehlo_tls 554 (an unexpected reply), quit 221"},
        Case{"silent-inside-tls", tls + "ehlo_tls (timed out), quit", hasty},
        Case{"drip-inside-tls", tls + "ehlo_tls (timed out), quit", hasty},
        Case{"close-after-handshake", tls + "ehlo_tls (the connection was lost)"},
        Case{"abort-after-handshake", tls + "ehlo_tls (the connection was lost)"},
        Case{"reset-inside-tls", tls + "ehlo_tls (the connection was lost)"},
        Case{"ehlo-broken-off-inside-tls", tls + "ehlo_tls (the connection was lost)"},
        Case{"ehlo-421-inside-tls", tls + "ehlo_tls 421 (an unexpected reply), quit"},
        Case{"ehlo-451-inside-tls", tls + "ehlo_tls 451 (an unexpected reply), quit 221"},
        Case{"ehlo-502-inside-tls", tls + "ehlo_tls 502 (an unexpected reply), quit 221"},
        Case{"ehlo-malformed-inside-tls", tls + "ehlo_tls (not an SMTP reply), quit"},
        Case{"ehlo-long-line-inside-tls", tls + "ehlo_tls (a line too long), quit"},
        Case{"silent-after-mail-from", tls + "ehlo_tls 250, mail_from (timed out), quit", hasty},
        Case{"close-after-mail-from", tls + "ehlo_tls 250, mail_from (the connection was lost)"},
        Case{"mail-from-malformed", tls + "ehlo_tls 250, mail_from (not an SMTP reply), quit"},
        Case{"mail-from-451-rate", tls + "ehlo_tls 250, mail_from 451 (an unexpected reply), quit 221"},
        Case{"mail-from-554-rate", tls + "ehlo_tls 250, mail_from 554 (an unexpected reply), quit 221"},
        Case{"mail-from-421", tls + "ehlo_tls 250, mail_from 421 (an unexpected reply), quit"},
        Case{"mail-from-450", tls + "ehlo_tls 250, mail_from 450 (an unexpected reply), quit 221"},
        Case{"mail-from-550", tls + "ehlo_tls 250, mail_from 550 (an unexpected reply), quit 221"}
    ),
    name_of
);

} // namespace
