#include "journal/intent_text.h"

#include "journal/journal.h"
#include "model/parse_name.h"

#include <json/json.h>
#include <memory>

namespace hotplug {

namespace {

Json::Value toJson(const PciAddress& at)
{
    Json::Value json;
    json["type"] = "pci";
    json["domain"] = at.domain;
    json["bus"] = at.bus;
    json["slot"] = at.slot;
    json["function"] = at.function;
    return json;
}

Json::Value toJson(const DriveAddress& at)
{
    Json::Value json;
    json["type"] = "drive";
    json["controller"] = at.controller;
    json["bus"] = at.bus;
    json["target"] = at.target;
    json["unit"] = at.unit;
    return json;
}

Json::Value toJson(const DeviceRecord& record)
{
    Json::Value json;
    json["id"] = record.id.str();
    json["kind"] = std::string(name(record.kind));
    json["plugged"] = record.plugged;
    json["persist"] = record.persist;
    json["source"] = record.source;
    json["serial"] = record.serial;
    json["mac"] = record.mac;
    json["address"] = record.address;
    return json;
}

Json::Value toJson(const Plan& plan)
{
    Json::Value json;
    json["vm"] = plan.vm.str();
    json["goal"] = std::string(name(plan.goal));
    json["kind"] = std::string(name(plan.kind));
    json["device"] = plan.device ? Json::Value(plan.device->str()) : Json::Value();
    json["alias"] = plan.alias.str();
    json["deviceXml"] = plan.deviceXml;
    json["address"] =
        plan.address ? std::visit([](const auto& at) { return toJson(at); }, *plan.address) : Json::Value();
    json["source"] = plan.source;
    json["target"] = plan.target;
    json["persist"] = plan.persist;
    json["record"] = plan.record ? toJson(*plan.record) : Json::Value();
    json["configTwin"] = plan.configTwin;
    return json;
}

Json::Value toJson(const GivenUp& givenUp)
{
    Json::Value json;
    json["reason"] = std::string(nameOf(givenUp.reason));
    json["sentence"] = givenUp.sentence;
    json["field"] = givenUp.field;
    return json;
}

Json::Value toJson(const Intent& intent)
{
    Json::Value json;
    json["plans"] = Json::arrayValue;
    for (const auto& plan : intent.plans)
        json["plans"].append(toJson(plan));
    json["givenUp"] = intent.givenUp ? toJson(*intent.givenUp) : Json::Value();
    return json;
}

/// Takes an object's members one by one; what is missing, of another type or left over is an error.
class Members {
public:
    explicit Members(const Json::Value& object) : object_(object)
    {
        if (!object.isObject())
            throw JournalError("a plan has something else than an object");
    }

    const Json::Value& any(const char* key)
    {
        ++taken_;
        if (!object_.isMember(key))
            throw JournalError(std::string("a plan lacks ") + key);
        return object_[key];
    }

    std::string text(const char* key)
    {
        return checked(key, &Json::Value::isString).asString();
    }

    bool flag(const char* key)
    {
        return checked(key, &Json::Value::isBool).asBool();
    }

    unsigned number(const char* key)
    {
        return checked(key, &Json::Value::isUInt).asUInt();
    }

    /// A text that a type's own parse or a table of names accepts.
    template<typename Parse> auto parsed(const char* key, Parse&& parse)
    {
        const auto value = parse(text(key));
        if (!value)
            throw JournalError(std::string("a plan has an unknown value of ") + key);
        return *value;
    }

    /// Empty when the member is null, else what `take` makes of it.
    template<typename Take> auto orNull(const char* key, Take&& take) -> std::optional<decltype(take())>
    {
        if (object_.isMember(key) && !object_[key].isNull())
            return take();
        any(key);
        return std::nullopt;
    }

    void requireNoOthers() const
    {
        if (object_.size() != taken_)
            throw JournalError("a plan has members that this version does not know");
    }

private:
    const Json::Value& checked(const char* key, bool (Json::Value::*is)() const)
    {
        const auto& value = any(key);
        if (!(value.*is)())
            throw JournalError(std::string("a plan has another type of ") + key);
        return value;
    }

    const Json::Value& object_;
    Json::ArrayIndex taken_ = 0;
};

Address addressOf(const Json::Value& json)
{
    Members members(json);
    const auto type = members.text("type");
    Address address;
    if (type == "pci")
        address = PciAddress{members.number("domain"), members.number("bus"), members.number("slot"),
            members.number("function")};
    else if (type == "drive")
        address = DriveAddress{members.number("controller"), members.number("bus"), members.number("target"),
            members.number("unit")};
    else
        throw JournalError("a plan has an address of an unknown type");
    members.requireNoOthers();
    return address;
}

DeviceRecord recordOf(const Json::Value& json)
{
    Members members(json);
    DeviceRecord record{members.parsed("id", DeviceId::parse), members.parsed("kind", parseName<DeviceKind>),
        members.flag("plugged"), members.flag("persist"), members.text("source"), members.text("serial"),
        members.text("mac"), members.text("address")};
    members.requireNoOthers();
    return record;
}

Plan planOf(const Json::Value& json)
{
    Members members(json);
    Plan plan;
    plan.vm = members.parsed("vm", Uuid::parse);
    plan.goal = members.parsed("goal", parseName<Goal>);
    plan.kind = members.parsed("kind", parseName<DeviceKind>);
    plan.device = members.orNull("device", [&] { return members.parsed("device", DeviceId::parse); });
    plan.alias = Alias(members.text("alias"));
    plan.deviceXml = members.text("deviceXml");
    plan.address = members.orNull("address", [&] { return addressOf(members.any("address")); });
    plan.source = members.text("source");
    plan.target = members.text("target");
    plan.persist = members.flag("persist");
    plan.record = members.orNull("record", [&] { return recordOf(members.any("record")); });
    plan.configTwin = members.text("configTwin");
    members.requireNoOthers();
    return plan;
}

GivenUp givenUpOf(const Json::Value& json)
{
    Members members(json);
    GivenUp givenUp{members.parsed("reason", reasonByName), members.text("sentence"), members.text("field")};
    members.requireNoOthers();
    return givenUp;
}

Intent intentOf(const Json::Value& json)
{
    Members members(json);
    Intent intent;
    const auto& plans = members.any("plans");
    if (!plans.isArray() || plans.empty())
        throw JournalError("an operation has no plans");
    for (const auto& plan : plans)
        intent.plans.push_back(planOf(plan));
    intent.givenUp = members.orNull("givenUp", [&] { return givenUpOf(members.any("givenUp")); });
    members.requireNoOthers();
    return intent;
}

Json::StreamWriterBuilder writerSettings()
{
    Json::StreamWriterBuilder settings;
    settings["indentation"] = "";
    settings["emitUTF8"] = true;                // bytes as they are, rather than decoded and encoded again
    return settings;
}

Json::CharReaderBuilder readerSettings()
{
    Json::CharReaderBuilder settings;
    Json::CharReaderBuilder::strictMode(&settings.settings_);
    return settings;
}

} // namespace

std::string intentText(const Intent& intent)
{
    static const auto settings = writerSettings();
    return Json::writeString(settings, toJson(intent));
}

Intent parseIntent(const std::string& text)
{
    static const auto settings = readerSettings();
    const std::unique_ptr<Json::CharReader> reader(settings.newCharReader());
    Json::Value json;
    std::string problems;
    try {
        if (!reader->parse(text.data(), text.data() + text.size(), &json, &problems))
            throw JournalError("a plan is not JSON: " + problems);
        return intentOf(json);
    } catch (const Json::Exception& error) {    // nested too deep, for one
        throw JournalError(std::string("a plan is not JSON: ") + error.what());
    }
}

} // namespace hotplug
