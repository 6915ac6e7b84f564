#include "report/pages.hpp"

#include "report/page_tables.hpp"

#include <algorithm>
#include <array>

namespace report
{

std::span<const Subject> subjects()
{
    static const std::array all{about_dns(),
                                about_reaching(),
                                about_the_greeting(),
                                about_ehlo(),
                                about_starttls(),
                                about_the_handshake(),
                                about_certificates(),
                                about_the_chain(),
                                about_names(),
                                about_the_session(),
                                about_dane(),
                                about_mta_sts(),
                                about_what_was_not_tried()};
    return all;
}

const Page* page_of(std::string_view code)
{
    for (const auto& subject : subjects()) {
        const auto found = std::ranges::find(subject.pages, code, &Page::code);
        if (found != subject.pages.end())
            return &*found;
    }
    return nullptr;
}

std::string_view remedy(probe::Code code)
{
    const auto* page = page_of(name(code));
    return page ? page->remedy : std::string_view();
}

} // namespace report
