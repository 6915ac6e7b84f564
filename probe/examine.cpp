#include "probe/examine.hpp"

#include "probe/dane_lookup.hpp"
#include "probe/routing.hpp"
#include "probe/sts_record.hpp"
#include "probe/survey_plan.hpp"
#include "probe/tasks.hpp"

#include <algorithm>
#include <memory>
#include <random>

namespace probe
{
namespace
{

using Clock = std::chrono::steady_clock;

smtp::HelloNonce new_nonce()
{
    std::random_device random;
    smtp::HelloNonce nonce{};
    std::ranges::generate(nonce, [&] { return static_cast<std::uint8_t>(random()); });
    return nonce;
}

/// Those that are given, so that no MX is asked for.
std::vector<HostPort> named_hosts(const Plan& plan, const Target& target)
{
    if (target.host)
        return {*target.host};
    if (!plan.hosts.empty() || !target.literal)
        return plan.hosts;
    return {{target.literal->to_string(), target.literal, std::nullopt}};
}

/// One target under examination.
class Examination
{
public:
    Examination(Observation& observation, const Plan& plan, Means& means)
        : seen_(observation), plan_(plan), means_(means), deadline_(Clock::now() + plan.timeout)
    {}

    asio::awaitable<void> run();

private:
    asio::awaitable<void> find_hosts();
    asio::awaitable<void> visit_all();
    asio::awaitable<void> visit(Host& host);
    asio::awaitable<void> visit_first();
    asio::awaitable<void> look_up(Host& host);
    asio::awaitable<void> look_up_tlsa(Host& host);
    asio::awaitable<void> look_up_policy();
    asio::awaitable<void> fetch_policy(std::string name);
    asio::awaitable<void> ask(std::optional<dns::Answer>& into, std::string name, dns::Type type);
    asio::awaitable<void> speak_with_all(Host& host);
    asio::awaitable<void> speak(Endpoint& endpoint, const Host& host);
    asio::awaitable<void> try_other_keys(Endpoint& endpoint, const Host& host);
    asio::awaitable<void> try_in_clear(Endpoint& endpoint, const Host& host);
    asio::awaitable<void> survey(Endpoint& endpoint, const Host& host);
    asio::awaitable<void> put(Asked& asked, const Endpoint& endpoint, const Host& host);
    asio::awaitable<void> try_resumption(Asked& asked, const Endpoint& endpoint, const Host& host);
    asio::awaitable<void> try_known_good();

    void settle_implicit_mx();
    std::optional<std::string> exclusion_behind(const Host& host) const;
    void forget_policy();
    void prepare_endpoints(Host& host);
    void find_names(Endpoint& endpoint);
    bool has_policies() const;
    std::string server_name(const Host& host) const;

    Observation& seen_;
    const Plan& plan_;
    Means& means_;
    Clock::time_point deadline_;
    std::size_t endpoints_ = 0;
    bool trying_known_good_ = false;

    // What is learned beside the sessions may be written into the observation for as long as this is there.
    std::shared_ptr<const bool> going_on_ = std::make_shared<const bool>(true);
};

asio::awaitable<void> Examination::run()
{
    co_await find_hosts();
    std::vector<asio::awaitable<void>> tasks;
    tasks.push_back(plan_.quick ? visit_first() : visit_all());
    if (has_policies() && plan_.mta_sts)
        tasks.push_back(look_up_policy());
    if (has_policies() && (plan_.mta_sts || plan_.dane))
        tasks.push_back(ask(seen_.tls_rpt_record, "_smtp._tls." + seen_.target.domain, dns::Type::txt));
    co_await all_of(std::move(tasks));
    settle_implicit_mx();
    co_await try_known_good();
}

asio::awaitable<void> Examination::find_hosts()
{
    const auto named = named_hosts(plan_, seen_.target);
    for (const auto& given : named)
        seen_.hosts.push_back(given_host(given.host, given.port.value_or(plan_.port)));
    if (!named.empty()) {
        seen_.route = Route::given;
        co_return;
    }
    const auto mx = co_await means_.ask(seen_.target.domain, dns::Type::mx, Subject::domain, deadline_);
    seen_.mx = *mx.value;
    auto routing = routing_of(*seen_.mx, plan_.port);
    seen_.route = routing.route;
    seen_.null_mx_beside_others = routing.null_mx_beside_others;
    seen_.hosts = std::move(routing.hosts);
}

/// A domain without MX is its own mail host only where it has an address; RFC 5321 §5.1.
void Examination::settle_implicit_mx()
{
    if (seen_.route != Route::implicit)
        return;
    const auto& host = seen_.hosts.front();
    const auto failed = [](const auto& answer) { return answer && answer->state == dns::State::failed; };
    const bool both_asked = host.ipv4 && host.ipv6;
    if (!both_asked || !host.endpoints.empty() || failed(host.ipv4) || failed(host.ipv6))
        return;
    seen_.route = Route::none;
    seen_.hosts.clear();
}

/// Whether what the domain says of its mail can mean anything here: there is a host, and one with a name,
/// since no policy can cover an address.
bool Examination::has_policies() const
{
    const auto has_name = [](const Host& host) { return !host.literal; };
    const bool is_domain = !seen_.target.literal && !seen_.target.host;
    return is_domain && std::ranges::any_of(seen_.hosts, has_name);
}

asio::awaitable<void> Examination::visit_all()
{
    std::vector<asio::awaitable<void>> visits;
    for (auto& host : seen_.hosts)
        visits.push_back(visit(host));
    co_await all_of(std::move(visits));
}

/// The TLSA look-up goes on beside the sessions, unless it has a say in the name to ask the server for.
asio::awaitable<void> Examination::visit(Host& host)
{
    if (!host.literal)
        host.excluded = means_.exclusion(host.name);
    co_await look_up(host);
    prepare_endpoints(host);
    std::vector<asio::awaitable<void>> tasks;
    const bool dane = plan_.dane && !trying_known_good_ && !host.endpoints.empty();
    if (dane && tlsa_base_domains(host).size() > 1)
        co_await look_up_tlsa(host);
    else if (dane)
        tasks.push_back(look_up_tlsa(host));
    tasks.push_back(speak_with_all(host));
    co_await all_of(std::move(tasks));
}

/// The first host with an address; those that mail would have to pass over before it are kept for the report.
asio::awaitable<void> Examination::visit_first()
{
    for (std::size_t at = 0; at < seen_.hosts.size(); ++at) {
        co_await visit(seen_.hosts[at]);
        if (seen_.hosts[at].endpoints.empty())
            continue;
        seen_.hosts.resize(at + 1);
        co_return;
    }
}

asio::awaitable<void> Examination::look_up(Host& host)
{
    if (host.literal || host.excluded)
        co_return;
    std::vector<asio::awaitable<void>> questions;
    if (plan_.ipv4)
        questions.push_back(ask(host.ipv4, host.name, dns::Type::a));
    if (plan_.ipv6)
        questions.push_back(ask(host.ipv6, host.name, dns::Type::aaaa));
    co_await all_of(std::move(questions));
    host.excluded = exclusion_behind(host);
}

/// A name that is excluded is not contacted under another one either.
std::optional<std::string> Examination::exclusion_behind(const Host& host) const
{
    for (const auto* answer : {&host.ipv4, &host.ipv6}) {
        if (!*answer)
            continue;
        for (const auto& alias : (*answer)->aliases) {
            if (auto rule = means_.exclusion(alias))
                return rule;
        }
    }
    return std::nullopt;
}

asio::awaitable<void> Examination::ask(std::optional<dns::Answer>& into, std::string name, dns::Type type)
{
    const bool is_own = seen_.route == Route::implicit || type == dns::Type::txt;
    const auto subject = is_own ? Subject::domain : Subject::host;
    const auto answer = co_await means_.ask(std::move(name), type, subject, deadline_);
    into = *answer.value;
}

asio::awaitable<void> Examination::look_up_tlsa(Host& host)
{
    if (needs_first_alias(host))
        co_await ask(host.first_alias, host.name, dns::Type::cname);
    const auto base_domains = tlsa_base_domains(host);
    for (const auto& base_domain : base_domains) {
        auto name = tlsa_name(base_domain, host.port);
        const auto answer = co_await means_.ask(std::move(name), dns::Type::tlsa, Subject::host, deadline_);
        host.tlsa.push_back({base_domain, *answer.value});
        if (decides(host.tlsa.back().answer))
            co_return;
    }
}

asio::awaitable<void> Examination::look_up_policy()
{
    co_await ask(seen_.sts_record, "_mta-sts." + seen_.target.domain, dns::Type::txt);
    const auto texts = seen_.sts_record->all<dns::Text>();
    if (read_sts_record(texts).state != StsRecord::State::valid)
        co_return;
    const auto name = sts_host(seen_.target.domain);
    if (means_.exclusion(name))
        forget_policy();
    else
        co_await fetch_policy(name);
}

/// Where nobody may fetch it, nothing is said of it: as if nobody had looked.
void Examination::forget_policy()
{
    seen_.sts_record.reset();
}

asio::awaitable<void> Examination::fetch_policy(std::string name)
{
    auto host = given_host(name, plan_.sts_port);
    std::vector<asio::awaitable<void>> questions; // -4 and -6 are about mail hosts
    questions.push_back(ask(host.ipv4, name, dns::Type::a));
    questions.push_back(ask(host.ipv6, name, dns::Type::aaaa));
    co_await all_of(std::move(questions));

    FetchQuestion question{
        .host = name,
        .path = sts_path,
        .port = host.port,
        .deadline = deadline_,
        .contact = plan_.smtp.contact};
    question.addresses = addresses_of(host);
    const auto is_excluded = [&](const asio::ip::address& address) {
        return means_.exclusion(address).has_value();
    };
    const auto excluded = std::erase_if(question.addresses, is_excluded);
    if (exclusion_behind(host) || (excluded > 0 && question.addresses.empty())) {
        forget_policy();
        co_return;
    }
    if (!question.addresses.empty()) {
        seen_.sts_policy = co_await means_.fetch(std::move(question));
        co_return;
    }
    std::string why = "it has no address";
    for (const auto* answer : {&host.ipv4, &host.ipv6}) {
        if ((*answer)->state == dns::State::failed)
            why = "the look-up of its address failed: " + (*answer)->fault.message();
    }
    seen_.sts_policy = Fetched{.fault = FetchFault::no_address, .detail = why};
}

void Examination::prepare_endpoints(Host& host)
{
    if (host.excluded)
        return;
    for (const auto& address : addresses_of(host)) {
        if (!(address.is_v4() ? plan_.ipv4 : plan_.ipv6))
            continue;
        if (endpoints_ == max_endpoints) {
            ++seen_.addresses_left_out;
            continue;
        }
        ++endpoints_;
        auto& endpoint = host.endpoints.emplace_back();
        endpoint.session.peer = {address, host.port};
        endpoint.excluded = means_.exclusion(address);
    }
}

asio::awaitable<void> Examination::speak_with_all(Host& host)
{
    std::vector<asio::awaitable<void>> conversations;
    for (auto& endpoint : host.endpoints)
        conversations.push_back(speak(endpoint, host));
    co_await all_of(std::move(conversations));
}

/// Further sessions follow the one that all is judged by, one after another: a host that counts connections
/// should not have to count this one's as a burst.
asio::awaitable<void> Examination::speak(Endpoint& endpoint, const Host& host)
{
    if (endpoint.excluded)
        co_return;
    find_names(endpoint);
    smtp::Call call;
    call.server_name = server_name(host);
    if (plan_.rcpt && !trying_known_good_)
        call.rcpt_to = seen_.target.mailbox();
    endpoint.shared =
        co_await means_.converse(endpoint.session, call, std::nullopt, deadline_, trying_known_good_);
    if (trying_known_good_)
        co_return;
    const bool is_inside_tls = endpoint.session.offered_inside_tls.has_value();
    if (is_inside_tls && means_.tries_other_keys())
        co_await try_other_keys(endpoint, host);
    if (is_inside_tls && plan_.assure)
        co_await try_in_clear(endpoint, host);
    if (plan_.protocols)
        co_await survey(endpoint, host);
}

/// Nobody waits for them.
void Examination::find_names(Endpoint& endpoint)
{
    if (trying_known_good_)
        return;
    const std::shared_ptr<ReverseDns> into(going_on_, &endpoint.reverse);
    means_.find_names(endpoint.session.peer.address(), into);
}

asio::awaitable<void> Examination::try_other_keys(Endpoint& endpoint, const Host& host)
{
    const auto& chain = endpoint.session.tls->chain;
    if (chain.empty())
        co_return;
    const auto presented = smtp::key_type_of(chain.front());
    smtp::Call call;
    call.server_name = server_name(host);
    endpoint.other_keys.reserve(smtp::all_key_types.size());
    for (const auto type : smtp::all_key_types) {
        if (type == presented)
            continue;
        auto& other = endpoint.other_keys.emplace_back();
        other.type = type;
        other.session.peer = endpoint.session.peer;
        co_await means_.converse(other.session, call, type, deadline_, false);
    }
}

asio::awaitable<void> Examination::try_in_clear(Endpoint& endpoint, const Host& host)
{
    smtp::Call call;
    call.server_name = server_name(host);
    call.starttls = false;
    auto& session = endpoint.in_clear.emplace();
    session.peer = endpoint.session.peer;
    co_await means_.converse(session, call, std::nullopt, deadline_, false);
}

/// Also where the handshake failed: then it may tell why.
asio::awaitable<void> Examination::survey(Endpoint& endpoint, const Host& host)
{
    const auto* starttls = endpoint.session.at(smtp::Stage::starttls);
    if (starttls == nullptr || starttls->fault)
        co_return;
    const auto negotiated = endpoint.session.tls ? endpoint.session.tls->version : std::string();
    std::vector<Asked> asked;
    auto plan = plan_survey(asked, negotiated);
    while (plan.next) {
        endpoint.survey = plan.survey;
        endpoint.survey->stopped = "it was interrupted";
        asked.push_back({*plan.next, {}});
        co_await put(asked.back(), endpoint, host);
        plan = plan_survey(asked, negotiated);
    }
    endpoint.survey = std::move(plan.survey);
}

asio::awaitable<void> Examination::put(Asked& asked, const Endpoint& endpoint, const Host& host)
{
    if (asked.question.kind == Question::Kind::resumption)
        co_return co_await try_resumption(asked, endpoint, host);
    smtp::Session session;
    session.peer = endpoint.session.peer;
    smtp::Call call;
    call.client_hello = smtp::client_hello(asked.question.offer, server_name(host), new_nonce());
    co_await means_.converse(session, call, std::nullopt, deadline_, false);
    asked.answer = answer_to_offer(session);
    const auto kind = asked.answer.kind;
    if ((kind == Answer::Kind::silent || kind == Answer::Kind::stopped) && Clock::now() >= deadline_)
        asked.answer = {.kind = Answer::Kind::stopped, .why = "there was no time left"};
}

asio::awaitable<void> Examination::try_resumption(Asked& asked, const Endpoint& endpoint, const Host& host)
{
    smtp::Call call;
    call.server_name = server_name(host);
    call.resumption.emplace();
    call.resumption->version = asked.question.offer.version;
    call.resumption->alpn = asked.question.alpn ? "smtp" : "";
    smtp::Session first;
    first.peer = endpoint.session.peer;
    co_await means_.converse(first, call, std::nullopt, deadline_, false);
    if (!first.resumable) {
        asked.answer = answer_to_resumption(first, nullptr);
        co_return;
    }
    call.resumption->session = first.resumable;
    smtp::Session second;
    second.peer = endpoint.session.peer;
    co_await means_.converse(second, call, std::nullopt, deadline_, false);
    asked.answer = answer_to_resumption(first, &second);
}

std::string Examination::server_name(const Host& host) const
{
    if (!plan_.sni)
        return {};
    if (host.literal)
        return plan_.reference.value_or("");
    const auto* tlsa = secure_tlsa(host);
    return tlsa ? tlsa->base_domain : host.name;
}

asio::awaitable<void> Examination::try_known_good()
{
    const auto answered = [](const Endpoint& endpoint) {
        const auto* step = endpoint.session.at(smtp::Stage::connect);
        return step && !step->fault;
    };
    const auto reached = [&](const Host& host) {
        return std::any_of(host.endpoints.begin(), host.endpoints.end(), answered);
    };
    if (!plan_.known_good || endpoints_ == 0 || std::any_of(seen_.hosts.begin(), seen_.hosts.end(), reached))
        co_return;
    auto host = given_host(plan_.known_good->host, plan_.known_good->port.value_or(plan_.port));
    trying_known_good_ = true; // a stranger to the target, who learns nothing of it
    endpoints_ = 0;
    deadline_ = Clock::now() + plan_.timeout;
    co_await visit(host);
    const auto is_excluded = [](const Endpoint& endpoint) { return endpoint.excluded.has_value(); };
    const bool may_not_know = host.excluded || std::ranges::any_of(host.endpoints, is_excluded);
    if (reached(host) || !may_not_know)
        seen_.known_good_answered = reached(host);
}

} // namespace

bool needs_dns(const Plan& plan, const Target& target)
{
    const auto by_name = [](const HostPort& host) { return !host.literal; };
    if (plan.known_good && by_name(*plan.known_good))
        return true;
    const auto named = named_hosts(plan, target);
    return named.empty() || std::ranges::any_of(named, by_name);
}

asio::awaitable<void> examine(Observation& observation, const Plan& plan, Means& means)
{
    const auto began = Clock::now();
    observation.started = std::chrono::system_clock::now();
    observation.local_resolver = plan.local_resolver;
    observation.dane_asked = plan.dane;
    Examination examination(observation, plan, means);
    co_await examination.run();
    observation.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
    observation.finished = true;
}

} // namespace probe
