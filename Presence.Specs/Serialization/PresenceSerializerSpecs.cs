using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Serialization;
using Akka.Actor;
using Presence.Actors.Conversations;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Actors.Serialization;
using Presence.Actors.Users;
using Presence.Core.Events;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;
using Type = System.Type;

namespace Presence.Specs.Serialization;

/// <summary>What crosses nodes, and what is journaled: its manifests, and that it comes back as it was.</summary>
public sealed class PresenceSerializerSpecs : ActorSpec
{
    /// <summary>A changed manifest cuts off running nodes, and what is journaled under it is lost: a change here is to be thought about.</summary>
    private static readonly string[] Manifests =
    [
        "acknowledge-event",
        "am-i-member",
        "attach",
        "attach-refused",
        "attached",
        "changed",
        "contacts",
        "contacts-changed",
        "detach",
        "detached",
        "devices",
        "disconnect",
        "done",
        "end-connection",
        "end-typing",
        "entity-begun",
        "erase",
        "erased",
        "event-posted",
        "events",
        "events-taken",
        "explain",
        "explanation",
        "forget-user",
        "get-devices",
        "get-presence",
        "get-privacy",
        "get-stats",
        "get-typing",
        "get-typing-seen-by",
        "heard",
        "heartbeat",
        "mail",
        "own-changed",
        "part",
        "participants",
        "participants-changed",
        "participants-here",
        "presence",
        "privacy",
        "privacy-chosen",
        "refused",
        "remove-device",
        "set-privacy",
        "set-typing",
        "stats",
        "status-chosen",
        "stop-conversation",
        "stop-user",
        "tokens-revoked",
        "type",
        "typing",
        "typing-accepted",
        "typing-changed",
        "unwatch",
        "update",
        "updated",
        "vouch",
        "watch",
        "watch-refused",
    ];

    private static readonly Type[] Envelopes =
    [
        typeof(Request),
        typeof(ConversationRequest),
        typeof(Actors.Users.Answer),
        typeof(DirectoryChanged),
        typeof(HubMail),
        typeof(LetterPart),
    ];

    private readonly PresenceSerializer _serializer;

    public PresenceSerializerSpecs()
    {
        _serializer = new PresenceSerializer((ExtendedActorSystem)Sys);
        Sample.Entity = Sys.DeadLetters;
    }

    public static TheoryData<string> TypeNames => [.. WireTypes.Select(type => type.FullName!)];

    private static IEnumerable<Type> WireTypes =>
        typeof(PresenceSerializer)
            .Assembly.GetTypes()
            .Concat(typeof(IProfileFact).Assembly.GetTypes())
            .Where(type => type is { IsAbstract: false, IsInterface: false })
            .Where(type => typeof(IWireMessage).IsAssignableFrom(type) || typeof(IProfileFact).IsAssignableFrom(type));

    [Fact]
    public void Every_message_that_crosses_nodes_and_every_fact_has_a_manifest()
    {
        WireTypes.Except(Envelopes).Except(PresenceSerializer.Types).ShouldBeEmpty();
        PresenceSerializer.Types.Except(WireTypes).ShouldBeEmpty();
    }

    [Fact]
    public void The_manifests_are_those_that_nodes_and_journals_know()
    {
        Samples(full: true)
            .Select(_serializer.Manifest)
            .Where(manifest => !manifest.Contains(':'))
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ShouldBe(Manifests);
        _serializer.Manifest(new Request(1, new GetPrivacy(new("ann")))).ShouldBe("q:get-privacy");
        _serializer.Manifest(new ConversationRequest(1, new GetTyping(new("room"), null, new HashSet<UserId>()))).ShouldBe("c:get-typing");
        _serializer.Manifest(new DirectoryChanged(1, new ContactsChanged([]))).ShouldBe("d:contacts-changed");
        _serializer.Manifest(new Actors.Users.Answer(1, Actors.Users.Done.Instance)).ShouldBe("a:done");
        _serializer.Identifier.ShouldBe(8085);
    }

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void It_comes_back_as_it_was(string name)
    {
        foreach (var sample in Samples(full: true).Concat(Samples(full: false)).Where(sample => sample.GetType().FullName == name))
        {
            var bytes = _serializer.ToBinary(sample);
            var read = _serializer.FromBinary(bytes, _serializer.Manifest(sample));

            read.GetType().ShouldBe(sample.GetType());
            Described(read).ShouldBe(Described(sample));
            _serializer.ToBinary(read).ShouldBe(bytes);
        }
    }

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void There_is_a_sample_of_it(string name)
    {
        Samples(full: true).ShouldContain(sample => sample.GetType().FullName == name);
    }

    [Fact]
    public void A_rule_that_switches_typing_off_and_denies_a_viewer_comes_back_so()
    {
        var fact = new PrivacyChosen(
            new()
            {
                TypingIndicatorsEnabled = false,
                Overrides = ImmutableDictionary<UserId, ViewerOverride>.Empty.Add(new("bob"), new(false, null, true)),
            },
            At
        );
        _serializer.FromBinary(_serializer.ToBinary(fact), _serializer.Manifest(fact)).ShouldBe(fact);
        var default_ = new PrivacyChosen(PrivacyRule.Default, At);
        _serializer.FromBinary(_serializer.ToBinary(default_), _serializer.Manifest(default_)).ShouldBe(default_);
    }

    [Theory]
    [InlineData("status-chosen", """{"set_status":3,"custom_status":"lunch","activity":"eating","at":"2026-01-02T03:04:05+00:00"}""")]
    [InlineData(
        "privacy-chosen",
        """{"rule":{"online_status_visibility":1,"last_seen_visibility":2,"typing_indicators_enabled":true,"blocked":["eve"],"overrides":{}},"at":"2026-01-02T03:04:05+00:00"}"""
    )]
    public void A_fact_journaled_by_the_first_version_can_be_read(string manifest, string json)
    {
        var fact = _serializer.FromBinary(System.Text.Encoding.UTF8.GetBytes(json), manifest);
        var profile = Profile.Empty.Apply((IProfileFact)fact);
        if (manifest == "status-chosen")
        {
            (profile.SetStatus, profile.CustomStatus, profile.Activity, profile.ChosenAt).ShouldBe(
                (OnlineStatus.Busy, "lunch", "eating", At)
            );
        }
        else
        {
            profile.Privacy.ShouldBe(
                new PrivacyRule
                {
                    OnlineStatusVisibility = Visibility.Contacts,
                    LastSeenVisibility = Visibility.Nobody,
                    Blocked = [new("eve")],
                }
            );
        }
    }

    [Theory]
    [InlineData("of-a-newer-node")]
    [InlineData("q:of-a-newer-node")]
    [InlineData("x:watch")]
    [InlineData("a:watch")]
    [InlineData("")]
    public void An_unknown_manifest_is_a_serialization_exception(string manifest)
    {
        Should.Throw<SerializationException>(() => _serializer.FromBinary(new byte[16], manifest));
    }

    [Theory]
    [InlineData("watch", "{")]
    [InlineData("watch", "null")]
    [InlineData("q:watch", "")]
    public void Bytes_that_are_no_such_message_are_a_serialization_exception(string manifest, string text)
    {
        Should.Throw<SerializationException>(() => _serializer.FromBinary(System.Text.Encoding.UTF8.GetBytes(text), manifest));
    }

    [Theory]
    [InlineData("done", 2, true)]
    [InlineData("done", 3, false)]
    [InlineData("done", int.MaxValue, false)]
    [InlineData("done", -1, false)]
    [InlineData("mail", 2, false)]
    public void A_letter_of_mail_is_read_only_if_it_is_there_and_no_mail_itself(string manifest, int length, bool isRead)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(1);
        writer.Write(2L);
        writer.Write(3L);
        writer.Write(1);
        writer.Write("akka://specs/deadLetters");
        writer.Write(manifest);
        writer.Write(length);
        writer.Write("{}"u8);
        var mail = bytes.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();

        if (isRead)
        {
            ((HubMail)_serializer.FromBinary(mail, "mail")).Letters.Single().Content.ShouldBe(Actors.Users.Done.Instance);
        }
        else
        {
            Should.Throw<SerializationException>(() => _serializer.FromBinary(mail, "mail"));
        }

        // 2 GiB are not set aside because somebody says so.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000_000);
    }

    [Fact]
    public void Mail_whose_text_has_a_length_below_0_is_a_serialization_exception()
    {
        byte[] mail = [.. new byte[20], 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F];

        Should.Throw<SerializationException>(() => _serializer.FromBinary(mail, "mail"));
    }

    [Fact]
    public void What_has_no_manifest_is_a_serialization_exception()
    {
        Should.Throw<SerializationException>(() => _serializer.ToBinary("a text"));
        Should.Throw<SerializationException>(() => _serializer.Manifest(new object()));
    }

    /// <summary>All that it holds, as a text: records compare their collections by reference.</summary>
    private static string Described(object? value) =>
        value switch
        {
            null => "null",
            IActorRef actor => actor.Path.ToString(),
            string text => $"'{text}'",
            bool or Enum or long or int or Guid or TimeSpan => value.ToString()!,
            DateTimeOffset time => time.ToString("O"),
            System.Collections.IEnumerable items =>
                $"[{string.Join(", ", items.Cast<object>().Select(Described).Order(StringComparer.Ordinal))}]",
            _ =>
                $"{value.GetType().Name}({string.Join(", ", value.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public).Select(property => $"{property.Name}: {Described(property.GetValue(value))}"))})",
        };

    private static DateTimeOffset At { get; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>One of each type, made by its constructor: with every value there, or with every one absent or the least.</summary>
    private static IEnumerable<object> Samples(bool full) => WireTypes.Select(type => Sample.Of(type, full));

    private static class Sample
    {
        public static IActorRef Entity { get; set; } = ActorRefs.Nobody;

        public static object Of(Type type, bool full)
        {
            if (Known(type, full) is { } known)
            {
                return known;
            }

            var constructor = type.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length).First();
            return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Argument(parameter, full))]);
        }

        private static object? Argument(ParameterInfo parameter, bool full)
        {
            var nullable = Nullable.GetUnderlyingType(parameter.ParameterType);
            var mayBeNull = nullable is not null || new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable;
            return mayBeNull && !full ? null : Of(nullable ?? parameter.ParameterType, full);
        }

        private static object? Known(Type type, bool full) =>
            type == typeof(UserId) ? new UserId("ann")
            : type == typeof(DeviceId) ? new DeviceId("phone")
            : type == typeof(Core.Conversations.ConversationId) ? new Core.Conversations.ConversationId("room")
            : type == typeof(ConnectionId) ? new ConnectionId(new Guid("00000000-0000-0000-0000-00000000000a"))
            : type == typeof(string) ? (full ? "text \u00e9\ud83d\ude00" : "")
            : type == typeof(EventId) ? new EventId("event")
            : type == typeof(ImmutableArray<PostedEvent>) ? ImmutableArray.Create(full ? [Posted] : Array.Empty<PostedEvent>())
            : type == typeof(bool) ? full
            : type == typeof(int) ? (full ? 7 : 0)
            : type == typeof(long) ? (full ? 1_700_000_000_000_001L : 0L)
            : type == typeof(TimeSpan) ? (full ? TimeSpan.FromMilliseconds(1_234) : TimeSpan.Zero)
            : type == typeof(DateTimeOffset) ? (full ? At.AddTicks(1_234_567) : DateTimeOffset.UnixEpoch)
            : type == typeof(PresenceRecord) ? Record(full)
            : type == typeof(PrivacyRule) ? Rule(full)
            : type == typeof(IUserMessage) ? new GetPrivacy(new("ann"))
            : type == typeof(IConversationMessage) ? new GetTyping(new("room"), null, new HashSet<UserId>())
            : type == typeof(IAnswer) ? new PresenceIs(Record(full))
            : type == typeof(IWireMessage) ? new ContactsChanged([new("bob")])
            : type == typeof(ImmutableArray<Letter>)
                ? ImmutableArray.Create(
                    full
                        ?
                        [
                            new Letter(Entity, new Watch(new("ann"), new(1, 2, 3, true), 4)),
                            new Letter(Entity, new Answer(7, Actors.Users.Done.Instance)),
                        ]
                        : Array.Empty<Letter>()
                )
            : type == typeof(IReadOnlyCollection<Core.Identity.Revocation>)
                ? (
                    full
                        ?
                        [
                            new(new("ann"), new("phone"), null, At, At.AddDays(1)),
                            new(null, null, "token-1", At.AddTicks(1_234_567), At.AddDays(1)),
                        ]
                        : Array.Empty<Core.Identity.Revocation>()
                )
            : type == typeof(IReadOnlySet<UserId>) ? (full ? new HashSet<UserId> { new("bob"), new("cyd") } : new HashSet<UserId>())
            : type == typeof(ImmutableHashSet<UserId>) ? (full ? [new UserId("bob"), new UserId("cyd")] : ImmutableHashSet<UserId>.Empty)
            : type == typeof(IReadOnlyCollection<UserId>) ? (full ? [new UserId("bob")] : Array.Empty<UserId>())
            : type == typeof(IReadOnlyCollection<Core.Conversations.ConversationId>)
                ? (full ? [new Core.Conversations.ConversationId("room")] : Array.Empty<Core.Conversations.ConversationId>())
            : type == typeof(ImmutableArray<KnownDevice>)
                ? ImmutableArray.Create(
                    full
                        ? [new KnownDevice(new("phone"), new("Phone", "phone", "mobile", "1"), DeviceStatus.Idle, At, At)]
                        : Array.Empty<KnownDevice>()
                )
            : type == typeof(ImmutableArray<TypistIs>)
                ? ImmutableArray.Create(full ? [new TypistIs(new("bob"), TimeSpan.FromSeconds(3))] : Array.Empty<TypistIs>())
            : type == typeof(IReadOnlyCollection<ConnectionId>)
                ? new[] { new ConnectionId(new Guid("00000000-0000-0000-0000-00000000000b")) }
            : type == typeof(ImmutableArray<byte>) ? ImmutableArray.Create<byte>(full ? [1, 2, 3] : [])
            : type == typeof(ImmutableArray<string>) ? ImmutableArray.Create(full ? ["because"] : Array.Empty<string>())
            : type == typeof(ImmutableDictionary<string, long>)
                ? (full ? ImmutableDictionary<string, long>.Empty.Add("lost", 3) : ImmutableDictionary<string, long>.Empty)
            : type.IsEnum ? Enum.GetValues(type).GetValue(full ? Enum.GetValues(type).Length - 1 : 0)
            : null;

        private static PostedEvent Posted { get; } =
            new(new("event"), "note", new("""{"text":"\u0041 \"é\"","n":1.50}"""), new("bob"), At, At.AddDays(1), Durable: true);

        private static PresenceRecord Record(bool full) =>
            full
                ? new(new("ann"))
                {
                    OnlineStatus = OnlineStatus.Busy,
                    CustomStatus = "\u201elunch\u201c",
                    Activity = "eating",
                    ExpiresAt = At.AddHours(1),
                    Platforms = PlatformStatuses.From([new("mobile", OnlineStatus.Away), new("web", OnlineStatus.Busy)]),
                    LastSeenAt = At,
                    UpdatedAt = At.AddTicks(1),
                    Version = 1_700_000_000_000_002L,
                    Certainty = Certainty.Grace,
                    Owner = new(OnlineStatus.Busy),
                }
                : PresenceRecord.Unknown(new("ann"));

        private static PrivacyRule Rule(bool full) =>
            full
                ? new()
                {
                    OnlineStatusVisibility = Visibility.Contacts,
                    LastSeenVisibility = Visibility.Nobody,
                    TypingIndicatorsEnabled = false,
                    Blocked = [new("eve")],
                    Overrides = ImmutableDictionary<UserId, ViewerOverride>.Empty.Add(new("bob"), new(true, false, null)),
                }
                : new();
    }
}
