using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using Presence.Actors;
using Presence.Actors.Conversations;
using Presence.Actors.Events;
using Presence.Actors.Hub;
using Presence.Actors.Identity;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Actors.Serialization;
using Presence.Actors.Users;
using Presence.Core.Events;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Type = System.Type;

namespace Presence.Specs.Serialization;

/// <summary>Each message that holds more than a few ids has a bound, at which it is still carried by the transport.</summary>
public sealed class MessageSizeSpecs
{
    private static readonly LimitOptions Limits = new() { Contacts = 20_000, Participants = 20_000 };

    /// <summary>The largest of each kind that the limits allow.</summary>
    private static readonly Dictionary<Type, Func<IWireMessage>> Largest = new()
    {
        [typeof(DeviceAttached)] = () =>
            new DeviceAttached(
                new(Id(0)),
                new(Id(0)),
                ConnectionId.New(),
                PresenceRecord.Unknown(new(Id(0))),
                Contacts,
                null,
                1,
                Blocked: Rule.Blocked
            ),
        [typeof(ContactsAre)] = () => new ContactsAre(new(Id(0)), Contacts),
        [typeof(GetTyping)] = () => new GetTyping(new(Id(0)), new(Id(0)), Contacts, Rule.Blocked),
        [typeof(ParticipantsAre)] = () => new ParticipantsAre(new(Id(0)), Participants),
        [typeof(ParticipantsHere)] = () =>
            new ParticipantsHere(new(Id(0)), 1, [.. Ids(new LimitOptions().LargeConversation + 1)], Watched: true, Asks: false),
        [typeof(TypingIs)] = () =>
            new TypingIs(new(Id(0)), [.. Ids(Limits.Participants).Select(user => new TypistIs(user, TimeSpan.FromSeconds(8.123)))]),
        [typeof(EventsFor)] = () =>
            new EventsFor(new(Id(0)), null, [.. Enumerable.Repeat(Posted(new LimitOptions().EventBytes * 2), 2)], 1, [], true),
        [typeof(DevicesAre)] = () =>
            new DevicesAre([.. Enumerable.Repeat(new KnownDevice(new(Id(0)), Info, DeviceStatus.Idle, Now, Now), Limits.KnownDevices)]),
        // Cut by who sends them.
        [typeof(ContactsChanged)] = () => new ContactsChanged([.. Ids(2_000)]),
        [typeof(ParticipantsChanged)] = () =>
            new ParticipantsChanged([.. Ids(2_000).Select(user => new Core.Conversations.ConversationId(user.Value))]),
        // One for each reason for which sockets close, and each call that revokes.
        [typeof(NodeStats)] = () => new NodeStats(Id(0), 1, 1, 1, 1, ImmutableDictionary<string, long>.Empty.Add("lost", 3)),
        [typeof(TokensRevoked)] = () => new TokensRevoked([new(new(Id(0)), new(Id(0)), Id(0), Now, Now)]),
        [typeof(Explanation)] = () =>
            new Explanation(
                PresenceRecord.Unknown(new(Id(0))),
                new(Id(0)),
                true,
                "block",
                [.. Enumerable.Repeat(new string('x', 500), 20)]
            ),
        // By the bytes of a rule, and of a request's body.
        [typeof(PresenceChanged)] = () => new PresenceChanged(PresenceRecord.Unknown(new(Id(0))), Rule, Now, 1, Now, 1),
        [typeof(OwnPresenceChanged)] = () => new OwnPresenceChanged(PresenceRecord.Unknown(new(Id(0))), null, Now, 1, Rule),
        [typeof(PrivacyIs)] = () => new PrivacyIs(Rule),
        [typeof(SetPrivacy)] = () => new SetPrivacy(new(Id(0)), Rule),
        [typeof(TypingChanged)] = () =>
            new TypingChanged(new(Id(0)), new(Id(0)), true, TimeSpan.FromSeconds(8), PrivacyRule.Default, Participants, Now),
        [typeof(SetTyping)] = () => new SetTyping(new(Id(0)), new(new(Id(0)), new(Id(0)), true, Rule)),
    };

    public static TheoryData<string> Names => [.. Largest.Keys.Select(type => type.Name)];

    [Fact]
    public void Whatever_holds_a_collection_is_named_here() =>
        PresenceSerializer
            .Types.Where(type => typeof(IWireMessage).IsAssignableFrom(type) && HoldsMany(type, []))
            .Except(Largest.Keys)
            .ShouldBeEmpty("a new message with a collection needs a bound");

    [Theory]
    [MemberData(nameof(Names))]
    public void The_largest_fits_the_frame(string name)
    {
        var (manifest, bytes) = PresenceSerializer.Written(Largest.Single(entry => entry.Key.Name == name).Value());

        bytes.Length.ShouldBeLessThan(OutgoingLine.MaxWholeBytes, manifest);
    }

    private static bool HoldsMany(Type type, HashSet<Type> seen) =>
        type != typeof(string)
        && seen.Add(type)
        && (
            (typeof(IEnumerable).IsAssignableFrom(type) && type != typeof(PlatformStatuses))
            || (
                type.Namespace?.StartsWith("Presence", StringComparison.Ordinal) == true
                && type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Any(property => HoldsMany(property.PropertyType, seen))
            )
        );

    private static DateTimeOffset Now => new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static DeviceInfo Info => new(new string('x', 64), new string('x', 64), new string('x', 64), new string('x', 64));

    private static ImmutableHashSet<UserId> Contacts => [.. Ids(Limits.Contacts)];

    private static ImmutableHashSet<UserId> Participants => [.. Ids(Limits.Participants)];

    private static PrivacyRule Rule => PrivacyRule.Default with { Blocked = [.. Ids(5_000)] };

    private static IEnumerable<UserId> Ids(int many) => Enumerable.Range(0, many).Select(number => new UserId(Id(number)));

    private static string Id(int number) => $"{new string('x', 119)}-{number:D8}";

    private static PostedEvent Posted(int bytes) =>
        new(new(Id(0)), "note", new($$"""{"text":"{{new string('x', bytes)}}"}"""), new(Id(0)), Now, Now, Durable: true);
}
