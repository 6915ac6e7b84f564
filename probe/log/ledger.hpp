// What is known of the connections and messages that a log is just telling of. Pure; of bounded memory.
#pragma once

#include "probe/log/bounded_table.hpp"
#include "probe/log/mixed.hpp"
#include "probe/log/tally.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace maillog
{

/// One connection, as the whole of its lines told it. Texts are as they stood in the log, cut where they were
/// long, and empty where nothing told them.
struct Connection
{
    Server server = Server::none;
    Direction direction = Direction::receiving;
    Protection protection = Protection::plaintext;
    Version version = Version::unknown;
    std::uint64_t id = 0; // ICID, DCID; 0 for Exim, which has none
    std::string stamp;    // of its first line
    std::string address;
    std::string host;
    std::string domain; // of its first message: of the sender, or of the recipient
    std::string cipher;
    std::string trust;       // what the server said of the certificate
    std::string reason;      // why there is no TLS, where it failed
    std::uint64_t count = 0; // messages
    std::string messages;    // the first of them: MIDs or queue ids, a blank between
};

struct LedgerBounds
{
    std::size_t connections = 65'536; // open at once: of more, the longest unused end
    std::size_t messages = 65'536;    // likewise
};

/// What is told apart from the tally.
struct Remarks
{
    std::uint64_t local = 0;             // messages over loopback, or made by the server itself: not counted
    std::uint64_t local_connections = 0; // over loopback: not counted, nor told
    std::uint64_t headless = 0;          // connections with messages, but without their beginning in the log
    std::uint64_t postfix_deliveries = 0;
    std::uint64_t postfix_delivery_tls = 0; // lines that told of TLS in one
};

class Ledger
{
public:
    using Told = std::function<void(const Connection&)>;

    /// `told`, where there is one, gets every connection when it ends. The tally outlives the ledger.
    explicit Ledger(Tally& tally, Told told = {}, LedgerBounds bounds = {});

    void enter(const Event& event);

    /// The log is at its end: so is all that is open.
    void finish();

    const Remarks& remarks() const noexcept { return remarks_; }

private:
    struct Open : Connection
    {
        std::uint64_t key = 0;
        std::uint64_t number = 0;        // of all that were begun, by which it differs from others of its key
        std::size_t row = 0;             // of its first message, where that gave it its domain; 0: not known
        bool is_opened = false;          // its first line was seen
        bool is_reused = false;          // it was counted before
        std::uint64_t last_message = 0;  // that it was said to carry, or that it failed for
        std::vector<std::uint64_t> kept; // messages received on it that were counted as plaintext
    };

    struct Message
    {
        std::uint64_t key = 0;
        std::uint64_t connection = 0; // its key
        std::uint64_t number = 0;     // of the connection
        bool is_pending = false;      // not counted yet
        bool is_encrypted = false;
        bool is_finished = false;
        std::size_t row = 0; // that it was counted in
        std::string address;
        std::string recipients; // "RID domain" and a line end each
    };

    std::uint64_t connection_key(const Event& event);
    std::uint64_t message_key(const Event& event, std::uint64_t message);
    std::uint64_t origin_of(const Event& event);

    Open& find_or_begin(const Event& event);
    Open& begin_anew(const Event& event);
    void end(Open& connection);
    void end_of(std::uint64_t key);
    void count(const Open& connection);
    void carry(Open& connection, const Event& event);
    static void take_domain(Open& connection, std::string_view domain, std::size_t row);

    void open(const Event& event);
    void secure(const Event& event);
    void fail(const Event& event);
    void explain(const Event& event);
    void name(const Event& event);
    void continue_line(const Event& event);
    void close(const Event& event);
    void correct(Open& connection);
    void begin_message(const Event& event);
    void take_sender(const Event& event);
    void take_recipient(const Event& event);
    void copy(const Event& event);
    Open& connection_of_delivery(const Event& event);
    void deliver(const Event& event);
    void refuse(const Event& event);
    void finish_message(const Event& event);
    void finish_message(Message& message, std::uint64_t key);
    void take_whole(const Event& event);

    Message& new_message(std::uint64_t key);
    void count_message(Message& message, std::string_view domain);

    Tally& tally_;
    Told told_;
    BoundedTable<Open> connections_;
    BoundedTable<Message> messages_;
    Remarks remarks_;
    std::uint64_t begun_ = 0;      // connections
    std::uint64_t broken_off_ = 0; // the connection whose first line had no address
    Open whole_;                   // of what one line tells
    std::string last_origin_;
    std::uint64_t mixed_origin_ = mixed(std::string_view());
};

} // namespace maillog
