using System.Text;
using System.Text.Json;
using Presence.Core.Errors;
using Presence.Core.Json;
using Presence.Core.Privacy;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Json;

public sealed class PrivacyJsonSpecs
{
    private const string Whole =
        """{"online_status_visibility":"contacts","last_seen_visibility":"nobody","typing_indicators_enabled":false,"blocked":["ben","cleo"],"overrides":{"ann":{"online_status_visible":true,"typing_visible":false},"ben":{"last_seen_visible":false}}}""";

    [Fact]
    public void What_is_absent_takes_its_default() => Payloads.PrivacyRule(PayloadsSpecs.Json("{}")).Value.ShouldBe(PrivacyRule.Default);

    [Fact]
    public void A_rule_is_read_whole_and_written_as_it_was_read()
    {
        var rule = Payloads.PrivacyRule(PayloadsSpecs.Json(Whole)).Value!;

        rule.OnlineStatusVisibility.ShouldBe(Visibility.Contacts);
        rule.LastSeenVisibility.ShouldBe(Visibility.Nobody);
        rule.Blocked.ShouldBe([Ben, Cleo], ignoreOrder: true);
        rule.Overrides[Ann].ShouldBe(new ViewerOverride(true, null, false));
        Written(rule).ShouldBe(Whole);
    }

    [Fact]
    public void The_default_is_written_whole() =>
        Written(PrivacyRule.Default)
            .ShouldBe(
                """{"online_status_visibility":"everyone","last_seen_visibility":"everyone","typing_indicators_enabled":true,"blocked":[],"overrides":{}}"""
            );

    [Theory]
    [InlineData("""{"online_status_visibility":"friends"}""", ErrorCodes.InvalidPayload, "online_status_visibility")]
    [InlineData("""{"online_status_visibility":null}""", ErrorCodes.InvalidPayload, "online_status_visibility")]
    [InlineData("""{"last_seen_visibility":"Everyone"}""", ErrorCodes.InvalidPayload, "last_seen_visibility")]
    [InlineData("""{"last_seen_visibility":1}""", ErrorCodes.InvalidPayload, "last_seen_visibility")]
    [InlineData("""{"typing_indicators_enabled":"true"}""", ErrorCodes.InvalidPayload, "typing_indicators_enabled")]
    [InlineData("""{"typing_indicators_enabled":null}""", ErrorCodes.InvalidPayload, "typing_indicators_enabled")]
    [InlineData("""{"blocked":"ben"}""", ErrorCodes.InvalidPayload, "blocked")]
    [InlineData("""{"blocked":[7]}""", ErrorCodes.InvalidId, "blocked")]
    [InlineData("""{"overrides":[]}""", ErrorCodes.InvalidPayload, "overrides")]
    [InlineData("""{"overrides":{"a b":{}}}""", ErrorCodes.InvalidId, "overrides")]
    [InlineData("""{"overrides":{"ben":true}}""", ErrorCodes.InvalidPayload, "overrides")]
    [InlineData("""{"overrides":{"ben":{"online_status_visible":"yes"}}}""", ErrorCodes.InvalidPayload, "overrides")]
    [InlineData("""{"overrides":{"ben":{"typing_visible":null}}}""", ErrorCodes.InvalidPayload, "overrides")]
    public void A_refused_rule_names_its_field(string json, string code, string field) =>
        PayloadsSpecs.Refused(Payloads.PrivacyRule(PayloadsSpecs.Json(json)).Refusal, code, field);

    [Fact]
    public void A_rule_has_a_measure()
    {
        var ids = string.Join(',', Enumerable.Range(0, Payloads.MaxPrivacyEntries + 1).Select(n => $"\"u{n}\""));
        var overrides = string.Join(',', Enumerable.Range(0, Payloads.MaxPrivacyEntries + 1).Select(n => $"\"u{n}\":{{}}"));

        PayloadsSpecs.Refused(
            Payloads.PrivacyRule(PayloadsSpecs.Json($$"""{"blocked":[{{ids}}]}""")).Refusal,
            ErrorCodes.TooManyIds,
            "blocked"
        );
        PayloadsSpecs.Refused(
            Payloads.PrivacyRule(PayloadsSpecs.Json("{\"overrides\":{" + overrides + "}}")).Refusal,
            ErrorCodes.TooManyIds,
            "overrides"
        );
    }

    private static string Written(PrivacyRule rule)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WritePrivacy(rule);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
