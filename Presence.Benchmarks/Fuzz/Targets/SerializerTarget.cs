using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Presence.Actors.Serialization;

namespace Presence.Benchmarks.Fuzz.Targets;

/// <summary>What another node sends: the manifest, a line feed, and the bytes under it.</summary>
internal static class SerializerTarget
{
    private static readonly Lazy<PresenceSerializer> Serializer = new(() =>
        new PresenceSerializer((ExtendedActorSystem)ActorSystem.Create("fuzz", "akka.loglevel = OFF\nakka.stdout-loglevel = OFF"))
    );

    private static readonly string[] Contents =
    [
        "{}",
        """{"user_id":"a"}""",
        """{"user_id":"a","conversation_id":"c","viewer":"b","device_id":"d","message":"m","at":"2030-01-01T00:00:00Z","version":1}""",
    ];

    /// <summary>One for each manifest and kind of content, an envelope of each kind, and mail.</summary>
    public static IEnumerable<string> Seeds =>
        PresenceSerializer
            .Manifests.SelectMany(manifest => Contents.Select(content => $"{manifest}\n{content}"))
            .Concat(
                PresenceSerializer.Manifests.SelectMany(manifest =>
                    new[] { $"q:{manifest}\n\0\0\0\0\0\0\0\u0001{{}}", $"a:{manifest}\n\0\0\0\0\0\0\0\u0001{{}}" }
                )
            )
            .Append("mail\n\u0001\0\0\0\u0001\0\0\0\0\0\0\0\u0001\0\0\0\0\0\0\0\u0001\0\0\0\u000dakka://fuzz/a\u0004done\u0002\0\0\0{}");

    /// <summary>Reads it; what can't be read is a <see cref="SerializationException"/> and nothing else, which the sender's node logs and drops.</summary>
    public static void Run(byte[] input)
    {
        var end = Array.IndexOf(input, (byte)'\n');
        if (end < 0)
        {
            return;
        }

        try
        {
            Serializer.Value.FromBinary(input[(end + 1)..], Encoding.Latin1.GetString(input, 0, end));
        }
        catch (SerializationException)
        {
            // As it should be.
        }
    }
}
