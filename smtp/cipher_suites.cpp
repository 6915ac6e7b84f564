#include "smtp/cipher_suites.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace smtp
{
namespace
{

constexpr auto since_ssl3 = ProtocolVersion::ssl3;
constexpr auto since_tls12 = ProtocolVersion::tls12;
constexpr auto since_tls13 = ProtocolVersion::tls13;

constexpr std::array suites{
    CipherSuite{0x1302, "TLS_AES_256_GCM_SHA384", since_tls13, KeyExchange::any},
    CipherSuite{0x1303, "TLS_CHACHA20_POLY1305_SHA256", since_tls13, KeyExchange::any},
    CipherSuite{0x1301, "TLS_AES_128_GCM_SHA256", since_tls13, KeyExchange::any},
    CipherSuite{0x1304, "TLS_AES_128_CCM_SHA256", since_tls13, KeyExchange::any},
    CipherSuite{0x1305, "TLS_AES_128_CCM_8_SHA256", since_tls13, KeyExchange::any},
    CipherSuite{0xC02C, "ECDHE-ECDSA-AES256-GCM-SHA384", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC030, "ECDHE-RSA-AES256-GCM-SHA384", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xCCA9, "ECDHE-ECDSA-CHACHA20-POLY1305", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xCCA8, "ECDHE-RSA-CHACHA20-POLY1305", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC02B, "ECDHE-ECDSA-AES128-GCM-SHA256", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC02F, "ECDHE-RSA-AES128-GCM-SHA256", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC0AD, "ECDHE-ECDSA-AES256-CCM", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC0AC, "ECDHE-ECDSA-AES128-CCM", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC05D, "ECDHE-ECDSA-ARIA256-GCM-SHA384", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC061, "ECDHE-ARIA256-GCM-SHA384", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC05C, "ECDHE-ECDSA-ARIA128-GCM-SHA256", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC060, "ECDHE-ARIA128-GCM-SHA256", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC024, "ECDHE-ECDSA-AES256-SHA384", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC028, "ECDHE-RSA-AES256-SHA384", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC023, "ECDHE-ECDSA-AES128-SHA256", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC027, "ECDHE-RSA-AES128-SHA256", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC00A, "ECDHE-ECDSA-AES256-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0xC014, "ECDHE-RSA-AES256-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0xC009, "ECDHE-ECDSA-AES128-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0xC013, "ECDHE-RSA-AES128-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0xC073, "ECDHE-ECDSA-CAMELLIA256-SHA384", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC077, "ECDHE-RSA-CAMELLIA256-SHA384", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC072, "ECDHE-ECDSA-CAMELLIA128-SHA256", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC076, "ECDHE-RSA-CAMELLIA128-SHA256", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC0AF, "ECDHE-ECDSA-AES256-CCM8", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xC0AE, "ECDHE-ECDSA-AES128-CCM8", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0x009F, "DHE-RSA-AES256-GCM-SHA384", since_tls12, KeyExchange::dhe},
    CipherSuite{0xCCAA, "DHE-RSA-CHACHA20-POLY1305", since_tls12, KeyExchange::dhe},
    CipherSuite{0x009E, "DHE-RSA-AES128-GCM-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0xC09F, "DHE-RSA-AES256-CCM", since_tls12, KeyExchange::dhe},
    CipherSuite{0xC09E, "DHE-RSA-AES128-CCM", since_tls12, KeyExchange::dhe},
    CipherSuite{0xC053, "DHE-RSA-ARIA256-GCM-SHA384", since_tls12, KeyExchange::dhe},
    CipherSuite{0xC052, "DHE-RSA-ARIA128-GCM-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x006B, "DHE-RSA-AES256-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x0067, "DHE-RSA-AES128-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x0039, "DHE-RSA-AES256-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0033, "DHE-RSA-AES128-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x00C4, "DHE-RSA-CAMELLIA256-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x00BE, "DHE-RSA-CAMELLIA128-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x0088, "DHE-RSA-CAMELLIA256-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0045, "DHE-RSA-CAMELLIA128-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x009A, "DHE-RSA-SEED-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0xC0A3, "DHE-RSA-AES256-CCM8", since_tls12, KeyExchange::dhe},
    CipherSuite{0xC0A2, "DHE-RSA-AES128-CCM8", since_tls12, KeyExchange::dhe},
    CipherSuite{0x009D, "AES256-GCM-SHA384", since_tls12, KeyExchange::rsa},
    CipherSuite{0x009C, "AES128-GCM-SHA256", since_tls12, KeyExchange::rsa},
    CipherSuite{0xC09D, "AES256-CCM", since_tls12, KeyExchange::rsa},
    CipherSuite{0xC09C, "AES128-CCM", since_tls12, KeyExchange::rsa},
    CipherSuite{0xC051, "ARIA256-GCM-SHA384", since_tls12, KeyExchange::rsa},
    CipherSuite{0xC050, "ARIA128-GCM-SHA256", since_tls12, KeyExchange::rsa},
    CipherSuite{0x003D, "AES256-SHA256", since_tls12, KeyExchange::rsa},
    CipherSuite{0x003C, "AES128-SHA256", since_tls12, KeyExchange::rsa},
    CipherSuite{0x0035, "AES256-SHA", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x002F, "AES128-SHA", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x00C0, "CAMELLIA256-SHA256", since_tls12, KeyExchange::rsa},
    CipherSuite{0x00BA, "CAMELLIA128-SHA256", since_tls12, KeyExchange::rsa},
    CipherSuite{0x0084, "CAMELLIA256-SHA", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x0041, "CAMELLIA128-SHA", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x0096, "SEED-SHA", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x0007, "IDEA-CBC-SHA", since_ssl3, KeyExchange::rsa},
    CipherSuite{0xC0A1, "AES256-CCM8", since_tls12, KeyExchange::rsa},
    CipherSuite{0xC0A0, "AES128-CCM8", since_tls12, KeyExchange::rsa},
    CipherSuite{0xC008, "ECDHE-ECDSA-DES-CBC3-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0xC012, "ECDHE-RSA-DES-CBC3-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0x0016, "DHE-RSA-DES-CBC3-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x000A, "DES-CBC3-SHA", since_ssl3, KeyExchange::rsa},
    CipherSuite{0xC007, "ECDHE-ECDSA-RC4-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0xC011, "ECDHE-RSA-RC4-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0x0004, "RC4-MD5", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x0005, "RC4-SHA", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x0015, "DHE-RSA-DES-CBC-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0009, "DES-CBC-SHA", since_ssl3, KeyExchange::rsa},
    CipherSuite{0xC019, "AECDH-AES256-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0xC018, "AECDH-AES128-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0xC017, "AECDH-DES-CBC3-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0xC016, "AECDH-RC4-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0x006D, "ADH-AES256-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x006C, "ADH-AES128-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x003A, "ADH-AES256-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0034, "ADH-AES128-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x001B, "ADH-DES-CBC3-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0018, "ADH-RC4-MD5", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x001A, "ADH-DES-CBC-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0017, "EXP-ADH-RC4-MD5", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0014, "EXP-DHE-RSA-DES-CBC-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0019, "EXP-ADH-DES-CBC-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0003, "EXP-RC4-MD5", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x0008, "EXP-DES-CBC-SHA", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x0006, "EXP-RC2-CBC-MD5", since_ssl3, KeyExchange::rsa},
    CipherSuite{0xC006, "ECDHE-ECDSA-NULL-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0xC010, "ECDHE-RSA-NULL-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0xC015, "AECDH-NULL-SHA", since_ssl3, KeyExchange::ecdhe},
    CipherSuite{0x0001, "NULL-MD5", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x0002, "NULL-SHA", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x003B, "NULL-SHA256", since_tls12, KeyExchange::rsa},
    CipherSuite{0x00A3, "DHE-DSS-AES256-GCM-SHA384", since_tls12, KeyExchange::dhe},
    CipherSuite{0x00A2, "DHE-DSS-AES128-GCM-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0xC057, "DHE-DSS-ARIA256-GCM-SHA384", since_tls12, KeyExchange::dhe},
    CipherSuite{0xC056, "DHE-DSS-ARIA128-GCM-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x006A, "DHE-DSS-AES256-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x0040, "DHE-DSS-AES128-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x0038, "DHE-DSS-AES256-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0032, "DHE-DSS-AES128-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x00C3, "DHE-DSS-CAMELLIA256-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x00BD, "DHE-DSS-CAMELLIA128-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x0087, "DHE-DSS-CAMELLIA256-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0044, "DHE-DSS-CAMELLIA128-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0099, "DHE-DSS-SEED-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0013, "DHE-DSS-DES-CBC3-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0066, "DHE-DSS-RC4-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0012, "DHE-DSS-DES-CBC-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x00A7, "ADH-AES256-GCM-SHA384", since_tls12, KeyExchange::dhe},
    CipherSuite{0x00A6, "ADH-AES128-GCM-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0xC05B, "ADH-ARIA256-GCM-SHA384", since_tls12, KeyExchange::dhe},
    CipherSuite{0xC05A, "ADH-ARIA128-GCM-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x00C5, "ADH-CAMELLIA256-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x00BF, "ADH-CAMELLIA128-SHA256", since_tls12, KeyExchange::dhe},
    CipherSuite{0x0089, "ADH-CAMELLIA256-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0046, "ADH-CAMELLIA128-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x009B, "ADH-SEED-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0011, "EXP-DHE-DSS-DES-CBC-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0xCC14, "ECDHE-ECDSA-CHACHA20-POLY1305-OLD", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xCC13, "ECDHE-RSA-CHACHA20-POLY1305-OLD", since_tls12, KeyExchange::ecdhe},
    CipherSuite{0xCC15, "DHE-RSA-CHACHA20-POLY1305-OLD", since_tls12, KeyExchange::dhe},
    CipherSuite{0xC02E, "ECDH-ECDSA-AES256-GCM-SHA384", since_tls12, KeyExchange::ecdh},
    CipherSuite{0x00A1, "DH-RSA-AES256-GCM-SHA384", since_tls12, KeyExchange::dh},
    CipherSuite{0xC032, "ECDH-RSA-AES256-GCM-SHA384", since_tls12, KeyExchange::ecdh},
    CipherSuite{0x00A5, "DH-DSS-AES256-GCM-SHA384", since_tls12, KeyExchange::dh},
    CipherSuite{0xC02D, "ECDH-ECDSA-AES128-GCM-SHA256", since_tls12, KeyExchange::ecdh},
    CipherSuite{0x00A0, "DH-RSA-AES128-GCM-SHA256", since_tls12, KeyExchange::dh},
    CipherSuite{0xC031, "ECDH-RSA-AES128-GCM-SHA256", since_tls12, KeyExchange::ecdh},
    CipherSuite{0x00A4, "DH-DSS-AES128-GCM-SHA256", since_tls12, KeyExchange::dh},
    CipherSuite{0xC05F, "ECDH-ECDSA-ARIA256-GCM-SHA384", since_tls12, KeyExchange::ecdh},
    CipherSuite{0xC055, "DH-RSA-ARIA256-GCM-SHA384", since_tls12, KeyExchange::dh},
    CipherSuite{0xC063, "ECDH-ARIA256-GCM-SHA384", since_tls12, KeyExchange::ecdh},
    CipherSuite{0xC059, "DH-DSS-ARIA256-GCM-SHA384", since_tls12, KeyExchange::dh},
    CipherSuite{0xC05E, "ECDH-ECDSA-ARIA128-GCM-SHA256", since_tls12, KeyExchange::ecdh},
    CipherSuite{0xC054, "DH-RSA-ARIA128-GCM-SHA256", since_tls12, KeyExchange::dh},
    CipherSuite{0xC062, "ECDH-ARIA128-GCM-SHA256", since_tls12, KeyExchange::ecdh},
    CipherSuite{0xC058, "DH-DSS-ARIA128-GCM-SHA256", since_tls12, KeyExchange::dh},
    CipherSuite{0xC026, "ECDH-ECDSA-AES256-SHA384", since_tls12, KeyExchange::ecdh},
    CipherSuite{0xC02A, "ECDH-RSA-AES256-SHA384", since_tls12, KeyExchange::ecdh},
    CipherSuite{0x0069, "DH-RSA-AES256-SHA256", since_tls12, KeyExchange::dh},
    CipherSuite{0x0068, "DH-DSS-AES256-SHA256", since_tls12, KeyExchange::dh},
    CipherSuite{0xC025, "ECDH-ECDSA-AES128-SHA256", since_tls12, KeyExchange::ecdh},
    CipherSuite{0x003F, "DH-RSA-AES128-SHA256", since_tls12, KeyExchange::dh},
    CipherSuite{0xC029, "ECDH-RSA-AES128-SHA256", since_tls12, KeyExchange::ecdh},
    CipherSuite{0x003E, "DH-DSS-AES128-SHA256", since_tls12, KeyExchange::dh},
    CipherSuite{0xC005, "ECDH-ECDSA-AES256-SHA", since_ssl3, KeyExchange::ecdh},
    CipherSuite{0x0037, "DH-RSA-AES256-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0xC00F, "ECDH-RSA-AES256-SHA", since_ssl3, KeyExchange::ecdh},
    CipherSuite{0x0036, "DH-DSS-AES256-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0xC004, "ECDH-ECDSA-AES128-SHA", since_ssl3, KeyExchange::ecdh},
    CipherSuite{0x0031, "DH-RSA-AES128-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0xC00E, "ECDH-RSA-AES128-SHA", since_ssl3, KeyExchange::ecdh},
    CipherSuite{0x0030, "DH-DSS-AES128-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0xC075, "ECDH-ECDSA-CAMELLIA256-SHA384", since_tls12, KeyExchange::ecdh},
    CipherSuite{0xC079, "ECDH-RSA-CAMELLIA256-SHA384", since_tls12, KeyExchange::ecdh},
    CipherSuite{0x00C2, "DH-RSA-CAMELLIA256-SHA256", since_tls12, KeyExchange::dh},
    CipherSuite{0x00C1, "DH-DSS-CAMELLIA256-SHA256", since_tls12, KeyExchange::dh},
    CipherSuite{0xC074, "ECDH-ECDSA-CAMELLIA128-SHA256", since_tls12, KeyExchange::ecdh},
    CipherSuite{0x00BC, "DH-RSA-CAMELLIA128-SHA256", since_tls12, KeyExchange::dh},
    CipherSuite{0xC078, "ECDH-RSA-CAMELLIA128-SHA256", since_tls12, KeyExchange::ecdh},
    CipherSuite{0x00BB, "DH-DSS-CAMELLIA128-SHA256", since_tls12, KeyExchange::dh},
    CipherSuite{0x0086, "DH-RSA-CAMELLIA256-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0x0085, "DH-DSS-CAMELLIA256-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0x0043, "DH-RSA-CAMELLIA128-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0x0042, "DH-DSS-CAMELLIA128-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0x0098, "DH-RSA-SEED-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0x0097, "DH-DSS-SEED-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0xC003, "ECDH-ECDSA-DES-CBC3-SHA", since_ssl3, KeyExchange::ecdh},
    CipherSuite{0x0010, "DH-RSA-DES-CBC3-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0xC00D, "ECDH-RSA-DES-CBC3-SHA", since_ssl3, KeyExchange::ecdh},
    CipherSuite{0x000D, "DH-DSS-DES-CBC3-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0xC002, "ECDH-ECDSA-RC4-SHA", since_ssl3, KeyExchange::ecdh},
    CipherSuite{0xC00C, "ECDH-RSA-RC4-SHA", since_ssl3, KeyExchange::ecdh},
    CipherSuite{0x000F, "DH-RSA-DES-CBC-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0x000C, "DH-DSS-DES-CBC-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0x0065, "EXP1024-DHE-DSS-RC4-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0063, "EXP1024-DHE-DSS-DES-CBC-SHA", since_ssl3, KeyExchange::dhe},
    CipherSuite{0x0060, "EXP1024-RC4-MD5", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x0064, "EXP1024-RC4-SHA", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x0062, "EXP1024-DES-CBC-SHA", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x0061, "EXP1024-RC2-CBC-MD5", since_ssl3, KeyExchange::rsa},
    CipherSuite{0x000E, "EXP-DH-RSA-DES-CBC-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0x000B, "EXP-DH-DSS-DES-CBC-SHA", since_ssl3, KeyExchange::dh},
    CipherSuite{0xC001, "ECDH-ECDSA-NULL-SHA", since_ssl3, KeyExchange::ecdh},
    CipherSuite{0xC00B, "ECDH-RSA-NULL-SHA", since_ssl3, KeyExchange::ecdh},
};

constexpr std::array groups{
    Group{0x001D, "X25519", 253},
    Group{0x0017, "prime256v1", 256},
    Group{0x0018, "secp384r1", 384},
    Group{0x0019, "secp521r1", 521},
    Group{0x001E, "X448", 448},
    Group{0x11EC, "X25519MLKEM768", 0},
    Group{0x11EB, "SecP256r1MLKEM768", 0},
    Group{0x11ED, "SecP384r1MLKEM1024", 0},
    Group{0x6399, "X25519Kyber768Draft00", 0},
    Group{0x0100, "ffdhe2048", 2048},
    Group{0x0101, "ffdhe3072", 3072},
    Group{0x0102, "ffdhe4096", 4096},
    Group{0x0103, "ffdhe6144", 6144},
    Group{0x0104, "ffdhe8192", 8192},
    Group{0x001F, "brainpoolP256r1tls13", 256},
    Group{0x0020, "brainpoolP384r1tls13", 384},
    Group{0x0021, "brainpoolP512r1tls13", 512},
    Group{0x001A, "brainpoolP256r1", 256},
    Group{0x001B, "brainpoolP384r1", 384},
    Group{0x001C, "brainpoolP512r1", 512},
    Group{0x0016, "secp256k1", 256},
    Group{0x0015, "secp224r1", 224},
    Group{0x0014, "secp224k1", 224},
    Group{0x0013, "prime192v1", 192},
    Group{0x0012, "secp192k1", 192},
    Group{0x0011, "secp160r2", 160},
    Group{0x0010, "secp160r1", 160},
    Group{0x000F, "secp160k1", 160},
    Group{0x000E, "sect571r1", 571},
    Group{0x000D, "sect571k1", 571},
    Group{0x000C, "sect409r1", 409},
    Group{0x000B, "sect409k1", 409},
    Group{0x000A, "sect283r1", 283},
    Group{0x0009, "sect283k1", 283},
    Group{0x0008, "sect239k1", 239},
    Group{0x0007, "sect233r1", 233},
    Group{0x0006, "sect233k1", 233},
    Group{0x0005, "sect193r2", 193},
    Group{0x0004, "sect193r1", 193},
    Group{0x0003, "sect163r2", 163},
    Group{0x0002, "sect163r1", 163},
    Group{0x0001, "sect163k1", 163},
};

template <class Table>
auto with_id(const Table& table, std::uint16_t id) noexcept
{
    const auto found = std::ranges::find(table, id, [](const auto& each) { return each.id; });
    return found == table.end() ? nullptr : &*found;
}

} // namespace

std::string name(ProtocolVersion version)
{
    const int number = static_cast<int>(version);
    if (version == ProtocolVersion::ssl3)
        return "SSLv3";
    if (version < ProtocolVersion::ssl3 || version > ProtocolVersion::tls13)
        return fmt::format("0x{:04x}", number);
    return fmt::format("TLSv1.{}", number - static_cast<int>(ProtocolVersion::tls10));
}

std::span<const CipherSuite> all_cipher_suites() noexcept
{
    return suites;
}

const CipherSuite* cipher_suite(std::uint16_t id) noexcept
{
    return with_id(suites, id);
}

bool usable(const CipherSuite& suite, ProtocolVersion version) noexcept
{
    if (version >= ProtocolVersion::tls13 || suite.since == ProtocolVersion::tls13)
        return suite.since == version;
    return suite.since <= version;
}

std::span<const Group> all_groups() noexcept
{
    return groups;
}

const Group* group(std::uint16_t id) noexcept
{
    return with_id(groups, id);
}

bool finite_field(const Group& group) noexcept
{
    return group.id >> 8 == 1;
}

bool usable(const Group& group, ProtocolVersion version) noexcept
{
    constexpr std::uint16_t first_of_tls13 = 0x001F; // RFC 8734 gave the Brainpool curves new numbers
    constexpr std::uint16_t last_of_tls13 = 0x0021;
    const bool is_hybrid = group.id >> 8 > 1;
    const bool is_new = is_hybrid || (first_of_tls13 <= group.id && group.id <= last_of_tls13);
    if (version < ProtocolVersion::tls13)
        return !is_new;
    const bool is_kept =
        (0x0017 <= group.id && group.id <= 0x0019) || group.id == 0x001D || group.id == 0x001E;
    return is_new || is_kept || finite_field(group);
}

} // namespace smtp
