using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Serialization;
using Presence.Actors.Conversations;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Users;

namespace Presence.Actors.Serialization;

/// <summary>Writes what crosses nodes, and what is journaled: JSON under a short manifest that never changes, whatever the type is renamed to.</summary>
/// <remarks>
/// Mail to a hub has the four numbers of <see cref="HubMail"/> and then, for each letter, the sender's path, the manifest and the content of its message, each with its length before it.
/// Behind the letters stands how much of the other line has come; an earlier build writes nothing there, and does not read it.
/// A part of a letter has its three numbers, the manifest of the whole letter, and bytes of it.
/// An envelope (a request, an answer, news of a directory) has the manifest of its content behind a prefix, <c>q:</c> or <c>a:</c>, and eight bytes of its number, big-endian, before the content.
/// A manifest that is not in the table is a <see cref="SerializationException"/>: the message came from a newer node.
/// </remarks>
public sealed class PresenceSerializer : SerializerWithStringManifest
{
    private const string RequestPrefix = "q:";
    private const string ConversationRequestPrefix = "c:";
    private const string AnswerPrefix = "a:";
    private const string DirectoryPrefix = "d:";
    private const string MailManifest = "mail";
    private const string PartManifest = "part";

    private static readonly FrozenDictionary<string, JsonTypeInfo> ByManifest = new Dictionary<string, JsonTypeInfo>(StringComparer.Ordinal)
    {
        // Journaled: these are for ever.
        ["status-chosen"] = WireJson.Default.StatusChosen,
        ["privacy-chosen"] = WireJson.Default.PrivacyChosen,
        // Between nodes.
        ["refused"] = WireJson.Default.Refused,
        ["done"] = WireJson.Default.Done,
        ["get-presence"] = WireJson.Default.GetPresence,
        ["presence"] = WireJson.Default.PresenceIs,
        ["update"] = WireJson.Default.UpdatePresence,
        ["updated"] = WireJson.Default.PresenceUpdated,
        ["heartbeat"] = WireJson.Default.HeartbeatByHttp,
        ["type"] = WireJson.Default.TypeMessage,
        ["typing-accepted"] = WireJson.Default.TypingAccepted,
        ["get-typing-seen-by"] = WireJson.Default.GetTypingSeenBy,
        ["get-privacy"] = WireJson.Default.GetPrivacy,
        ["set-privacy"] = WireJson.Default.SetPrivacy,
        ["privacy"] = WireJson.Default.PrivacyIs,
        ["get-devices"] = WireJson.Default.GetDevices,
        ["devices"] = WireJson.Default.DevicesAre,
        ["remove-device"] = WireJson.Default.RemoveDevice,
        ["disconnect"] = WireJson.Default.DisconnectUser,
        ["explain"] = WireJson.Default.Explain,
        ["explanation"] = WireJson.Default.Explanation,
        ["attach"] = WireJson.Default.AttachDevice,
        ["attached"] = WireJson.Default.DeviceAttached,
        ["attach-refused"] = WireJson.Default.AttachRefused,
        ["detach"] = WireJson.Default.DetachDevice,
        ["detached"] = WireJson.Default.DeviceDetached,
        ["heard"] = WireJson.Default.DeviceHeard,
        ["watch"] = WireJson.Default.Watch,
        ["watch-refused"] = WireJson.Default.WatchRefused,
        ["unwatch"] = WireJson.Default.Unwatch,
        ["changed"] = WireJson.Default.PresenceChanged,
        ["own-changed"] = WireJson.Default.OwnPresenceChanged,
        ["contacts"] = WireJson.Default.ContactsAre,
        ["end-connection"] = WireJson.Default.EndConnection,
        ["stop-user"] = WireJson.Default.StopUser,
        ["event-posted"] = WireJson.Default.EventPosted,
        ["events"] = WireJson.Default.EventsFor,
        ["events-taken"] = WireJson.Default.EventsTaken,
        ["acknowledge-event"] = WireJson.Default.AcknowledgeEvent,
        ["set-typing"] = WireJson.Default.SetTyping,
        ["end-typing"] = WireJson.Default.EndTyping,
        ["get-typing"] = WireJson.Default.GetTyping,
        ["typing"] = WireJson.Default.TypingIs,
        ["entity-begun"] = WireJson.Default.EntityBegun,
        ["typing-changed"] = WireJson.Default.TypingChanged,
        ["participants"] = WireJson.Default.ParticipantsAre,
        ["participants-here"] = WireJson.Default.ParticipantsHere,
        ["stop-conversation"] = WireJson.Default.StopConversation,
        ["contacts-changed"] = WireJson.Default.ContactsChanged,
        ["participants-changed"] = WireJson.Default.ParticipantsChanged,
        ["am-i-member"] = WireJson.Default.AmIMember,
        ["vouch"] = WireJson.Default.Vouch,
        ["tokens-revoked"] = WireJson.Default.TokensRevoked,
        ["get-stats"] = WireJson.Default.GetStats,
        ["stats"] = WireJson.Default.NodeStats,
        ["erase"] = WireJson.Default.EraseUser,
        ["forget-user"] = WireJson.Default.ForgetUser,
        ["erased"] = WireJson.Default.UserErased,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<System.Type, string> ManifestByType = ByManifest.ToFrozenDictionary(
        entry => entry.Value.Type,
        entry => entry.Key
    );

    /// <summary>Made by Akka.</summary>
    public PresenceSerializer(ExtendedActorSystem system)
        : base(system) { }

    /// <summary>In every stored and sent message; never changed.</summary>
    public override int Identifier => 8085;

    /// <summary>The types that have a manifest, envelopes aside.</summary>
    public static IEnumerable<System.Type> Types => ManifestByType.Keys;

    /// <summary>The manifests, envelopes and mail aside.</summary>
    internal static IEnumerable<string> Manifests => ByManifest.Keys;

    /// <inheritdoc/>
    public override string Manifest(object o) => ManifestOfAny(o);

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => obj is HubMail mail ? WriteMail(mail) : WriteAny(obj);

    /// <summary>A message as it travels inside a mail, which needs no actor system.</summary>
    internal static (string Manifest, byte[] Bytes) Written(IWireMessage message) => (ManifestOfAny(message), WriteAny(message));

    private static string ManifestOfAny(object o) =>
        o switch
        {
            Request request => RequestPrefix + ManifestOf(request.Message),
            ConversationRequest request => ConversationRequestPrefix + ManifestOf(request.Message),
            Answer answer => AnswerPrefix + ManifestOf(answer.Content),
            DirectoryChanged changed => DirectoryPrefix + ManifestOf(changed.Change),
            HubMail => MailManifest,
            LetterPart => PartManifest,
            _ => ManifestOf(o),
        };

    private static byte[] WriteAny(object obj) =>
        obj switch
        {
            Request request => Enveloped(request.Number, request.Message),
            ConversationRequest request => Enveloped(request.Number, request.Message),
            Answer answer => Enveloped(answer.Number, answer.Content),
            DirectoryChanged changed => Enveloped(changed.Number, changed.Change),
            LetterPart part => WritePart(part),
            _ => Write(obj),
        };

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        if (manifest == MailManifest)
        {
            return ReadMail(bytes);
        }

        if (manifest == PartManifest)
        {
            return ReadPart(bytes);
        }

        if (manifest.Length < 2 || manifest[1] != ':')
        {
            return Read(bytes, manifest);
        }

        if (bytes.Length < sizeof(long))
        {
            throw new SerializationException($"'{manifest}' without its number");
        }

        var number = BinaryPrimitives.ReadInt64BigEndian(bytes);
        var content = Read(bytes.AsSpan(sizeof(long)), manifest[2..]);
        return (manifest[..2], content) switch
        {
            (RequestPrefix, IUserMessage message) => new Request(number, message),
            (ConversationRequestPrefix, IConversationMessage message) => new ConversationRequest(number, message),
            (AnswerPrefix, IAnswer answer) => new Answer(number, answer),
            (DirectoryPrefix, IWireMessage change) => new DirectoryChanged(number, change),
            _ => throw new SerializationException($"no message is written as '{manifest}'"),
        };
    }

    /// <summary>A fact of the journal, as it was written under that manifest; null where this version can't read it.</summary>
    public static IProfileFact? ReadFact(string manifest, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Read(bytes, manifest) as IProfileFact;
        }
        catch (SerializationException)
        {
            return null;
        }
    }

    private static string ManifestOf(object o) =>
        ManifestByType.TryGetValue(o.GetType(), out var manifest)
            ? manifest
            : throw new SerializationException($"{o.GetType()} has no manifest");

    private static byte[] Write(object o) => JsonSerializer.SerializeToUtf8Bytes(o, ByManifest[ManifestOf(o)]);

    private static byte[] Enveloped(long number, object content)
    {
        var body = Write(content);
        var bytes = new byte[sizeof(long) + body.Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        body.CopyTo(bytes, sizeof(long));
        return bytes;
    }

    private byte[] WriteMail(HubMail mail)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(mail.Life);
        writer.Write(mail.Number);
        writer.Write(mail.SentAt);
        writer.Write(mail.Letters.Length);
        foreach (var letter in mail.Letters)
        {
            var (manifest, content) = letter.Written ?? Written(letter.Content);
            writer.Write(Akka.Serialization.Serialization.SerializedActorPath(letter.From));
            writer.Write(manifest);
            writer.Write(content.Length);
            writer.Write(content);
        }

        if (mail.Received is { } received)
        {
            writer.Write(received);
        }

        return bytes.ToArray();
    }

    private static byte[] WritePart(LetterPart part)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(part.Letter);
        writer.Write(part.Number);
        writer.Write(part.Of);
        writer.Write(part.Manifest);
        writer.Write(part.Bytes.AsSpan());
        return bytes.ToArray();
    }

    private static LetterPart ReadPart(byte[] bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes));
            var (letter, number, of, manifest) = (reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadString());
            return new(letter, number, of, manifest, [.. bytes.AsSpan((int)reader.BaseStream.Position)]);
        }
        catch (Exception cause) when (cause is IOException or FormatException or ArgumentException)
        {
            throw new SerializationException("a part of a letter could not be read", cause);
        }
    }

    private HubMail ReadMail(byte[] bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes));
            var (life, number, sentAt) = (reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt64());
            var letters = ImmutableArray.CreateBuilder<Letter>();
            for (var left = reader.ReadInt32(); left > 0; left--)
            {
                var from = system.Provider.ResolveActorRef(reader.ReadString());
                letters.Add(new(from, ReadLetter(reader)));
            }

            var rest = reader.BaseStream.Length - reader.BaseStream.Position;
            return new(life, number, sentAt, letters.ToImmutable())
            {
                Received = rest >= sizeof(long) ? reader.ReadInt64() : null,
                Bytes = bytes.Length,
            };
        }
        catch (Exception cause) when (cause is IOException or InvalidCastException or FormatException or ArgumentException)
        {
            throw new SerializationException("mail to a hub could not be read", cause);
        }
    }

    /// <summary>What a letter says of itself is not believed: of its length no more is read than there is, and no mail inside mail, whose depth would be the stack's.</summary>
    private IWireMessage ReadLetter(BinaryReader reader)
    {
        var manifest = reader.ReadString();
        var length = reader.ReadInt32();
        var left = reader.BaseStream.Length - reader.BaseStream.Position;
        return manifest != MailManifest && length <= left
            ? (IWireMessage)FromBinary(reader.ReadBytes(length), manifest)
            : throw new SerializationException($"a letter of mail to a hub, '{manifest}' of {length} bytes, could not be read");
    }

    private static object Read(ReadOnlySpan<byte> bytes, string manifest)
    {
        if (!ByManifest.TryGetValue(manifest, out var type))
        {
            throw new SerializationException($"no message is written as '{manifest}'");
        }

        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw new SerializationException($"'{manifest}' is null");
        }
        catch (JsonException cause)
        {
            throw new SerializationException($"'{manifest}' could not be read", cause);
        }
    }
}
