#include "dns/message.hpp"

#include "support/dns_octets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace
{

using dns::Type;
using support::DnsReply;
using support::Octets;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint16_t some_id = 0x1234;

dns::Question asked(Type type, std::string name = "example.test")
{
    return {std::move(name), type};
}

std::optional<dns::Message> decoded(Type type, const DnsReply& reply)
{
    return dns::decode(support::message_octets(some_id, "example.test", type, reply), asked(type));
}

Octets with(Octets octets, const Octets& more)
{
    octets.insert(octets.end(), more.begin(), more.end());
    return octets;
}

/// The header and question of a response about example.test, with that many answers; the name is at 12.
Octets opening(Type type, unsigned answers)
{
    auto octets = support::message_octets(some_id, "example.test", type, {});
    octets[7] = static_cast<std::uint8_t>(answers);
    return octets;
}

std::optional<dns::Message> decoded(Type type, unsigned answers, const Octets& rest)
{
    return dns::decode(with(opening(type, answers), rest), asked(type));
}

TEST(Encode, AsksWithRecursionAuthenticationAndEdns)
{
    const auto octets = dns::encode(asked(Type::tlsa, "_25._tcp.mx.test"), some_id, {});
    EXPECT_EQ(octets, (Octets{0x12, 0x34, 0x01, 0x20, 0,   1,   0,  0,    0,    0, 0,   1,   3,   '_', '2',
                              '5',  4,    '_',  't',  'c', 'p', 2,  'm',  'x',  4, 't', 'e', 's', 't', 0,
                              0,    52,   0,    1,    0,   0,   41, 0x04, 0xd0, 0, 0,   0,   0,   0,   0}));
}

TEST(Encode, CanDisableCheckingAndLeaveEdnsOut)
{
    const auto octets = dns::encode(asked(Type::a, "."), some_id, {true, false});
    EXPECT_EQ(octets, (Octets{0x12, 0x34, 0x01, 0x30, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1}));
}

TEST(Decode, ReadsAddresses)
{
    DnsReply reply;
    reply.answers = {
        support::a_record("example.test", "192.0.2.1"), support::a_record("EXAMPLE.test", "192.0.2.2")};
    const auto message = decoded(Type::a, reply);
    ASSERT_TRUE(message);
    ASSERT_EQ(message->records.size(), 2u);
    EXPECT_EQ(message->records[0].data, dns::Record(asio::ip::make_address("192.0.2.1")));
    EXPECT_EQ(message->records[1].owner, "example.test");
    EXPECT_EQ(message->records[1].ttl, 300u);

    reply.answers = {support::aaaa_record("example.test", "2001:db8::1")};
    const auto six = decoded(Type::aaaa, reply);
    ASSERT_TRUE(six);
    EXPECT_EQ(six->records.at(0).data, dns::Record(asio::ip::make_address("2001:db8::1")));
}

TEST(Decode, ReadsMx)
{
    DnsReply reply;
    reply.answers = {
        support::mx_record("example.test", 5, "MX1.Example.test."),
        support::mx_record("example.test", 0, ".")};
    const auto message = decoded(Type::mx, reply);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->records.at(0).data, dns::Record(dns::Mx{5, "mx1.example.test"}));
    EXPECT_EQ(message->records.at(1).data, dns::Record(dns::Mx{0, "."}));
}

TEST(Decode, ReadsPtr)
{
    DnsReply reply;
    reply.answers = {
        support::ptr_record("example.test", "MX1.Example.test."), support::ptr_record("example.test", ".")};
    const auto message = decoded(Type::ptr, reply);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->records.at(0).data, dns::Record(dns::Ptr{"mx1.example.test"}));
    EXPECT_EQ(message->records.at(1).data, dns::Record(dns::Ptr{"."}));
}

TEST(Decode, EscapesTheNameOfAPtr)
{
    const auto message = decoded(Type::ptr, 1, {0xc0, 12, 0,   12,  0,   1,    0,   0, 0,    9, 0,
                                                9,    7,  'M', '.', 'x', 0x1b, '[', 0, 0x9b, 0});
    ASSERT_TRUE(message);
    EXPECT_EQ(message->records.at(0).data, dns::Record(dns::Ptr{"m\\046x\\027[\\000\\155"}));
}

TEST(Decode, JoinsTheStringsOfText)
{
    DnsReply reply;
    reply.answers = {
        support::txt_record("example.test", {"v=STSv1; ", "id=1", "", std::string("\0\xff", 2)}),
        support::txt_record("example.test", {""}), support::txt_record("example.test", {}),
        support::txt_record("example.test", {std::string(255, 'a'), "b"})};
    const auto message = decoded(Type::txt, reply);
    ASSERT_TRUE(message);
    EXPECT_EQ(
        message->records.at(0).data, dns::Record(dns::Text{"v=STSv1; id=1" + std::string("\0\xff", 2)})
    );
    EXPECT_EQ(message->records.at(1).data, dns::Record(dns::Text{""}));
    EXPECT_EQ(message->records.at(2).data, dns::Record(dns::Text{""}));
    EXPECT_EQ(message->records.at(3).data, dns::Record(dns::Text{std::string(255, 'a') + "b"}));
}

TEST(Decode, RefusesTextThatEndsInsideAString)
{
    auto record = support::txt_record("example.test", {"abc"});
    record.data[0] = 4;
    DnsReply reply;
    reply.answers = {record};
    EXPECT_FALSE(decoded(Type::txt, reply));
}

TEST(Decode, ReadsTlsaOfAnyLength)
{
    const Octets data{3, 1, 1, 0xab, 0xcd};
    for (std::size_t size = 0; size <= data.size(); ++size) {
        DnsReply reply;
        reply.answers = {support::tlsa_record(
            "example.test", Octets(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size))
        )};
        const auto message = decoded(Type::tlsa, reply);
        ASSERT_TRUE(message) << size;
        dns::Tlsa expected;
        expected.usage = size > 0 ? 3 : 0;
        expected.selector = size > 1 ? 1 : 0;
        expected.matching = size > 2 ? 1 : 0;
        expected.missing = static_cast<std::uint8_t>(3 - std::min<std::size_t>(size, 3));
        if (size > 3)
            expected.data.assign(data.begin() + 3, data.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(message->records.at(0).data, dns::Record(expected));
    }
}

TEST(Decode, ReadsTlsaThatFillsAMessage)
{
    Octets data(65'000, 0x5a);
    data[0] = 2;
    data[1] = 0;
    data[2] = 0;
    DnsReply reply;
    reply.answers = {support::tlsa_record("example.test", data)};
    const auto message = decoded(Type::tlsa, reply);
    ASSERT_TRUE(message);
    const dns::Tlsa expected{2, 0, 0, {data.begin() + 3, data.end()}};
    EXPECT_EQ(message->records.at(0).data, dns::Record(expected));
}

TEST(Decode, ReadsNameServers)
{
    DnsReply reply;
    reply.answers = {
        support::ns_record("example.test", "NS1.example.test"), support::ns_record("example.test", ".")};
    const auto message = decoded(Type::ns, reply);
    ASSERT_TRUE(message);
    EXPECT_FALSE(message->referral);
    EXPECT_EQ(message->records.at(0).data, dns::Record(dns::Ns{"ns1.example.test"}));
    EXPECT_EQ(message->records.at(1).data, dns::Record(dns::Ns{"."}));
}

TEST(Decode, RefusesDataOfTheWrongLength)
{
    for (const auto type : {Type::a, Type::aaaa, Type::mx, Type::cname, Type::ptr, Type::ns}) {
        for (std::size_t size = 0; size < 20; ++size) {
            if ((type == Type::a && size == 4) || (type == Type::aaaa && size == 16))
                continue;
            // As MX, CNAME and PTR, a name of labels of one octet that never comes to its end in time.
            support::DnsRecord record{"example.test", static_cast<std::uint16_t>(type), Octets(size, 1)};
            DnsReply reply;
            reply.answers = {record};
            EXPECT_FALSE(decoded(type, reply)) << static_cast<int>(type) << " " << size;
        }
    }
    auto mx = support::mx_record("example.test", 1, "mx.test");
    mx.data.push_back(0);
    DnsReply reply;
    reply.answers = {mx};
    EXPECT_FALSE(decoded(Type::mx, reply));
}

TEST(Decode, KeepsOnlyWhatWasAskedFor)
{
    DnsReply reply;
    auto chaos = support::a_record("example.test", "192.0.2.9");
    chaos.klass = 3;
    reply.answers = {
        chaos, support::txt_record("example.test", {"no"}), support::a_record("example.test", "192.0.2.1")};
    reply.authorities = {
        support::ns_record("test", "ns.test"), support::a_record("example.test", "192.0.2.7")};
    reply.additionals = {support::a_record("example.test", "192.0.2.8")};
    const auto message = decoded(Type::a, reply);
    ASSERT_TRUE(message);
    ASSERT_EQ(message->records.size(), 1u);
    EXPECT_EQ(message->records[0].data, dns::Record(asio::ip::make_address("192.0.2.1")));
    EXPECT_FALSE(message->referral);
}

TEST(Decode, ReadsHeaderBitsAndRcode)
{
    DnsReply reply;
    reply.authenticated = true;
    reply.rcode = 3;
    reply.authorities = {support::soa_record("test")};
    auto message = decoded(Type::a, reply);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->authenticated);
    EXPECT_TRUE(message->start_of_authority);
    EXPECT_EQ(message->rcode, dns::Rcode::name_error);

    reply.authenticated = false;
    reply.additionals = {support::opt_record(1)};
    message = decoded(Type::a, reply);
    ASSERT_TRUE(message);
    EXPECT_FALSE(message->authenticated);
    EXPECT_EQ(static_cast<int>(message->rcode), 19); // RFC 6891 §6.1.3
}

std::uint32_t negative_ttl(std::vector<support::DnsRecord> authorities)
{
    DnsReply reply;
    reply.authorities = std::move(authorities);
    const auto message = decoded(Type::a, reply);
    EXPECT_TRUE(message);
    return message ? message->negative_ttl : 0;
}

TEST(Decode, ReadsHowLongNothingStaysNothing)
{
    const auto soa = [](std::uint32_t ttl, std::uint32_t minimum) {
        auto record = support::soa_record("test", minimum);
        record.ttl = ttl;
        return record;
    };
    EXPECT_EQ(negative_ttl({soa(300, 60)}), 60u);
    EXPECT_EQ(negative_ttl({soa(60, 300)}), 60u);
    EXPECT_EQ(negative_ttl({soa(0x7fffffff, 0x7fffffff)}), 0x7fffffffu);
    EXPECT_EQ(negative_ttl({soa(300, 0x80000000)}), 0u);
    EXPECT_EQ(negative_ttl({soa(0x80000000, 300)}), 0u);
    EXPECT_EQ(negative_ttl({soa(300, 60), soa(90, 30), soa(90, 80)}), 30u);
    EXPECT_EQ(negative_ttl({}), 0u);
    EXPECT_EQ(negative_ttl({support::ns_record("test", "ns.test")}), 0u);
    auto chaos = soa(300, 60);
    chaos.klass = 3;
    EXPECT_EQ(negative_ttl({chaos}), 0u);
}

TEST(Decode, AnSoaThatCannotBeReadSaysNothing)
{
    const auto whole = support::soa_record("test", 60);
    for (std::size_t size = 0; size < whole.data.size(); ++size) {
        auto cut = whole;
        cut.data.resize(size);
        EXPECT_EQ(negative_ttl({cut}), 0u) << size;
    }
    auto longer = whole;
    longer.data.push_back(0);
    EXPECT_EQ(negative_ttl({longer}), 0u);
    EXPECT_EQ(negative_ttl({longer, whole}), 0u) << "the least counts";
}

TEST(Decode, TellsAReferralFromNoData)
{
    DnsReply reply;
    reply.authorities = {support::ns_record("test", "ns.test")};
    EXPECT_TRUE(decoded(Type::a, reply)->referral);
    reply.authorities.push_back(support::soa_record("test"));
    EXPECT_FALSE(decoded(Type::a, reply)->referral);
    EXPECT_FALSE(decoded(Type::a, DnsReply{})->referral);
}

TEST(Decode, ReadsNoFurtherWhereTruncated)
{
    DnsReply reply;
    reply.truncated = true;
    reply.answers = {support::a_record("example.test", "192.0.2.1")};
    auto octets = support::message_octets(some_id, "example.test", Type::a, reply);
    octets.resize(octets.size() - 2);
    const auto message = dns::decode(octets, asked(Type::a));
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->truncated);
    EXPECT_THAT(message->records, IsEmpty());
}

TEST(Decode, TakesATtlWithTheHighestBitAsZero)
{
    auto record = support::a_record("example.test", "192.0.2.1");
    DnsReply reply;
    record.ttl = 0x80000000u;
    reply.answers.push_back(record);
    record.ttl = 0x7fffffffu;
    reply.answers.push_back(record);
    const auto message = decoded(Type::a, reply);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->records.at(0).ttl, 0u);
    EXPECT_EQ(message->records.at(1).ttl, 0x7fffffffu);
}

TEST(Decode, WantsTheQuestionThatWasAsked)
{
    const auto octets = support::message_octets(some_id, "ExAmPlE.tEsT", Type::a, {});
    EXPECT_TRUE(dns::decode(octets, asked(Type::a)));
    EXPECT_FALSE(dns::decode(octets, asked(Type::aaaa)));
    EXPECT_FALSE(dns::decode(octets, asked(Type::a, "example2.test")));
    auto other_class = octets;
    other_class.back() = 3;
    EXPECT_FALSE(dns::decode(other_class, asked(Type::a)));
    auto no_response = octets;
    no_response[2] &= 0x7f;
    EXPECT_FALSE(dns::decode(no_response, asked(Type::a)));
    auto notify = octets;
    notify[2] |= 0x20;
    EXPECT_FALSE(dns::decode(notify, asked(Type::a)));
    for (const unsigned char count : {'\0', '\2'}) {
        auto questions = octets;
        questions[5] = count;
        EXPECT_FALSE(dns::decode(questions, asked(Type::a)));
    }
}

TEST(Decode, FollowsPointersBackward)
{
    // Alias: example.test → www.example.test, whose record points at that name in the first one's data.
    const auto message =
        decoded(Type::a, 2, {0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 6, 3,   'W', 'w', 'w', 0xc0, 12, // at 42
                             0xc0, 42, 0, 1, 0, 1, 0, 0, 0, 8, 0, 4, 192, 0,   2,   1});
    ASSERT_TRUE(message);
    EXPECT_THAT(message->aliases, ElementsAre(dns::Cname{"example.test", "www.example.test", 9}));
    ASSERT_EQ(message->records.size(), 1u);
    EXPECT_EQ(message->records[0].owner, "www.example.test");
}

TEST(Decode, RefusesPointersThatDoNotLeadBack)
{
    const Octets tail{0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 1};
    struct
    {
        const char* what;
        Octets owner;
    } const cases[] = {
        {"to itself", {0xc0, 30}},
        {"forward", {0xc0, 32}},
        {"beyond the end", {0xff, 0xff}},
        {"into the header", {0xc0, 4}},
        {"to the start of its own name", {1, 'a', 0xc0, 30}},
        {"into its own name", {1, 'a', 0xc0, 31}},
        {"a label type of RFC 2673", {0x41, 'a', 0}},
        {"a label type that was never", {0x80, 'a', 0}},
    };
    ASSERT_EQ(opening(Type::a, 1).size(), 30u);
    for (const auto& [what, owner] : cases)
        EXPECT_FALSE(decoded(Type::a, 1, with(owner, tail))) << what;
    EXPECT_TRUE(decoded(Type::a, 1, with(Octets{0xc0, 12}, tail)));
    EXPECT_TRUE(decoded(Type::a, 1, with(Octets{0xc0, 20}, tail)));
}

TEST(Decode, RefusesANameThatPointersMakeTooLong)
{
    // Three labels of 63 in the first record's data, then "aa…" in front of a pointer to them.
    const auto label = [](std::size_t size) {
        return with({static_cast<std::uint8_t>(size)}, Octets(size, 'a'));
    };
    Octets target = with(with(with(label(63), label(63)), label(63)), {0});
    const auto chained = [&](std::size_t size) {
        Octets rest{0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, static_cast<std::uint8_t>(target.size())};
        rest =
            with(with(rest, target), with(label(size), {0xc0, 42, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4}));
        return decoded(Type::a, 2, rest).has_value();
    };
    EXPECT_TRUE(chained(61)); // 255 octets
    EXPECT_FALSE(chained(62));
}

TEST(Decode, EscapesNames)
{
    const auto message = decoded(Type::mx, 1, {0xc0, 12, 0, 15, 0,   1,   0,   0,    0,    9,    0,
                                               10,   0,  1, 6,  'A', '.', ' ', '\\', 0x1b, 0xff, 0});
    ASSERT_TRUE(message);
    EXPECT_EQ(message->records.at(0).data, dns::Record(dns::Mx{1, "a\\046\\032\\092\\027\\255"}));
}

TEST(Decode, RefusesTwoDifferentAliasesOfOneName)
{
    DnsReply reply;
    reply.answers = {
        support::cname_record("example.test", "a.test"), support::cname_record("example.test", "A.test")};
    const auto message = decoded(Type::a, reply);
    ASSERT_TRUE(message);
    EXPECT_THAT(message->aliases, ElementsAre(dns::Cname{"example.test", "a.test", 300}));
    reply.answers.push_back(support::cname_record("example.test", "b.test"));
    EXPECT_FALSE(decoded(Type::a, reply));
}

TEST(Decode, KeepsABoundedNumberOfRecords)
{
    DnsReply reply;
    reply.answers.assign(dns::max_records, support::a_record("example.test", "192.0.2.1"));
    const auto message = decoded(Type::a, reply);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->records.size(), dns::max_records);
    reply.answers.push_back(reply.answers.front());
    EXPECT_FALSE(decoded(Type::a, reply));
}

TEST(Decode, KeepsABoundedNumberOfOctets)
{
    auto octets = support::message_octets(some_id, "example.test", Type::a, {});
    octets.resize(dns::max_message); // what follows the last record is nobody's
    EXPECT_TRUE(dns::decode(octets, asked(Type::a)));
    octets.push_back(0);
    EXPECT_FALSE(dns::decode(octets, asked(Type::a)));
}

/// One response of each type, with an alias, authority and additional sections.
std::vector<std::pair<Type, Octets>> corpus()
{
    const auto response = [](Type type, support::DnsRecord record) {
        DnsReply reply;
        reply.answers = {support::cname_record("example.test", "www.test"), std::move(record)};
        reply.authorities = {support::soa_record("test"), support::ns_record("test", "ns.test")};
        reply.additionals = {support::opt_record(0)};
        return std::pair{type, support::message_octets(some_id, "example.test", type, reply)};
    };
    return {
        response(Type::a, support::a_record("www.test", "192.0.2.1")),
        response(Type::aaaa, support::aaaa_record("www.test", "2001:db8::1")),
        response(Type::mx, support::mx_record("www.test", 10, "mx.test")),
        response(Type::ptr, support::ptr_record("www.test", "mx.test")),
        response(Type::txt, support::txt_record("www.test", {"one", "two"})),
        response(Type::tlsa, support::tlsa_record("www.test", {3, 1, 1, 0xab})),
        {Type::mx,
         with(opening(Type::mx, 2), {0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 4, 1, 'w', 0xc0, 12,   0xc0, 42,
                                     0,    15, 0, 1, 0, 0, 0, 8, 0, 7, 0, 1, 2, 'm', 'x',  0xc0, 12})},
    };
}

TEST(Decode, RefusesEveryPrefix)
{
    for (const auto& [type, octets] : corpus()) {
        ASSERT_TRUE(dns::decode(octets, asked(type)));
        for (std::size_t size = 0; size < octets.size(); ++size) {
            const Octets prefix(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
            EXPECT_FALSE(dns::decode(prefix, asked(type))) << static_cast<int>(type) << " " << size;
        }
    }
}

/// What a reader of lengths, pointers and counts is most likely to trip over.
Octets neighbours(std::uint8_t octet)
{
    Octets others{0x00, 0x01, 0x0c, 0x3f, 0x40, 0x80, 0xc0, 0xff};
    for (unsigned bit = 1; bit < 256; bit <<= 1)
        others.push_back(static_cast<std::uint8_t>(octet ^ bit));
    return others;
}

TEST(Decode, SurvivesAChangeOfEveryOctet)
{
    for (const auto& [type, octets] : corpus()) {
        for (std::size_t at = 0; at < octets.size(); ++at) {
            auto changed = octets;
            for (const auto value : neighbours(octets[at])) {
                changed[at] = value;
                dns::decode(changed, asked(type));
            }
        }
    }
}

TEST(Decode, SurvivesNoise)
{
    std::mt19937 chance(1); // the same every time
    for (const auto& [type, octets] : corpus()) {
        for (int round = 0; round < 4'000; ++round) {
            auto changed = octets;
            for (int change = 0; change < 4; ++change)
                changed[chance() % changed.size()] = static_cast<std::uint8_t>(chance());
            dns::decode(changed, asked(type));
        }
    }
}

} // namespace
