using System.Text.Json;
using CsCheck;
using Presence.Core;
using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Specs.Json;

public sealed class IdentifierSpecs
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@-";

    private static readonly Gen<string> AnyId = Gen.Char[Alphabet].Array[1, Identifier.MaxLength].Select(chars => new string(chars));

    [Theory]
    [InlineData("a")]
    [InlineData("0b6e4a5e-6a4f-4a39-9d60-0d9a5f0f3c11")]
    [InlineData("ann@example.org:web_1.2")]
    public void An_id_is_any_of_its_alphabet(string text) => Identifier.IsValid(text).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    [InlineData("é")]
    [InlineData("а")]
    [InlineData("a+b")]
    public void Anything_else_is_none(string text)
    {
        Identifier.IsValid(text).ShouldBeFalse();
        UserId.TryParse(text, out _).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => new DeviceId(text));
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public void What_no_address_can_name_is_none_and_can_be_read_where_it_was_stored(string text)
    {
        Identifier.IsValid(text).ShouldBeFalse();
        UserId.TryParse(text, out _).ShouldBeFalse();
        DeviceId.TryParse(text, out _).ShouldBeFalse();
        ConversationId.TryParse(text, out _).ShouldBeFalse();
        EventId.TryParse(text, out _).ShouldBeFalse();

        new UserId(text).Value.ShouldBe(text);
        JsonSerializer.Deserialize<UserId>(JsonSerializer.Serialize(new UserId(text))).ShouldBe(new UserId(text));
        JsonSerializer
            .Deserialize<Dictionary<ConversationId, int>>($$"""{"{{text}}":1}""")
            .ShouldBe(new Dictionary<ConversationId, int> { [new(text)] = 1 });
    }

    [Theory]
    [InlineData("...")]
    [InlineData(".a")]
    [InlineData("a..")]
    public void Other_dots_are_as_good_as_any_letter(string text) => UserId.TryParse(text, out _).ShouldBeTrue();

    [Fact]
    public void An_id_has_at_most_128_characters()
    {
        ConversationId.TryParse(new string('x', 128), out _).ShouldBeTrue();
        ConversationId.TryParse(new string('x', 129), out _).ShouldBeFalse();
        ConversationId.TryParse(null, out _).ShouldBeFalse();
    }

    [Fact]
    public void Ids_are_compared_byte_by_byte() => new UserId("Ann").ShouldNotBe(new UserId("ann"));

    [Fact]
    public void An_id_that_was_never_given_throws_when_it_is_read() => Should.Throw<InvalidOperationException>(() => default(UserId).Value);

    [Fact]
    public void Ids_come_back_from_json_as_they_went_as_values_and_as_keys() =>
        AnyId.Sample(text =>
        {
            var ids = new Dictionary<UserId, (DeviceId, ConversationId)> { [new(text)] = (new(text), new(text)) };
            var back = JsonSerializer.Deserialize<Dictionary<UserId, string[]>>(
                JsonSerializer.Serialize(ids.ToDictionary(e => e.Key, e => new object[] { e.Value.Item1, e.Value.Item2 }))
            )!;
            back.Single().Key.ShouldBe(new UserId(text));
            back.Single().Value.ShouldBe([text, text]);
        });

    [Theory]
    [InlineData("\"a b\"")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("{}")]
    public void What_is_no_id_does_not_come_back_from_json(string json) =>
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<UserId>(json));
}
