#include "probe/fetch.hpp"

#include "https_peer.hpp"
#include "probe/policy_host.hpp"
#include "support/refused_tcp_port.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <gmock/gmock.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>

namespace
{

using namespace std::chrono_literals;
using probe::Fetched;
using probe::FetchFault;
using probe::FetchQuestion;
using probe_tests::HttpsConnection;
using probe_tests::HttpsPeer;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

const std::string host = "mta-sts.example.test";
const std::string policy = "version: STSv1\nmode: none\nmax_age: 1\n";

std::chrono::sys_seconds now()
{
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

const pki::Issued& root()
{
    static const auto made = pki::issue({.common_name = "root", .authority = true}, nullptr, now());
    return made;
}

/// The server's own certificate and its issuer's.
std::vector<pki::Issued> chain_of(const pki::Recipe& recipe)
{
    return {pki::issue(recipe, &root(), now()), root()};
}

const std::vector<pki::Issued>& good()
{
    static const auto made = chain_of({.names = {"DNS:" + host}});
    return made;
}

std::string answer_of(const std::string& body, const std::string& type = "text/plain")
{
    return "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

/// Says this, and closes.
HttpsPeer::Script saying(const std::string& octets)
{
    return [octets](HttpsConnection& connection) {
        connection.read_head();
        if (connection.write(octets))
            connection.close();
    };
}

/// Says this, and then nothing.
HttpsPeer::Script stalling_behind(const std::string& octets)
{
    return [octets](HttpsConnection& connection) {
        connection.read_head();
        connection.write(octets);
        connection.stall();
    };
}

/// Says the one, and then the other for ever.
HttpsPeer::Script saying_for_ever(const std::string& once, const std::string& again)
{
    return [once, again](HttpsConnection& connection) {
        connection.read_head();
        connection.write(once);
        while (connection.write(again)) {
        }
    };
}

FetchQuestion question_for(std::uint16_t port, std::chrono::milliseconds time = 30s)
{
    return {
        .host = host,
        .path = "/.well-known/mta-sts.txt",
        .port = port,
        .addresses = {asio::ip::make_address("127.0.0.1")},
        .deadline = std::chrono::steady_clock::now() + time};
}

/// For peers that stall: long enough for what they do answer, also on a machine that is busy.
constexpr auto hasty = 1s;

void start(asio::io_context& io, FetchQuestion question, std::optional<Fetched>& fetched)
{
    asio::co_spawn(io, probe::fetch(std::move(question)), [&](std::exception_ptr thrown, Fetched result) {
        if (thrown)
            std::rethrow_exception(thrown);
        fetched = std::move(result);
    });
}

Fetched get(FetchQuestion question)
{
    asio::io_context io(1);
    std::optional<Fetched> fetched;
    start(io, std::move(question), fetched);
    io.run();
    return fetched.value();
}

Fetched get(const HttpsPeer::Script& script, std::chrono::milliseconds time = 30s)
{
    const HttpsPeer peer(good(), script);
    return get(question_for(peer.port(), time));
}

std::string distrust(const Fetched& fetched, const std::string& name = host)
{
    const std::vector roots{root().certificate};
    return probe::distrust_of(fetched.chain, name, now(), probe::TrustStore(roots));
}

TEST(Fetch, BringsThePolicyAndTheChain)
{
    const auto fetched = get(saying(answer_of(policy)));
    EXPECT_EQ(fetched.fault, FetchFault::none) << fetched.detail;
    EXPECT_EQ(fetched.detail, "");
    EXPECT_EQ(fetched.status, 200);
    EXPECT_EQ(fetched.media_type, "text/plain");
    EXPECT_EQ(fetched.body, policy);
    EXPECT_EQ(fetched.peer, asio::ip::make_address("127.0.0.1"));
    EXPECT_THAT(fetched.chain, SizeIs(2));
    EXPECT_EQ(distrust(fetched), "");
    EXPECT_GT(fetched.elapsed.count(), 0);
}

TEST(Fetch, AsksAsASenderDoes)
{
    std::string head;
    std::string server_name;
    std::uint16_t port = 0;
    {
        const HttpsPeer peer(good(), [&](HttpsConnection& connection) {
            head = connection.read_head();
            server_name = connection.server_name();
            connection.write(answer_of(policy));
        });
        port = peer.port();
        get(question_for(port));
    }
    EXPECT_EQ(server_name, host);
    EXPECT_EQ(
        head, "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: " + host + ":" + std::to_string(port) +
                  "\r\nUser-Agent: mxtls\r\nAccept: */*\r\n\r\n"
    );
}

/// What the policy host is told of us.
std::string user_agent_with(const std::string& contact)
{
    std::string head;
    {
        const HttpsPeer peer(good(), [&](HttpsConnection& connection) {
            head = connection.read_head();
            connection.write(answer_of(policy));
        });
        auto question = question_for(peer.port());
        question.contact = contact;
        get(question);
    }
    const std::string field = "\r\nUser-Agent: ";
    const auto start = head.find(field) + field.size();
    return head.substr(start, head.find("\r\n", start) - start);
}

TEST(Fetch, TellsWhomToAsk)
{
    EXPECT_EQ(user_agent_with("https://probe.test/why"), "mxtls (+https://probe.test/why)");
    EXPECT_EQ(user_agent_with(R"(a (b) \c)"), R"(mxtls (+a \(b\) \\c))");
    EXPECT_EQ(user_agent_with("a\r\nHost: b"), R"(mxtls (+a\\x0d\\x0aHost: b))");
    EXPECT_EQ(user_agent_with(std::string(5'000, 'x')), "mxtls (+" + std::string(200, 'x') + ")");
}

TEST(Fetch, TakesTextPlainInAnySpelling)
{
    for (const auto* type :
         {"text/plain; charset=utf-8", "TEXT/Plain", "text/plain ;charset=x", "text/plain;"})
        EXPECT_EQ(get(saying(answer_of(policy, type))).body, policy) << type;
}

TEST(Fetch, TakesNoOtherMediaType)
{
    const auto html = get(saying(answer_of(policy, "text/html; charset=utf-8")));
    EXPECT_EQ(html.fault, FetchFault::media_type);
    EXPECT_EQ(html.detail, R"(its media type is "text/html; charset=utf-8", not text/plain)");
    EXPECT_EQ(html.body, "");
    for (const auto* type : {"text/plainer", "text", "application/octet-stream", "text/plain, text/html"})
        EXPECT_EQ(get(saying(answer_of(policy, type))).fault, FetchFault::media_type) << type;

    const auto twice = get(saying(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n"
    ));
    EXPECT_EQ(twice.detail, R"(its media type is "text/plain, text/html", not text/plain)");

    const auto none = get(saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_EQ(none.fault, FetchFault::media_type);
    EXPECT_EQ(none.detail, "it has no media type, where text/plain must be");
}

TEST(Fetch, TrailersAndInterimAnswersSayNothing)
{
    const auto fetched =
        get(saying("HTTP/1.1 103 Early Hints\r\nContent-Type: text/html\r\nLocation: /\r\n\r\n"
                   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "3\r\nabc\r\n2\r\nde\r\n0\r\nContent-Type: text/html\r\n\r\n"));
    EXPECT_EQ(fetched.fault, FetchFault::none) << fetched.detail;
    EXPECT_EQ(fetched.media_type, "text/plain");
    EXPECT_EQ(fetched.body, "abcde");
}

TEST(Fetch, FollowsNoRedirect)
{
    const auto fetched = get(saying(
        "HTTP/1.1 301 Moved\r\nLocation: https://www.example.test/\x1b[2J\r\nContent-Length: 0\r\n\r\n"
    ));
    EXPECT_EQ(fetched.fault, FetchFault::redirect);
    EXPECT_EQ(
        fetched.detail,
        R"(it is a redirect to "https://www.example.test/\x1b[2J" (status 301), which must not be followed)"
    );
    EXPECT_EQ(fetched.location, R"(https://www.example.test/\x1b[2J)");
    EXPECT_EQ(fetched.status, 301);

    const auto nowhere = get(saying("HTTP/1.1 304 Not Modified\r\n\r\n"));
    EXPECT_EQ(nowhere.detail, "it is a redirect (status 304), which must not be followed");
}

TEST(Fetch, TakesOnlyStatus200)
{
    for (const auto* status : {"201", "204", "400", "404", "429", "500", "503"}) {
        const auto fetched = get(saying(
            std::string("HTTP/1.1 ") + status + " x\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n"
        ));
        EXPECT_EQ(fetched.fault, FetchFault::status);
        EXPECT_EQ(fetched.detail, std::string("its status is ") + status + ", not 200");
    }
}

TEST(Fetch, ABadStatusNeedsNoBody)
{
    const auto head = "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 1000000\r\n\r\n";
    EXPECT_EQ(get(stalling_behind(head)).fault, FetchFault::status);
    EXPECT_EQ(get(saying_for_ever(head, "x")).fault, FetchFault::status);
}

TEST(Fetch, ABodyHas64KiBAtMost)
{
    const std::string most(probe::max_fetched, 'x');
    EXPECT_EQ(get(saying(answer_of(most))).body, most);

    const auto above = get(saying(answer_of(most + "x")));
    EXPECT_EQ(above.fault, FetchFault::too_large);
    EXPECT_EQ(above.detail, "it is longer than 65536 octets");
    EXPECT_THAT(above.body, IsEmpty());

    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
    EXPECT_EQ(get(saying_for_ever(head + "\r\n", most)).fault, FetchFault::too_large);
    const auto chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(get(saying_for_ever(chunked, "4\r\nabcd\r\n")).fault, FetchFault::too_large);
}

TEST(Fetch, TakesNoEncodingThatItDidNotAskFor)
{
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
    const auto body = get(saying(head + "Content-Encoding: GZIP\r\nContent-Length: 1\r\n\r\nx"));
    EXPECT_EQ(body.fault, FetchFault::protocol);
    EXPECT_EQ(body.detail, R"(it is encoded as "gzip", unasked)");
    const auto transfer = get(saying(head + "Transfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"));
    EXPECT_EQ(transfer.fault, FetchFault::protocol);
    EXPECT_EQ(get(saying(head + "Content-Encoding: identity\r\nContent-Length: 1\r\n\r\nx")).body, "x");
}

TEST(Fetch, HeaderFieldsAreBounded)
{
    const auto fetched =
        get(saying_for_ever("HTTP/1.1 200 OK\r\n", "X-Field: " + std::string(1000, 'x') + "\r\n"));
    EXPECT_EQ(fetched.fault, FetchFault::protocol);
    EXPECT_EQ(fetched.detail, "its header fields are more than 65536 octets");
    EXPECT_EQ(
        get(saying_for_ever("HTTP/1.1 200 OK\r\nX-Field: ", std::string(1000, 'x'))).fault,
        FetchFault::protocol
    );
    EXPECT_EQ(get(saying_for_ever("", "HTTP/1.1 100 Continue\r\n\r\n")).fault, FetchFault::protocol);
}

TEST(Fetch, TakesHttp10)
{
    EXPECT_EQ(get(saying("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + policy)).body, policy);
}

TEST(Fetch, TakesNothingThatIsNoHttp)
{
    for (const auto* octets :
         {"version: STSv1\n", "", "\r\n", "HTTP/9.9 200 OK\r\n\r\n", "220 mx ESMTP\r\n"}) {
        const auto fetched = get(saying(octets));
        EXPECT_EQ(fetched.fault, FetchFault::protocol) << octets;
        EXPECT_THAT(fetched.detail, StartsWith("the answer cannot be read: ")) << octets;
    }
}

TEST(Fetch, ABodyThatBreaksOffIsNone)
{
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
    for (const auto* rest :
         {"Content-Length: 100\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
        const auto fetched = get(saying(head + rest));
        EXPECT_EQ(fetched.fault, FetchFault::protocol) << rest;
        EXPECT_THAT(fetched.body, IsEmpty()) << rest;
    }
}

TEST(Fetch, EndsAtTheDeadline)
{
    const auto silent = get(stalling_behind(""), hasty);
    EXPECT_EQ(silent.fault, FetchFault::timeout);
    EXPECT_EQ(silent.detail, "no answer came in time");
    EXPECT_THAT(silent.chain, SizeIs(2));

    const auto head = get(stalling_behind("HTTP/1.1 200 OK\r\n"), hasty);
    EXPECT_EQ(head.detail, "no answer came in time");

    const auto answer = answer_of(policy);
    const auto body = get(stalling_behind(answer.substr(0, answer.size() - 1)), hasty);
    EXPECT_EQ(body.fault, FetchFault::timeout);
    EXPECT_EQ(body.detail, "its body did not end in time");
    EXPECT_THAT(body.body, IsEmpty());
}

TEST(Fetch, EndsNotBeforeTheDeadlineAndSaysHowLongItTook)
{
    const HttpsPeer peer(good(), stalling_behind(""));
    const auto question = question_for(peer.port(), 300ms);
    asio::io_context io(1);
    std::optional<Fetched> fetched;
    start(io, question, fetched);
    io.poll_one(); // it begins
    const auto begun = std::chrono::steady_clock::now();
    io.run();
    EXPECT_GE(std::chrono::steady_clock::now(), question.deadline);
    EXPECT_EQ(fetched.value().fault, FetchFault::timeout);
    EXPECT_GE(fetched->elapsed, question.deadline - begun);
}

TEST(Fetch, AHandshakeThatStallsEndsAtTheDeadline)
{
    const HttpsPeer peer([](asio::ip::tcp::socket& socket) {
        std::error_code fault;
        std::string more(1024, '\0');
        while (!fault)
            socket.read_some(asio::buffer(more), fault);
    });
    const auto fetched = get(question_for(peer.port(), hasty));
    EXPECT_EQ(fetched.fault, FetchFault::timeout);
    EXPECT_EQ(fetched.detail, "the TLS handshake did not end in time");
    EXPECT_THAT(fetched.chain, IsEmpty());
}

TEST(Fetch, ADeadlineInThePastIsOverAtOnce)
{
    const HttpsPeer peer(good(), saying(answer_of(policy)));
    const auto fetched = get(question_for(peer.port(), -1s));
    EXPECT_EQ(fetched.fault, FetchFault::timeout);
    EXPECT_EQ(fetched.detail, "no time was left for it");
    EXPECT_EQ(peer.accepted(), 0);
}

TEST(Fetch, PlainTextIsNoTls)
{
    const HttpsPeer peer([](asio::ip::tcp::socket& socket) {
        std::error_code fault;
        asio::write(socket, asio::buffer("HTTP/1.1 400 Bad Request\r\n\r\n", 28), fault);
        std::string more(1024, '\0');
        while (!fault)
            socket.read_some(asio::buffer(more), fault);
    });
    const auto fetched = get(question_for(peer.port()));
    EXPECT_EQ(fetched.fault, FetchFault::tls);
    EXPECT_EQ(fetched.detail, "the TLS handshake failed: wrong version number");
}

TEST(Fetch, AConnectionThatEndsInTheHandshakeSaysSo)
{
    const HttpsPeer peer([](asio::ip::tcp::socket&) {});
    const auto fetched = get(question_for(peer.port()));
    EXPECT_EQ(fetched.fault, FetchFault::tls);
    EXPECT_THAT(fetched.detail, StartsWith("the TLS handshake failed: "));
}

std::string distrust_with(const std::vector<pki::Issued>& chain)
{
    const HttpsPeer peer(chain, saying(answer_of(policy)));
    const auto fetched = get(question_for(peer.port()));
    EXPECT_EQ(fetched.body, policy) << "whether to believe it is for the judging to say";
    return distrust(fetched);
}

TEST(PolicyHost, IsBelievedAsAWebServerIs)
{
    EXPECT_EQ(distrust_with(chain_of({.names = {"DNS:*.example.test"}})), "");
    EXPECT_THAT(
        distrust_with(chain_of({.names = {"DNS:" + host}, .from = -48h, .until = -24h})),
        HasSubstr(" expired on ")
    );
    EXPECT_THAT(
        distrust_with(chain_of({.names = {"DNS:" + host}, .from = 24h, .until = 48h})),
        HasSubstr(" is not valid before ")
    );
    EXPECT_EQ(
        distrust_with(chain_of({.names = {"DNS:example.test"}})),
        "the certificate names example.test, not mta-sts.example.test"
    );
    EXPECT_EQ(
        distrust_with(chain_of({.common_name = host})),
        "only the common name of the certificate is mta-sts.example.test: it has no DNS name"
    );
    EXPECT_THAT(
        distrust_with({pki::issue({.names = {"DNS:" + host}}, nullptr, now())}),
        HasSubstr("is signed by itself, and is not trusted")
    );
    const auto other = pki::issue({.common_name = "other", .authority = true}, nullptr, now());
    EXPECT_NE(distrust_with({pki::issue({.names = {"DNS:" + host}}, &other, now()), other}), "");
    EXPECT_NE(distrust_with(chain_of({.names = {"DNS:" + host}, .purpose = "clientAuth"})), "");
}

TEST(PolicyHost, IsNotBelievedWithAWeakKeyOrWithoutACertificate)
{
    const auto weak = chain_of({.names = {"DNS:" + host}, .algorithm = pki::Algorithm::rsa_1024});
    const std::vector chain{weak[0].certificate, weak[1].certificate};
    EXPECT_THAT(distrust({.chain = chain}), HasSubstr("1024"));
    EXPECT_EQ(distrust({}), "it has sent no certificate");
}

TEST(Fetch, NoListenerIsNoConnection)
{
    const support::RefusedTcpPort refused;
    auto question = question_for(refused.number());
    question.addresses.push_back(asio::ip::make_address("127.0.0.2"));
    const auto fetched = get(question);
    EXPECT_EQ(fetched.fault, FetchFault::connect);
    EXPECT_EQ(fetched.detail, "no connection could be opened: Connection refused");
}

TEST(Fetch, TheFirstAddressThatAnswersServes)
{
    const support::RefusedTcpPort elsewhere;
    const HttpsPeer peer(good(), saying(answer_of(policy)), "127.0.0.2", elsewhere.number());
    auto question = question_for(peer.port());
    question.addresses = {
        asio::ip::make_address("::1"), asio::ip::make_address("127.0.0.1"),
        asio::ip::make_address("127.0.0.2")};
    const auto fetched = get(question);
    EXPECT_EQ(fetched.body, policy) << fetched.detail;
    EXPECT_EQ(fetched.peer, asio::ip::make_address("127.0.0.2"));
}

TEST(Fetch, ConnectsToNothingButTheAddressesGiven)
{
    const support::RefusedTcpPort refused;
    const HttpsPeer elsewhere(good(), saying(answer_of("elsewhere")), "127.0.0.1", refused.number());
    auto question = question_for(elsewhere.port());
    question.host = "localhost";
    question.addresses = {asio::ip::make_address("127.0.0.3")};
    EXPECT_EQ(get(question).fault, FetchFault::connect);
    question.addresses.clear();
    const auto fetched = get(question);
    EXPECT_EQ(fetched.fault, FetchFault::no_address);
    EXPECT_EQ(fetched.detail, "it has no address");
    EXPECT_EQ(elsewhere.accepted(), 0);
}

TEST(Fetch, AHostThatIsNoNameIsRefused)
{
    auto question = question_for(443);
    for (const auto* name :
         {"", "a@b.test", "a.test/x", "a.test:25", "a\\032b.test", "*.test", "a b", "a,b"}) {
        question.host = name;
        EXPECT_EQ(get(question).fault, FetchFault::no_address) << name;
    }
}

TEST(Fetch, TheEnvironmentHasNoSay)
{
    const HttpsPeer proxy(good(), saying("HTTP/1.1 500 no\r\n\r\n"));
    const auto address = "http://127.0.0.1:" + std::to_string(proxy.port());
    for (const auto* variable : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"})
        ::setenv(variable, address.c_str(), 1);
    const auto fetched = get(saying(answer_of(policy)));
    for (const auto* variable : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"})
        ::unsetenv(variable);
    EXPECT_EQ(fetched.body, policy) << fetched.detail;
    EXPECT_EQ(proxy.accepted(), 0);
}

TEST(Fetch, ManyAtOnceDoNotMix)
{
    const HttpsPeer peer(good(), [](HttpsConnection& connection) {
        const auto head = connection.read_head();
        connection.write(answer_of(head.substr(0, head.find(" HTTP"))));
    });
    asio::io_context io(1);
    std::vector<std::optional<Fetched>> fetched(50);
    for (std::size_t i = 0; i < fetched.size(); ++i) {
        auto question = question_for(peer.port());
        question.path = "/" + std::to_string(i);
        start(io, std::move(question), fetched[i]);
    }
    io.run();
    for (std::size_t i = 0; i < fetched.size(); ++i)
        EXPECT_EQ(fetched[i].value().body, "GET /" + std::to_string(i)) << fetched[i].value().detail;
    EXPECT_EQ(peer.accepted(), 50);
}

std::size_t open_descriptors()
{
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
        ++count;
    return count;
}

/// At one moment after another, from before the first connection to the middle of the body.
void abandon_at_every_moment()
{
    const HttpsPeer peer(good(), stalling_behind("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nabc"));
    bool is_all = false;
    for (int steps = 0; !is_all; ++steps) {
        std::optional<Fetched> fetched;
        {
            asio::io_context io(1);
            start(io, question_for(peer.port()), fetched);
            for (int i = 0; i < steps && !is_all; ++i)
                is_all = io.run_one_for(hasty) == 0;
        }
        ASSERT_FALSE(fetched);
        ASSERT_LT(steps, 100) << "nothing comes behind the beginning of the body";
    }
    EXPECT_GT(peer.accepted(), 0);
}

TEST(Fetch, AbandonedAtAnyMomentLeavesNothing)
{
    get(saying(answer_of(policy)));
    const auto before = open_descriptors();
    abandon_at_every_moment();
    EXPECT_EQ(open_descriptors(), before);
}

TEST(Fetch, CanBeCancelled)
{
    const HttpsPeer peer(good(), stalling_behind(""));
    asio::io_context io(1);
    asio::cancellation_signal signal;
    std::exception_ptr thrown;
    asio::co_spawn(
        io, probe::fetch(question_for(peer.port())),
        asio::bind_cancellation_slot(
            signal.slot(), [&](std::exception_ptr why, const Fetched&) { thrown = std::move(why); }
        )
    );
    while (peer.accepted() == 0)
        io.run_one();
    signal.emit(asio::cancellation_type::terminal);
    io.restart();
    io.run();
    EXPECT_THROW(std::rethrow_exception(thrown), std::system_error);
}

} // namespace
