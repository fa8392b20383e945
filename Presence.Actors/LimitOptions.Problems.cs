using System.Reflection;

namespace Presence.Actors;

/// <content>What may not be written.</content>
public sealed partial record LimitOptions
{
    /// <summary>The most that <see cref="EventBytes"/> may be.</summary>
    private const int MaxEventBytes = 64 * 1024;

    /// <summary>The most that <see cref="Events"/> may be: a client that connects is given twice as many at once, and must have room for what else waits for its first snapshot.</summary>
    private const int MaxEvents = 250;

    /// <summary>The most that <see cref="Contacts"/> and <see cref="Participants"/> may be: so many of the longest ids are 2.6 MB, and one message between nodes of 4 MiB carries them whole.</summary>
    private const int MaxListed = 20_000;

    /// <summary>The most that <see cref="HeaderBytes"/> may be: what the web server reads ahead.</summary>
    private const int MaxHeaderBytes = 1024 * 1024;

    /// <summary>The most that <see cref="MessageBytes"/> may be: far above all that a client has to say, and a buffer of it must fit into memory.</summary>
    private const int MaxMessageBytes = 16 * 1024 * 1024;

    /// <summary>The most that <see cref="PrivacyRuleBytes"/> may be: a rule travels with each change of its user, and a message between nodes has at most 4 MiB.</summary>
    private const int MaxPrivacyRuleBytes = 1024 * 1024;

    /// <summary>The options themselves; what is computed of them can't be written.</summary>
    public static IReadOnlyList<PropertyInfo> All { get; } =
    [.. typeof(LimitOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(option => option.CanWrite)];

    internal IEnumerable<string> Problems()
    {
        foreach (var option in All)
        {
            switch (option.GetValue(this))
            {
                case int and <= 0:
                    yield return $"Presence:Limits:{option.Name} is {option.GetValue(this)}: write a number above 0";
                    break;
                case TimeSpan time when time <= TimeSpan.Zero || time > TimeSpan.FromHours(1):
                    yield return $"Presence:Limits:{option.Name} is {time:c}: write a time above 0, up to 01:00:00, such as 00:00:15";
                    break;
            }
        }

        foreach (var (name, value, most) in AtMost())
        {
            if (value > most)
            {
                yield return $"Presence:Limits:{name} is {value}: write a number from 1 to {most}";
            }
        }

        if (KnownDevices < Devices)
        {
            yield return $"Presence:Limits:KnownDevices is {KnownDevices}, and who is connected is known: write at least Presence:Limits:Devices, {Devices}";
        }

        if (ConnectionsPerNode < SocketsPerNode)
        {
            yield return $"Presence:Limits:ConnectionsPerNode is {ConnectionsPerNode}, and sockets are connections: write at least Presence:Limits:SocketsPerNode, {SocketsPerNode}, and a fifth more";
        }
    }

    private IEnumerable<(string Name, int Value, int Most)> AtMost() =>
        [
            (nameof(MessageBytes), MessageBytes, MaxMessageBytes),
            (nameof(Contacts), Contacts, MaxListed),
            (nameof(Participants), Participants, MaxListed),
            (nameof(Events), Events, MaxEvents),
            (nameof(EventBytes), EventBytes, MaxEventBytes),
            (nameof(PrivacyRuleBytes), PrivacyRuleBytes, MaxPrivacyRuleBytes),
            (nameof(HeaderBytes), HeaderBytes, MaxHeaderBytes),
        ];
}
