using System.Text;
using CsCheck;
using Presence.Core.Errors;
using Presence.Core.Json;

namespace Presence.Specs.Json;

public sealed class JsonObjectsSpecs
{
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("\"{}\"")]
    [InlineData("[]")]
    [InlineData("[{}]")]
    [InlineData("{")]
    [InlineData("{}}")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{'a':1}")]
    [InlineData("{a:1}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":Infinity}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":1}//")]
    [InlineData("\ufeff{}")]
    public void What_is_no_json_object_is_malformed(string text) => Malformed(Encoding.UTF8.GetBytes(text));

    [Theory]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    [InlineData("""{"a":{"b":1,"b":2}}""")]
    [InlineData("""{"a":[[{"b":{"c":null,"c":null}}]]}""")]
    [InlineData("""{"":1,"":2}""")]
    public void A_key_named_twice_is_malformed_at_any_depth(string text) => Malformed(Encoding.UTF8.GetBytes(text));

    [Theory]
    [InlineData("""{"a":{"a":1},"b":{"a":1},"A":1}""")]
    [InlineData("""{}""")]
    [InlineData("""{"a":[{"b":1},{"b":1}]}""")]
    public void The_same_key_in_another_object_is_not(string text) => Read(text).Refusal.ShouldBeNull();

    [Theory]
    [InlineData("""{"\ud800":1,"\ud800":2}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"a":{"\udc00":1}}""")]
    public void A_lone_surrogate_in_a_key_never_throws_whether_taken_or_not(string text)
    {
        var read = Read(text);
        if (read.Refusal is { } refusal)
        {
            refusal.Code.ShouldBe(ErrorCodes.MalformedJson);
            return;
        }

        Payloads.PresenceUpdate(read.Value!.RootElement).Refusal!.Code.ShouldBe(ErrorCodes.InvalidPayload);
    }

    [Fact]
    public void Nesting_has_an_end()
    {
        string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1);

        Read(Nested(JsonObjects.MaxDepth)).Refusal.ShouldBeNull();
        Malformed(Encoding.UTF8.GetBytes(Nested(JsonObjects.MaxDepth + 1)));
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused_and_never_throw()
    {
        byte[] text = [.. "{\"custom_status\":\""u8, 0xff, 0xfe, .. "\"}"u8];

        var read = JsonObjects.Parse(text);

        var refusal = read.Refusal ?? Payloads.PresenceUpdate(read.Value!.RootElement).Refusal;
        refusal!.Code.ShouldBeOneOf(ErrorCodes.MalformedJson, ErrorCodes.InvalidPayload);
    }

    [Fact]
    public void No_bytes_at_all_make_it_throw() =>
        Gen.OneOf(Gen.Byte.Array[0, 40], Gen.Char["{}[]\",:\\u0dae1 \ud800"].Array[0, 40].Select(chars => Encoding.UTF8.GetBytes(chars)))
            .Sample(
                bytes =>
                {
                    var read = JsonObjects.Parse(bytes);
                    (read.Value is null).ShouldBe(read.Refusal is not null);
                },
                iter: 2_000
            );

    private static Parsed<System.Text.Json.JsonDocument> Read(string text) => JsonObjects.Parse(Encoding.UTF8.GetBytes(text));

    private static void Malformed(byte[] bytes) => JsonObjects.Parse(bytes).Refusal!.Code.ShouldBe(ErrorCodes.MalformedJson);
}
