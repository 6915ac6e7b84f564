// The tables that report/pages.cpp joins, one a subject.
#pragma once

#include "report/pages.hpp"

namespace report
{

Subject about_dns() noexcept;
Subject about_reaching() noexcept;
Subject about_the_greeting() noexcept;
Subject about_ehlo() noexcept;
Subject about_starttls() noexcept;
Subject about_the_handshake() noexcept;
Subject about_certificates() noexcept;
Subject about_the_chain() noexcept;
Subject about_names() noexcept;
Subject about_the_session() noexcept;
Subject about_dane() noexcept;
Subject about_mta_sts() noexcept;
Subject about_what_was_not_tried() noexcept;

} // namespace report
