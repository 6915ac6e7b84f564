#include "report/json.hpp"

#include "golden.hpp"
#include "verdicts.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace report
{
namespace
{

using golden::same;
using Json = nlohmann::ordered_json;
using testing::ElementsAre;

std::vector<std::string> keys(const Json& object)
{
    std::vector<std::string> all;
    for (const auto& [key, value] : object.items())
        all.push_back(key);
    return all;
}

Json parsed(const probe::Verdict& verdict)
{
    return Json::parse(ndjson(verdict));
}

TEST(JsonReport, IsAnIndentedArray)
{
    EXPECT_TRUE(same(json(std::vector{verdicts::mismatch()}), "mismatch.json"));
    EXPECT_TRUE(same(json(std::vector{verdicts::failures()}), "failures.json"));
    EXPECT_TRUE(same(json(std::vector{verdicts::null_mx(), verdicts::no_domain()}), "several.json"));
    EXPECT_EQ(json({}), "[]\n");
}

TEST(JsonReport, IsOneLineATargetInNdjson)
{
    EXPECT_TRUE(same(ndjson(verdicts::well()), "well.ndjson"));
    const auto text = ndjson(verdicts::failures());
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_EQ(Json::parse(json(std::vector{verdicts::failures()})).at(0), Json::parse(text));
}

TEST(JsonReport, HasWhatTheUserSaidOfTheTarget)
{
    auto verdict = verdicts::well();
    verdict.label = "M\xc3\xbcller\x1b[31m";
    verdict.contact = "ann@example.org";
    EXPECT_EQ(parsed(verdict)["label"], "M\xc3\xbcller\\x1b[31m");
    EXPECT_EQ(parsed(verdict)["contact"], "ann@example.org");
}

TEST(JsonReport, HasEveryPromisedKeyInItsOrder)
{
    for (const auto& verdict : {verdicts::mismatch(), verdicts::failures(), verdicts::interrupted()}) {
        const auto target = parsed(verdict);
        EXPECT_THAT(
            keys(target),
            ElementsAre(
                "schema", "target", "domain", "label", "contact", "started", "elapsed_ms", "status",
                "confidence", "dns", "hosts", "outcomes", "mta_sts", "tls_rpt", "findings"
            )
        );
        EXPECT_THAT(keys(target["confidence"]), ElementsAre("factor", "max", "best", "reasons", "extras"));
        EXPECT_THAT(keys(target["confidence"]["reasons"][0]), ElementsAre("points", "code", "host"));
        EXPECT_THAT(keys(target["dns"]), ElementsAre("mx", "dnssec"));
        EXPECT_THAT(
            keys(target["hosts"][0]),
            ElementsAre("host", "preference", "dnssec", "tlsa", "mta_sts", "factor", "endpoints", "findings")
        );
        EXPECT_THAT(
            keys(target["outcomes"]),
            ElementsAre(
                "none", "preferred", "required", "preferred-verify", "required-verify", "dane", "mta-sts"
            )
        );
    }
}

TEST(JsonReport, HasEveryPromisedKeyOfAnEndpoint)
{
    const auto verdict = parsed(verdicts::failures());
    for (const auto& host : verdict["hosts"]) {
        for (const auto& endpoint : host["endpoints"]) {
            EXPECT_THAT(
                keys(endpoint),
                ElementsAre(
                    "address", "port", "shared", "reverse", "greeting", "greeting_name", "ehlo_name",
                    "extensions", "stages", "tls", "identity", "chain", "dane", "mta_sts", "key_types",
                    "other_chain", "other_dane", "plaintext", "offered", "outcomes", "findings"
                )
            );
            EXPECT_THAT(
                keys(endpoint["stages"]),
                ElementsAre("answer", "connect", "helo", "tls", "cert", "secure", "from", "to")
            );
            for (const auto& stage : endpoint["stages"])
                EXPECT_THAT(keys(stage), ElementsAre("result", "ms"));
            EXPECT_THAT(keys(endpoint["identity"]), ElementsAre("reference", "matched", "by"));
            for (const auto& finding : endpoint["findings"])
                EXPECT_THAT(
                    keys(finding), ElementsAre("code", "severity", "message", "text", "result_type", "remedy")
                );
        }
    }
}

TEST(JsonReport, DescribesHandshakeAndChain)
{
    const auto target = parsed(verdicts::well());
    const auto& endpoint = target["hosts"][0]["endpoints"][0];
    EXPECT_THAT(keys(endpoint["tls"]), ElementsAre("version", "cipher", "bits", "group", "forward_secrecy"));
    EXPECT_EQ(endpoint["chain"].size(), 2u);
    EXPECT_THAT(
        keys(endpoint["chain"][0]), ElementsAre(
                                        "subject", "issuer", "serial", "not_before", "not_after", "days_left",
                                        "key", "signature", "names", "sha256", "spki_sha256", "verdict"
                                    )
    );
}

TEST(JsonReport, SaysWhetherASessionWasShared)
{
    auto verdict = verdicts::well();
    verdict.hosts[0].endpoints[1].shared = true;
    const auto endpoints = parsed(verdict)["hosts"][0]["endpoints"];
    EXPECT_EQ(endpoints[0]["shared"], false);
    EXPECT_EQ(endpoints[1]["shared"], true);
}

TEST(JsonReport, KeepsTheContractsValues)
{
    const auto target = parsed(verdicts::mismatch());
    EXPECT_EQ(target["schema"], "mxtls/1");
    EXPECT_EQ(target["started"], "2026-11-20T12:00:00.123Z");
    EXPECT_EQ(target["elapsed_ms"].dump(), "1204.7");
    EXPECT_EQ(target["status"], "CRITICAL");
    EXPECT_EQ(target["dns"]["mx"], "found");
    const auto& endpoint = target["hosts"][0]["endpoints"][0];
    EXPECT_EQ(endpoint["greeting"], "220 mx1.example.com ESMTP");
    EXPECT_EQ(endpoint["ehlo_name"], "mx1.example.com");
    EXPECT_EQ(endpoint["stages"]["cert"]["result"], "fail");
    EXPECT_EQ(endpoint["stages"]["cert"]["ms"].dump(), "0.95");
    EXPECT_EQ(endpoint["stages"]["to"]["result"], "fail");
    EXPECT_EQ(endpoint["identity"]["by"], "none");
    EXPECT_EQ(target["outcomes"]["required-verify"], "not-sent");
}

TEST(JsonReport, HasEveryKeyOfALineThatIsNoTarget)
{
    EXPECT_TRUE(same(ndjson(verdicts::invalid()), "invalid.ndjson"));
    const auto line = parsed(verdicts::invalid());
    EXPECT_EQ(keys(line), keys(parsed(verdicts::well())));
    EXPECT_TRUE(line["domain"].is_null());
    EXPECT_TRUE(line["dns"]["mx"].is_null());
}

TEST(JsonReport, SaysNullForWhatIsNotKnown)
{
    const auto given = parsed(verdicts::given_address());
    EXPECT_TRUE(given["dns"]["mx"].is_null());
    EXPECT_TRUE(given["mta_sts"].is_null());
    EXPECT_TRUE(given["tls_rpt"].is_null());
    EXPECT_EQ(given["outcomes"]["dane"], "n/a");
    EXPECT_TRUE(given["hosts"][0]["preference"].is_null());
    EXPECT_TRUE(given["hosts"][0]["endpoints"][0]["identity"]["reference"].is_null());
    EXPECT_TRUE(parsed(verdicts::null_mx())["confidence"]["factor"].is_null());

    const auto failures = parsed(verdicts::failures());
    const auto& refused = failures["hosts"][0]["endpoints"][0];
    for (const auto* key : {"greeting", "ehlo_name", "extensions", "tls", "chain", "dane", "key_types"})
        EXPECT_TRUE(refused[key].is_null()) << key;
    EXPECT_EQ(refused["identity"]["reference"], "mx1.example.com");
    EXPECT_EQ(refused["stages"]["connect"]["result"], "skip");
    EXPECT_TRUE(refused["stages"]["connect"]["ms"].is_null());
    EXPECT_TRUE(failures["hosts"][7]["factor"].is_null());
}

TEST(JsonReport, TellsWhatWasAskedBeyondTheUsual)
{
    auto verdict = verdicts::well();
    auto& endpoint = verdict.hosts[0].endpoints[0];
    endpoint.other_keys.push_back({smtp::KeyType::rsa, {}, endpoint.chain});
    endpoint.key_states = {probe::KeyState::fail, probe::KeyState::ok};
    endpoint.in_clear.emplace();
    endpoint.plaintext = probe::Plaintext::unknown;
    const auto told = parsed(verdict)["hosts"][0]["endpoints"][0];
    EXPECT_EQ(told["key_types"].dump(), R"({"ecdsa":"ok","rsa":"fail"})");
    EXPECT_EQ(told["other_chain"], told["chain"]);
    EXPECT_EQ(told["plaintext"], "unknown");
}

TEST(JsonReport, WritesEveryMicrosecondWithoutNoise)
{
    auto verdict = verdicts::null_mx();
    for (long count = 0; count < 2'000'000; count += 4'999) {
        verdict.elapsed = std::chrono::microseconds(count);
        const auto text = parsed(verdict)["elapsed_ms"].dump();
        const auto point = text.find('.');
        ASSERT_NE(point, std::string::npos) << text;
        ASSERT_LE(text.size() - point - 1, 3u) << text;
    }
}

} // namespace
} // namespace report
