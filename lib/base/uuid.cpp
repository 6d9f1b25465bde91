#include "base/uuid.h"

#include <uuid/uuid.h>

namespace hotplug {

namespace {

constexpr std::size_t canonicalLength = 36;

} // namespace

std::optional<Uuid> Uuid::parse(std::string_view text)
{
    if (text.size() != canonicalLength)
        return std::nullopt;
    Bytes bytes;
    if (uuid_parse_range(text.data(), text.data() + text.size(), bytes.data()) != 0)
        return std::nullopt;
    return Uuid(bytes);
}

Uuid Uuid::random()
{
    Bytes bytes;
    uuid_generate_random(bytes.data());
    return Uuid(bytes);
}

Uuid Uuid::fromName(const Uuid& space, std::string_view name)
{
    Bytes bytes;
    uuid_generate_sha1(bytes.data(), space.bytes_.data(), name.data(), name.size());
    return Uuid(bytes);
}

std::string Uuid::str() const
{
    char text[canonicalLength + 1];
    uuid_unparse_lower(bytes_.data(), text);
    return {text, canonicalLength};
}

} // namespace hotplug
